"""Export counted rounds, for other systems of a school."""

from __future__ import annotations

from collections.abc import Iterator

from neuroplay.core.entities.actor import OPERATOR
from neuroplay.core.entities.figures import CountedRound, RoundFilter
from neuroplay.core.interfaces.unit_of_work import ReadingFactory
from neuroplay.core.use_cases.reach import see_student

TOGETHER = 40
"""Students whose rounds are read at once."""


class ExportRounds:
    """Reads counted rounds, some students at a time."""

    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def execute(
        self,
        which: RoundFilter,
        *,
        class_id: int | None = None,
        student_id: int | None = None,
    ) -> Iterator[list[CountedRound]]:
        """The rounds of a student, of a class, or of all, in order of student and end. Students
        whose play is made up are left out: nobody learned anything in it."""
        with self._uow() as uow:
            if student_id is not None:
                asked = [see_student(uow, OPERATOR, student_id)]
            else:
                classes = [one.class_id for one, _ in uow.classes.all()]
                asked = [
                    student
                    for one in classes
                    if class_id in (None, one)
                    for student in uow.students.by_class(one)
                ]
        students = sorted(one.student_id for one in asked if not one.has_made_up_play)
        for start in range(0, len(students), TOGETHER):
            with self._uow() as uow:
                yield uow.figures.counted(students[start : start + TOGETHER], which)
