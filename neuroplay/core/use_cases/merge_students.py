"""Make one student of two that are the same child."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from neuroplay.core.entities.actor import OPERATOR, Actor
from neuroplay.core.entities.student import SchoolClass, Student
from neuroplay.core.errors import Refused
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.use_cases.find_people import check_open
from neuroplay.core.use_cases.reach import hold_students
from neuroplay.core.use_cases.recompute import progress_of


@dataclass(frozen=True, kw_only=True, slots=True)
class MergeReport:
    """`student` is the one that is left, in `school_class`; `merged` and `before` are both as they
    were. `moved` is the number of moved rows by table."""

    student: Student
    school_class: SchoolClass
    merged: Student
    before: Student
    moved: Mapping[str, int]


class MergeStudents:
    """Gives everything of one student to another, and counts it again.

    The progress is afterwards that of all sessions together. Tablets of the merged student stay
    signed in and go on sending; the card of the other one is the child's card from now on. It
    cannot be undone.
    """

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, student_id: int, *, into: int, by: Actor = OPERATOR) -> MergeReport:
        """Raises NotFound, and Refused with `same_student`, `class_archived` if the class of `into`
        has ended, or `student_moved`."""
        now = self._clock()
        with self._uow() as uow:
            held = hold_students(uow, by, [student_id, into])
            if student_id == into:
                raise Refused("both ids are the same student's", code="same_student")
            merged, (before, school_class) = held.students[student_id], held.one(into)
            check_open(school_class)
            moved = uow.students.absorb(student_id, into, now=now)
            student = uow.students.get(into) or before
            counted = progress_of(
                student, uow.sessions.of_student(into), uow.sessions.opening_balance(into)
            )
            student = replace(student, progress=counted)
            uow.students.restate(student)
            uow.audit.add(
                who=by.who,
                what="students merged",
                target=f"student {into}",
                details={"merged": student_id, "rows": sum(moved.values())},
                now=now,
            )
            uow.commit()
        return MergeReport(
            student=student, school_class=school_class, merged=merged, before=before, moved=moved
        )
