"""Sessions as the store returns them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from neuroplay.core.entities.sync_item import InboxState
from neuroplay.core.entities.verification import Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionResult:
    """The result of a processed session.

    `verify_reasons` say what differs in a mismatch. `achievements` are the ids of those that the
    session unlocked.
    """

    xp_gained: int
    rating: str
    verdict: Verdict
    verify_reasons: tuple[str, ...]
    stored_at: datetime
    achievements: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedSession:
    """One session of a student, in any state.

    `game_type` and `score` are as in the record, where they may be anything. `verdict` and
    `xp_gained` are None unless the session is processed.
    """

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
