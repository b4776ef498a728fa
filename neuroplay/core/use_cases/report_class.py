"""Read what the children of a class practised in the last weeks, for a report to print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from statistics import fmean

from neuroplay.core.entities.actor import OPERATOR, Actor
from neuroplay.core.entities.figures import (
    WEEK_DAYS,
    CountedRound,
    PlayedDay,
    RoundFilter,
    StudentFigures,
)
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.student import SchoolClass, Student
from neuroplay.core.entities.verification import Verdict
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.use_cases.adult_student import shown_days
from neuroplay.core.use_cases.reach import see_class

MOST_WEEKS = 26


@dataclass(frozen=True, kw_only=True, slots=True)
class GameDay:
    """A game on a day of a child's calendar. `level` is that at the start of the day's last round.
    `right` is the mean accuracy of the rounds, without mismatches; None if there is no other."""

    day: date
    rounds: int
    level: int
    right: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportedGame:
    """A game that a child played, by day. `next_level` is what its last completed round chose."""

    game_type: str
    days: Sequence[GameDay]
    last_played: datetime
    next_level: int | None

    @property
    def rounds(self) -> int:
        return sum(one.rounds for one in self.days)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportedChild:
    """A child: each day of the report, those without play too, and the games in the catalogue's
    order. `figures` say how fresh this is."""

    student: Student
    figures: StudentFigures
    days: Sequence[PlayedDay]
    games: Sequence[ReportedGame]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassReport:
    """A class at a time, its children in the order of the class list. `first` and `last` are days.
    `utc_offset_minutes` is the time zone of the class's newest round."""

    at: datetime
    first: date
    last: date
    utc_offset_minutes: int
    school_class: SchoolClass
    children: Sequence[ReportedChild]

    @property
    def rounds(self) -> int:
        return sum(game.rounds for child in self.children for game in child.games)


class ReportClass:
    """Reads the report of a class, and records in the audit that it was made."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, class_ref: str, *, weeks: int, by: Actor = OPERATOR) -> ClassReport:
        """The last `weeks` times seven days, of which the last is today where the class played
        last. A round belongs to the day of the child's own calendar.

        `class_ref` is as in find_class. Raises NotFound, Refused(code="ambiguous_class").
        """
        now = self._clock()
        days = weeks * WEEK_DAYS
        with self._uow() as uow:
            school_class = see_class(uow, by, class_ref)
            class_id = school_class.class_id
            students = uow.students.by_class(class_id)
            figures = {one.student_id: one for one in uow.figures.of_students(class_id, now=now)}
            # A day more, since a day begins earlier in the east than in UTC.
            since = RoundFilter(played_since=now - timedelta(days=days + 1))
            rounds = uow.figures.counted([one.student_id for one in students], since)
            uow.audit.add(
                who=by.who,
                what="class reported",
                target=f"class {class_id}",
                details={"weeks": weeks},
                now=now,
            )
            uow.commit()
        newest = max(rounds, key=lambda one: one.ended_at, default=None)
        offset = newest.utc_offset_minutes if newest else 0
        played = {one: list(own) for one, own in groupby(rounds, lambda r: r.student_id)}
        today = (now + timedelta(minutes=offset)).date()
        return ClassReport(
            at=now,
            first=today - timedelta(days=days - 1),
            last=today,
            utc_offset_minutes=offset,
            school_class=school_class,
            children=[
                _child(
                    one,
                    figures[one.student_id],
                    played.get(one.student_id, []),
                    today=today,
                    number=days,
                )
                for one in students
                # A child who came or went between two statements is in one of them alone.
                if one.student_id in figures
            ],
        )


def _child(
    student: Student,
    figures: StudentFigures,
    rounds: Sequence[CountedRound],
    *,
    today: date,
    number: int,
) -> ReportedChild:
    first = today - timedelta(days=number - 1)
    shown = [one for one in rounds if first <= _day(one) <= today]
    games = {game: [one for one in shown if one.game_type == game] for game in GAMES}
    return ReportedChild(
        student=student,
        figures=figures,
        days=shown_days(
            [
                PlayedDay(day=day, seconds=sum(r.duration for r in own), games=len(own))
                for day, own in _by_day(shown)
            ],
            today=today,
            number=number,
        ),
        games=[_game(game, own) for game, own in games.items() if own],
    )


def _game(game_type: str, rounds: Sequence[CountedRound]) -> ReportedGame:
    completed = [one for one in rounds if one.completed]
    return ReportedGame(
        game_type=game_type,
        days=[
            GameDay(day=day, rounds=len(own), level=own[-1].difficulty, right=_right(own))
            for day, own in _by_day(rounds)
        ],
        last_played=rounds[-1].ended_at,
        next_level=completed[-1].next_difficulty if completed else None,
    )


def _by_day(rounds: Iterable[CountedRound]) -> list[tuple[date, list[CountedRound]]]:
    """The days with their rounds, both oldest first. A child who travels west may have a day
    twice, so the days are sorted before they are grouped."""
    in_order = sorted(rounds, key=_day)
    return [(day, list(own)) for day, own in groupby(in_order, _day)]


def _right(rounds: Sequence[CountedRound]) -> float | None:
    fair = [one.accuracy for one in rounds if one.verdict is not Verdict.MISMATCH]
    return fmean(fair) if fair else None


def _day(one: CountedRound) -> date:
    """The day of its end in the child's calendar."""
    return (one.ended_at + timedelta(minutes=one.utc_offset_minutes)).date()
