"""Add a student to a class, move one to another class, and rename one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from neuroplay.core.entities.actor import OPERATOR, Actor
from neuroplay.core.entities.language import LANGUAGES
from neuroplay.core.entities.student import SchoolClass, Student
from neuroplay.core.errors import Refused
from neuroplay.core.interfaces.services import Clock, Secrets
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.rules.nickname_text import (
    NICKNAME_FAULTS,
    nickname_fault,
    nickname_key,
    plain_name,
)
from neuroplay.core.rules.nicknames import AVATARS, avatar_named, nicknames
from neuroplay.core.rules.roster import LARGEST_CLASS
from neuroplay.core.use_cases.cards import CreatedClass, card_of
from neuroplay.core.use_cases.find_people import check_open
from neuroplay.core.use_cases.reach import class_number, hold_class, hold_student, hold_students


class AddStudent:
    """Adds a student to a class, as one who came in the middle of the year."""

    def __init__(
        self,
        *,
        uow: UnitOfWorkFactory,
        clock: Clock,
        secrets: Secrets,
        random: Random | None = None,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._secrets = secrets
        self._random = random

    def execute(
        self,
        class_ref: str,
        nickname: str | None,
        *,
        avatar: str | None = None,
        language: str = "pt-BR",
        by: Actor = OPERATOR,
    ) -> CreatedClass:
        """The class with the new student's card alone. Without a nickname, one is made in
        `language`; without an avatar, the next in turn is taken.

        Raises NotFound, and Refused with `ambiguous_class`, `bad_nickname`, `nickname_taken`,
        `bad_avatar`, `bad_language`, `class_full` or `class_archived`.
        """
        if language not in LANGUAGES:
            raise Refused(f"unknown language {language!r}", code="bad_language")
        chosen = None if avatar is None else _checked_avatar(avatar)
        name = None if nickname is None else _checked_nickname(nickname)
        with self._uow() as uow:
            school_class = hold_class(uow, by, class_ref, acting=True)
            others = uow.students.by_class(school_class.class_id)
            _check_room(school_class, others)
            turn = AVATARS[len(others) % len(AVATARS)]
            if name is None:
                name, turn = self._free_nickname(language, others)
            _check_free(name, school_class, others)
            student = uow.students.add(school_class.class_id, name, chosen or turn)
            uow.audit.add(
                who=by.who,
                what="student added",
                target=f"student {student.student_id}",
                details={"class": school_class.class_id},
                now=self._clock(),
            )
            uow.commit()
        card = card_of(student, self._secrets)
        return CreatedClass(school_class=school_class, students=(card,))

    def _free_nickname(self, language: str, others: Sequence[Student]) -> tuple[str, str]:
        taken = [one.nickname for one in others]
        return next(nicknames(language, taken=taken, random=self._random))


class MoveStudent:
    """Moves a student to another class, with everything that was played.

    Tablets stay signed in. The card changes, since it has the code of the class.
    """

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(
        self, student_id: int, to_class_ref: str, *, by: Actor = OPERATOR
    ) -> tuple[Student, SchoolClass]:
        """The student as moved, and the new class. To move one to where he is does nothing.

        Raises NotFound, and Refused with `ambiguous_class`, `nickname_taken`, `class_full`,
        `class_archived` or `student_moved`, if somebody else moves the student at the same time.
        """
        with self._uow() as uow:
            wanted = class_number(uow, by, to_class_ref, acting=True)
            held = hold_students(uow, by, [student_id], also=[wanted])
            student, to_class = held.students[student_id], held.classes[wanted]
            if student.class_id == wanted:
                return student, to_class
            others = uow.students.by_class(wanted)
            _check_room(to_class, others)
            _check_free(student.nickname, to_class, others)
            uow.students.move(student_id, wanted)
            uow.audit.add(
                who=by.who,
                what="student moved",
                target=f"student {student_id}",
                details={"from": student.class_id, "to": wanted},
                now=self._clock(),
            )
            uow.commit()
        return replace(student, class_id=wanted), to_class


class RenameStudent:
    """Gives a student another nickname or avatar. The card stays valid."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(
        self,
        student_id: int,
        *,
        nickname: str | None = None,
        avatar: str | None = None,
        by: Actor = OPERATOR,
    ) -> tuple[Student, SchoolClass]:
        """The student as renamed, and the class. Raises NotFound, and Refused with `bad_nickname`,
        `nickname_taken`, `bad_avatar` or `student_moved`."""
        name = None if nickname is None else _checked_nickname(nickname)
        chosen = None if avatar is None else _checked_avatar(avatar)
        with self._uow() as uow:
            known, school_class = hold_student(uow, by, student_id)
            student = replace(known, nickname=name or known.nickname, avatar=chosen or known.avatar)
            if student == known:
                return known, school_class
            classmates = uow.students.by_class(known.class_id)
            others = [one for one in classmates if one.student_id != student_id]
            _check_free(student.nickname, school_class, others)
            uow.students.rename(student_id, student.nickname, student.avatar)
            uow.audit.add(
                who=by.who,
                what="student renamed",
                target=f"student {student_id}",
                # No name: the audit outlives the student.
                details={
                    "nickname": student.nickname != known.nickname,
                    "avatar": student.avatar != known.avatar,
                },
                now=self._clock(),
            )
            uow.commit()
        return student, school_class


def _checked_nickname(text: str) -> str:
    name = plain_name(text)
    if fault := nickname_fault(name):
        raise Refused(f"{NICKNAME_FAULTS[fault]}: {name[:40]!r}", code="bad_nickname")
    return name


def _checked_avatar(word: str) -> str:
    avatar = avatar_named(word)
    if avatar is None:
        raise Refused(
            f"unknown avatar {word[:24]!r}",
            code="bad_avatar",
            hint=f"Choose one of {', '.join(AVATARS)}",
        )
    return avatar


def _check_room(school_class: SchoolClass, others: Sequence[Student]) -> None:
    check_open(school_class)
    if len(others) >= LARGEST_CLASS:
        raise Refused(
            f"class {school_class.name} has {LARGEST_CLASS} students, which is the most",
            code="class_full",
        )


def _check_free(nickname: str, school_class: SchoolClass, others: Sequence[Student]) -> None:
    """Children of a class are told apart by their nicknames."""
    key = nickname_key(nickname)
    twin = next((one for one in others if nickname_key(one.nickname) == key), None)
    if twin is not None:
        raise Refused(
            f"student {twin.student_id} of class {school_class.name} is called "
            f"{twin.nickname!r} too",
            code="nickname_taken",
            hint="Choose another nickname, such as with an initial",
        )
