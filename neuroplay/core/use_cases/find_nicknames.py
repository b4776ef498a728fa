"""Find students by a part of their nickname."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from neuroplay.core.entities.student import NamedStudent, SchoolClass
from neuroplay.core.errors import Refused
from neuroplay.core.interfaces.unit_of_work import ReadingFactory
from neuroplay.core.rules.nickname_text import searched

MOST_FOUND = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundStudent:
    """`last_heard` is the newest contact of any of the student's devices, `unsent` the number of
    sessions that these held then."""

    student: NamedStudent
    school_class: SchoolClass
    last_heard: datetime | None
    unsent: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundStudents:
    """`more` is the number of further students, who are not listed."""

    students: Sequence[FoundStudent]
    more: int


class FindNicknames:
    """Finds students by a part of their nickname, in all classes, whatever its case and accents."""

    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def execute(self, word: str) -> FoundStudents:
        """The first MOST_FOUND, those of archived classes last. Raises Refused(code="bad_word") if
        the word has no letter or digit."""
        wanted = searched(word)
        if not wanted:
            raise Refused("type a part of a nickname", code="bad_word")
        with self._uow() as uow:
            classes = {one.class_id: one for one, _ in uow.classes.all()}
            found = [one for one in uow.students.nicknames() if wanted in searched(one.nickname)]
            found.sort(
                key=lambda one: (
                    classes[one.class_id].is_archived,
                    searched(one.nickname),
                    one.student_id,
                )
            )
            shown = []
            for one in found[:MOST_FOUND]:
                devices = uow.devices.of_student(one.student_id)
                shown.append(
                    FoundStudent(
                        student=one,
                        school_class=classes[one.class_id],
                        last_heard=max((each.last_contact for each in devices), default=None),
                        unsent=sum(each.pending for each in devices),
                    )
                )
        return FoundStudents(students=shown, more=len(found) - len(shown))
