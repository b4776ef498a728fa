"""Held games of an adult's classes: read them, approve them, reject them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from neuroplay.core.entities.adult import AdultPrincipal
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.inbox_filter import InboxFilter
from neuroplay.core.entities.replayed import Replayed
from neuroplay.core.entities.student import Student
from neuroplay.core.entities.sync_item import InboxItem, InboxState
from neuroplay.core.errors import InvalidSession
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.unit_of_work import ReadingFactory
from neuroplay.core.rules.session_record import read_session
from neuroplay.core.use_cases.reach import NOBODY, own_class
from neuroplay.core.use_cases.replay_sync import HELD, ReplaySync

MOST_HELD = 50
"""Games on a page, newest first."""

LARGEST_NUMBER = 2**63 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldGame:
    """A held item with its student. `session` is None if today's rules cannot read its record."""

    item: InboxItem
    student: Student
    session: GameSession | None


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldGames:
    """A page of the held games of a class at a time, newest first. `older` is what the next page
    comes `before`; None after the last."""

    at: datetime
    games: Sequence[HeldGame]
    older: int | None


class ReadHeld:
    """Reads the games of a class that wait for an adult."""

    def __init__(self, *, uow: ReadingFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(
        self, adult: AdultPrincipal, class_id: int, *, before: int | None = None
    ) -> HeldGames:
        """The newest page, or the one before an item. Raises NotFound."""
        now = self._clock()
        with self._uow() as uow:
            own_class(uow, adult, class_id)
            held = uow.inbox.list(
                InboxFilter(states=(InboxState.HELD,), class_id=class_id),
                before=before,
                limit=MOST_HELD + 1,
            )
            page = held[:MOST_HELD]
            students = {one.student_id: one for one in uow.students.by_class(class_id)}
        return HeldGames(
            at=now,
            games=[
                HeldGame(item=one, student=students[one.student_id], session=_session(one))
                for one in page
                if one.student_id in students
            ],
            older=page[-1].inbox_id if len(held) > MOST_HELD else None,
        )


class DecideHeld:
    """Approves or rejects a held game of an adult's class, as `neuroplay sync` does."""

    def __init__(self, *, replay_sync: ReplaySync) -> None:
        self._replay_sync = replay_sync

    def approve(self, adult: AdultPrincipal, inbox_id: int, *, reason: str) -> Replayed:
        """The game counts in spite of its doubts. If somebody decided before, or a worker is at it,
        nothing changes and the result is BUSY. Raises NotFound, Refused(code="no_reason")."""
        numbers = [_storable(inbox_id)]
        (done,) = self._replay_sync.approve(numbers, by=adult, reason=reason, states=HELD)
        return done

    def reject(self, adult: AdultPrincipal, inbox_id: int, *, reason: str) -> Replayed:
        """The game never counts. Otherwise as `approve`."""
        (done,) = self._replay_sync.reject([_storable(inbox_id)], by=adult, reason=reason)
        return done


def _storable(inbox_id: int) -> int:
    """The number; `NOBODY` if the store has no such numbers."""
    return inbox_id if 0 < inbox_id <= LARGEST_NUMBER else NOBODY


def _session(item: InboxItem) -> GameSession | None:
    try:
        return read_session(
            item.payload,
            item.student_id,
            session_id=item.session_id,
            clock_shift_s=item.clock_shift_s,
        )
    except InvalidSession:
        return None
