"""Sessions as the store returns them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast
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
    `xp_gained` are None unless the session is processed. `inbox_id` and `received_at` are None if
    the record was removed.
    """

    session_id: UUID | None
    state: InboxState
    verdict: Verdict | None
    game_type: object
    score: object
    xp_gained: int | None
    ended_at: datetime | None
    inbox_id: int | None
    received_at: datetime | None

    @property
    def place(self) -> Place:
        """Where it stands in the list of its student's sessions."""
        if self.received_at is not None and self.inbox_id is not None:
            return self.received_at, self.inbox_id
        # A settled session has both: without them it would not have become one.
        return cast("datetime", self.ended_at), cast("UUID", self.session_id)


Place = tuple[datetime, int | UUID]
"""Of a session in its student's list: (received_at, inbox_id); (ended_at, session_id) if its record
was removed. All of the first kind come before those of the second."""


class BoardPlace(NamedTuple):
    """A student's best round on a leaderboard."""

    student_id: int
    nickname: str
    avatar: str
    score: int
