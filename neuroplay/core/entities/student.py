"""The people: a class, a student, and what a student has reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class SchoolClass:
    """A class of students. `code` is 5 Crockford base32 characters, unique."""

    class_id: int
    name: str
    code: str
    leaderboard_enabled: bool = True
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """What a student has reached, a function of the *set* of processed sessions alone.

    `played_s` is the time that they take (rules.bounds). `play_days` are the student's own
    calendar days. `games` maps game_type to a row a game.
    """

    xp: int = 0
    sessions: int = 0
    excellent_sessions: int = 0
    top_difficulty: int = 0
    played_s: int = 0
    play_days: frozenset[date] = frozenset()
    games: dict[str, GameProgress] = field(default_factory=dict)
    achievements: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class GameProgress:
    """One game of a student: how often, how well, and the difficulty of its latest session."""

    game_type: str
    plays: int = 0
    best_score: int = 0
    difficulty: int = 1
    last_ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Student:
    student_id: int
    class_id: int
    nickname: str
    avatar: str
    card_version: int = 1
    created_at: datetime | None = None
    first_sign_in_at: datetime | None = None
    progress: Progress = field(default_factory=Progress)


class CardHolder(NamedTuple):
    """A student as far as a card tells."""

    student_id: int
    nickname: str
    avatar: str
    card_version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """Who a request speaks for, as its token says."""

    token_id: UUID
    student_id: int
    class_id: int
    device_id: UUID


class TokenStatus(StrEnum):
    ACTIVE = "active"
    REVOKED = "revoked"
    """Also where nobody used it for IDLE_DAYS."""
    ERASED = "erased"


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenRecord:
    """What is known of a token. `student_id` says whose it is or was; None where an earlier release
    erased the student. `principal` is None when erased. `unused`: it was not used today."""

    status: TokenStatus
    student_id: int | None
    principal: Principal | None
    unused: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxReport:
    """What a device says it still holds of one student after a request."""

    pending: int
    oldest: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownDevice:
    """What is stored of a student's device. `oldest` is when the oldest of its `pending` sessions
    ended, on the device's clock."""

    device_id: UUID
    pending: int
    oldest: datetime | None
    last_contact: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldingDevice:
    """A device with unsent sessions of one student."""

    device_id: UUID
    student_id: int
    nickname: str
    class_name: str
    pending: int
    oldest: datetime | None
    last_contact: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceSignIn:
    """That a student is signed in on a device."""

    device_id: UUID
    student_id: int
    nickname: str
    class_name: str
    since: datetime
    last_used: datetime
