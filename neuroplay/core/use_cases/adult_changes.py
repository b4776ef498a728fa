"""What an adult changes in own classes, through the use cases that the command line has too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from neuroplay.core.entities.adult import AdultPrincipal
from neuroplay.core.entities.student import SchoolClass, Student
from neuroplay.core.errors import Refused
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.unit_of_work import ReadingFactory
from neuroplay.core.rules.nickname_text import plain_name
from neuroplay.core.use_cases.adult_reach import open_own_class, own_class, own_student
from neuroplay.core.use_cases.archive_class import ArchiveClass
from neuroplay.core.use_cases.cards import CreatedClass
from neuroplay.core.use_cases.class_life import (
    RenameClass,
    SetDayMinutes,
    SetLeaderboard,
    SetRetention,
)
from neuroplay.core.use_cases.manage_students import EraseStudent
from neuroplay.core.use_cases.merge_students import MergeStudents
from neuroplay.core.use_cases.student_life import AddStudent, MoveStudent, RenameStudent

OF_RETENTION = ("trace_days", "raw_days", "keep_months")


class ChangeClass:
    """Changes the settings of an adult's class."""

    def __init__(
        self,
        *,
        uow: ReadingFactory,
        rename_class: RenameClass,
        set_leaderboard: SetLeaderboard,
        set_day_minutes: SetDayMinutes,
        set_retention: SetRetention,
        archive_class: ArchiveClass,
    ) -> None:
        self._uow = uow
        self._rename = rename_class
        self._set_leaderboard = set_leaderboard
        self._set_day_minutes = set_day_minutes
        self._set_retention = set_retention
        self._archive = archive_class

    def execute(
        self, adult: AdultPrincipal, class_id: int, changes: Mapping[str, Any]
    ) -> SchoolClass:
        """`changes` are fields of SchoolClass: name, leaderboard_enabled, day_minutes, and those of
        its retention. They are made one after the other; one that is refused is the last.

        Raises NotFound, and Refused with `bad_class_name`, `bad_day_minutes` or `bad_retention`.
        """
        with self._uow() as uow:
            changed = own_class(uow, adult, class_id)
        ref, who = f"id:{class_id}", adult.who
        if "name" in changes:
            changed = self._rename.execute(ref, changes["name"], who=who)
        if "leaderboard_enabled" in changes:
            changed = self._set_leaderboard.execute(ref, changes["leaderboard_enabled"], who=who)
        if "day_minutes" in changes:
            changed = self._set_day_minutes.execute(ref, changes["day_minutes"], who=who)
        kept = {name: changes[name] for name in OF_RETENTION if name in changes}
        if kept:
            changed = self._set_retention.execute(ref, kept, who=who)
        return changed

    def archive(self, adult: AdultPrincipal, class_id: int, archived: bool) -> SchoolClass:
        """Archive the class, or bring it back. Raises NotFound."""
        with self._uow() as uow:
            own_class(uow, adult, class_id)
        return self._archive.execute(f"id:{class_id}", archived, who=adult.who)


class ChangeStudents:
    """Adds, renames, moves and merges children of an adult's classes."""

    def __init__(
        self,
        *,
        uow: ReadingFactory,
        add_student: AddStudent,
        rename_student: RenameStudent,
        move_student: MoveStudent,
        merge_students: MergeStudents,
    ) -> None:
        self._uow = uow
        self._add = add_student
        self._rename = rename_student
        self._move = move_student
        self._merge = merge_students

    def add(
        self,
        adult: AdultPrincipal,
        class_id: int,
        *,
        nickname: str | None,
        avatar: str | None,
        language: str,
    ) -> CreatedClass:
        """The class with the new child's card alone. Raises NotFound, and Refused as AddStudent."""
        with self._uow() as uow:
            school_class = open_own_class(uow, adult, class_id)
        card = self._add.execute(
            f"id:{class_id}", nickname, avatar=avatar, language=language, who=adult.who
        )
        return CreatedClass(school_class=school_class, students=(card,))

    def rename(
        self, adult: AdultPrincipal, student_id: int, *, nickname: str | None, avatar: str | None
    ) -> tuple[Student, SchoolClass]:
        """The child as renamed, and the class. Raises NotFound, and Refused as RenameStudent."""
        with self._uow() as uow:
            _, school_class = own_student(uow, adult, student_id)
        student = self._rename.execute(student_id, nickname=nickname, avatar=avatar, who=adult.who)
        return student, school_class

    def move(
        self, adult: AdultPrincipal, student_id: int, to_class_id: int
    ) -> tuple[Student, SchoolClass]:
        """The child and its new class. Both classes must be the adult's own. Raises NotFound, and
        Refused as MoveStudent."""
        with self._uow() as uow:
            own_student(uow, adult, student_id)
            school_class = open_own_class(uow, adult, to_class_id)
        student = self._move.execute(student_id, f"id:{to_class_id}", who=adult.who)
        return student, school_class

    def merge(
        self, adult: AdultPrincipal, student_id: int, into: int
    ) -> tuple[Student, SchoolClass]:
        """The child that is left of two that are one, and the class. Both must be in the adult's
        classes. Raises NotFound, and Refused as MergeStudents."""
        with self._uow() as uow:
            own_student(uow, adult, student_id)
            _, school_class = own_student(uow, adult, into)
        done = self._merge.execute(student_id, into=into, who=adult.who)
        return done.student, school_class


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasureReceipt:
    """What an adult can show to a family: who was erased, when, and how many rows by table."""

    erased_at: datetime
    student_id: int
    rows: Mapping[str, int]


class EraseOwnStudent:
    """Erases a child of an adult's classes everywhere, permanently."""

    def __init__(self, *, uow: ReadingFactory, erase_student: EraseStudent, clock: Clock) -> None:
        self._uow = uow
        self._erase = erase_student
        self._clock = clock

    def execute(self, adult: AdultPrincipal, student_id: int, *, nickname: str) -> ErasureReceipt:
        """`nickname` is the child's, typed again. Raises NotFound,
        Refused(code="wrong_nickname")."""
        with self._uow() as uow:
            student, _ = own_student(uow, adult, student_id)
        if plain_name(nickname) != student.nickname:
            raise Refused("this is not the nickname of this child", code="wrong_nickname")
        rows = self._erase.execute(student_id, who=adult.who)
        return ErasureReceipt(erased_at=self._clock(), student_id=student_id, rows=rows)
