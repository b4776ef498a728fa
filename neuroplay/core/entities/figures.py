"""What adults read about classes and children: sums over what was played.

*Today* and *week* are those of the child's own calendar, which each session knows by its time zone;
a week is the last WEEK_DAYS days, today included. `counting` are sessions that arrived and are not
counted yet; `held` ones wait for an adult. Neither is part of any other figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from neuroplay.core.entities.verification import Verdict

WEEK_DAYS = 7

STAMPED_S = 900
"""Seconds after which every stamp is another one: figures also change as time passes. Days begin at
whole quarters of an hour, in every time zone of today."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassFigures:
    """A class: `played_today` and `played_week` are children, `last_heard` is the newest contact of
    any device, `unsent_games` wait on `unsent_devices`."""

    class_id: int
    played_today: int = 0
    played_week: int = 0
    seconds_today: float = 0.0
    seconds_week: float = 0.0
    games_week: int = 0
    last_heard: datetime | None = None
    unsent_games: int = 0
    unsent_devices: int = 0
    held: int = 0
    counting: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentFigures:
    """A student: `last_heard` is the newest contact of any of the student's devices, `last_played`
    the end of the newest counted round, `days_week` the days with a round."""

    student_id: int
    nickname: str
    avatar: str
    xp: int = 0
    last_heard: datetime | None = None
    last_played: datetime | None = None
    unsent: int = 0
    seconds_today: float = 0.0
    seconds_week: float = 0.0
    days_week: int = 0
    games_week: int = 0
    held: int = 0
    counting: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class GameFigures:
    """A game in a class: `children` played it this week. `accuracy_week` is the mean of their
    rounds, without mismatches; None if there is no other round."""

    game_type: str
    children: int
    games_week: int
    accuracy_week: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlayedDay:
    """What a student played on a day of the own calendar."""

    day: date
    seconds: float
    games: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PlayedRound:
    """A counted round of a student. `utc_offset_minutes` is the child's time zone then."""

    game_type: str
    ended_at: datetime
    utc_offset_minutes: int
    difficulty: int
    next_difficulty: int | None
    accuracy: float
    duration_s: float
    completed: bool
    verdict: Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassDevice:
    """A device of a student of a class, with what it has not sent of this student."""

    device_id: UUID
    student_id: int
    nickname: str
    unsent: int
    oldest: datetime | None
    last_contact: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CountedRound:
    """A counted round of any student, as other systems are told of it and as a report shows it.
    `utc_offset_minutes` is the child's time zone then."""

    session_id: UUID
    student_id: int
    game_type: str
    game_version: str
    score: int
    duration: float
    accuracy: float
    completed: bool
    difficulty: int
    next_difficulty: int | None
    ended_at: datetime
    utc_offset_minutes: int
    verdict: Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundFilter:
    """Which counted rounds: those that counted from `since` on and before `until`, that ended from
    `played_since` on, and that have one of the verdicts. None: any time."""

    since: datetime | None = None
    until: datetime | None = None
    played_since: datetime | None = None
    verdicts: frozenset[Verdict] = frozenset(Verdict)
