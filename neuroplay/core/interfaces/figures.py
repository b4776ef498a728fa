"""The repository of what adults read. The fake and the PostgreSQL adapter both pass
tests/contract/test_figures.py."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from neuroplay.core.entities.figures import (
    ClassDevice,
    ClassFigures,
    CountedRound,
    GameFigures,
    PlayedDay,
    PlayedRound,
    RoundFilter,
    StudentFigures,
)


class FiguresReading(Protocol):
    """Sums over what was played, by the rules of entities.figures. The number of statements of each
    does not depend on the number of classes, students or sessions."""

    def stamp(self, class_ids: Collection[int], *, now: datetime) -> str:
        """A text that is another one when the classes, their students, the students' devices or
        unfinished sessions, or what was counted for a student has changed, and every STAMPED_S
        seconds. So whoever has figures of the same stamp need not read them again."""

    def of_classes(self, class_ids: Sequence[int], *, now: datetime) -> list[ClassFigures]:
        """One for each id, in order; without students all figures are 0."""

    def of_students(self, class_id: int, *, now: datetime) -> list[StudentFigures]:
        """One for each student of the class, in order of id."""

    def of_student(self, student_id: int, *, now: datetime) -> StudentFigures | None: ...
    def games(self, class_id: int, *, now: datetime) -> list[GameFigures]:
        """Of the games that somebody in the class played this week."""

    def days(self, student_id: int, *, since: datetime) -> list[PlayedDay]:
        """The days with rounds that ended from `since` on, oldest first."""

    def rounds(self, student_id: int, *, each: int) -> list[PlayedRound]:
        """The newest `each` rounds of each game, oldest first."""

    def counted(self, student_ids: Sequence[int], which: RoundFilter) -> list[CountedRound]:
        """The rounds of these students that are still kept one by one, in order of student and
        end."""

    def devices(self, class_id: int) -> list[ClassDevice]:
        """The devices of the class's students, most recent contact first."""
