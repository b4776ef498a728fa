"""Classes, students, their progress, their devices and their sign-ins."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from neuroplay.core.entities.play_days import PlayDays


@dataclass(frozen=True, kw_only=True, slots=True)
class SchoolClass:
    """A class of students. `code` is unique and has 5 Crockford base32 characters. After
    `day_minutes` of play on a day, tablets suggest to stop. `trace_days`, `raw_days` and
    `keep_months` are as in RetentionPolicy; None: as the installation. `has_made_up_play`: that of
    some of its students is made up."""

    class_id: int
    name: str
    code: str
    created_at: datetime
    leaderboard_enabled: bool = True
    day_minutes: int = 30
    trace_days: int | None = None
    raw_days: int | None = None
    keep_months: int | None = None
    has_made_up_play: bool = False
    archived_at: datetime | None = None
    """Since when the class has ended: it is not listed, has no leaderboard, and gives no new
    sign-in. Devices that are signed in go on sending."""

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    @property
    def has_leaderboard(self) -> bool:
        return self.leaderboard_enabled and not self.is_archived


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """A student's progress. It depends only on the *set* of processed sessions.

    `played_s` is their charged time in seconds (rules.bounds). `play_days` are days in the
    student's calendar. `games` is by game_type; `achievements` are ids with the times of unlocking.
    `top_difficulty` are the lanterns of the hardest round, 1 to 5.
    """

    xp: int = 0
    sessions: int = 0
    excellent_sessions: int = 0
    top_difficulty: int = 0
    played_s: int = 0
    play_days: PlayDays = field(default_factory=PlayDays)
    games: dict[str, GameProgress] = field(default_factory=dict)
    achievements: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class GameProgress:
    """A student's results in one game. `difficulty` is the level for the next round, as the latest
    session says."""

    game_type: str
    plays: int = 0
    best_score: int = 0
    difficulty: int = 1
    last_ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Student:
    """A student with progress. `has_made_up_play`: some of the play is made up, as in the demo
    class. It stays so, wherever the student goes."""

    student_id: int
    class_id: int
    nickname: str
    avatar: str
    created_at: datetime
    card_version: int = 1
    first_sign_in_at: datetime | None = None
    has_made_up_play: bool = False
    progress: Progress = field(default_factory=Progress)


class NamedStudent(NamedTuple):
    """Who a student is, without progress."""

    student_id: int
    class_id: int
    nickname: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MergedStudent:
    """What is remembered of a student who was merged into another: they were one child."""

    student_id: int
    created_at: datetime
    merged_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxReport:
    """One student's sessions that a device still holds after a request, as it reports them.

    `oldest` is when the oldest of them ended, on the device's clock.
    """

    pending: int
    oldest: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownDevice:
    """The last report of a student's device, as in OutboxReport, and when it came."""

    device_id: UUID
    pending: int
    oldest: datetime | None
    last_contact: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldingDevice:
    """A device with unsent sessions of one student, as in KnownDevice."""

    device_id: UUID
    student_id: int
    nickname: str
    class_id: int
    class_name: str
    pending: int
    oldest: datetime | None
    last_contact: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceSignIn:
    """A student's sign-in on a device."""

    device_id: UUID
    student_id: int
    nickname: str
    class_name: str
    since: datetime
    last_used: datetime
