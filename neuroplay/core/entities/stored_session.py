"""What the store tells of sessions that it has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from neuroplay.core.entities.sync_item import InboxState
from neuroplay.core.entities.verification import Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionResult:
    """What a processed session gave: `verify_reasons` are what differed from its trace,
    `achievements` the ids of those that it unlocked."""

    xp_gained: int
    rating: str
    verdict: Verdict
    verify_reasons: tuple[str, ...]
    stored_at: datetime
    achievements: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedSession:
    """One session of a student, wherever it is. `game_type` and `score` are what its record says
    in their place, which may be anything; `verdict` and `xp_gained` are of a processed one."""

    session_id: UUID | None
    state: InboxState
    verdict: Verdict | None
    game_type: object
    score: object
    xp_gained: int | None
    ended_at: datetime | None
    inbox_id: int
    received_at: datetime


class BoardPlace(NamedTuple):
    """A student's best round on a leaderboard."""

    student_id: int
    nickname: str
    avatar: str
    score: int
