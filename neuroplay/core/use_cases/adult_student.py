"""What an adult reads about one child."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from neuroplay.core.entities.adult import AdultPrincipal
from neuroplay.core.entities.figures import PlayedDay, PlayedRound, StudentFigures
from neuroplay.core.entities.student import SchoolClass, Student
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.use_cases.find_people import no_student
from neuroplay.core.use_cases.looks import STUDENT_LOOK, note_look
from neuroplay.core.use_cases.reach import own_student
from neuroplay.core.use_cases.read_progress import Streak, streak_of

SHOWN_DAYS = 28
SHOWN_ROUNDS = 60
"""Of each game."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentView:
    """A child at a time. `days` are the last SHOWN_DAYS of the child's calendar, those without play
    too; `rounds` are the newest SHOWN_ROUNDS of each game; both oldest first."""

    at: datetime
    school_class: SchoolClass
    student: Student
    figures: StudentFigures
    streak: Streak
    days: Sequence[PlayedDay]
    rounds: Sequence[PlayedRound]


class ReadStudent:
    """Reads one child of an adult's classes, and records the look in the audit."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, adult: AdultPrincipal, student_id: int) -> StudentView:
        """Raises NotFound."""
        now = self._clock()
        with self._uow() as uow:
            student, school_class = own_student(uow, adult, student_id)
            figures = uow.figures.of_student(student_id, now=now)
            if figures is None:
                raise no_student(student_id)
            rounds = uow.figures.rounds(student_id, each=SHOWN_ROUNDS)
            played = uow.figures.days(student_id, since=now - timedelta(days=SHOWN_DAYS + 1))
            found = StudentView(
                at=now,
                school_class=school_class,
                student=student,
                figures=figures,
                streak=streak_of(student.progress.play_days, today=now.astimezone(UTC).date()),
                days=shown_days(played, today=_today(rounds, now)),
                rounds=rounds,
            )
            note_look(uow, adult, STUDENT_LOOK, f"student {student_id}", now)
        return found


def shown_days(
    played: Sequence[PlayedDay], *, today: date, number: int = SHOWN_DAYS
) -> list[PlayedDay]:
    """The last `number` days, with those on which nothing was played."""
    known = {one.day: one for one in played}
    days = (today - timedelta(days=ago) for ago in reversed(range(number)))
    return [known.get(day) or PlayedDay(day=day, seconds=0.0, games=0) for day in days]


def _today(rounds: Sequence[PlayedRound], now: datetime) -> date:
    """Today where the child played last; in UTC before the first round."""
    offset = rounds[-1].utc_offset_minutes if rounds else 0
    return (now.astimezone(UTC) + timedelta(minutes=offset)).date()
