"""Held games of an adult's classes: read them, approve them, reject them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from neuroplay.core.entities.adult import AdultPrincipal
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.inbox_filter import InboxFilter
from neuroplay.core.entities.student import Student
from neuroplay.core.entities.sync_item import InboxItem, InboxState
from neuroplay.core.errors import InvalidSession
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.unit_of_work import ReadingFactory
from neuroplay.core.rules.session_record import read_session
from neuroplay.core.use_cases.adult_reach import NOBODY, own_class, own_student
from neuroplay.core.use_cases.replay_sync import Fate, Replayed, ReplaySync

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


@dataclass(frozen=True, kw_only=True, slots=True)
class DecidedGame:
    """A game after a decision about it: its state, and what the decision led to."""

    inbox_id: int
    state: InboxState
    result: Fate


class DecideHeld:
    """Approves or rejects a held game of an adult's class, as `neuroplay sync` does."""

    def __init__(self, *, uow: ReadingFactory, replay_sync: ReplaySync) -> None:
        self._uow = uow
        self._replay_sync = replay_sync

    def approve(self, adult: AdultPrincipal, inbox_id: int, *, reason: str) -> DecidedGame:
        """The game counts in spite of its doubts. If somebody decided before, or a worker is at it,
        nothing changes and the result is BUSY. Raises NotFound."""
        return self._decided(adult, inbox_id, reason, self._replay_sync.approve)

    def reject(self, adult: AdultPrincipal, inbox_id: int, *, reason: str) -> DecidedGame:
        """The game never counts. Otherwise as `approve`."""
        return self._decided(adult, inbox_id, reason, self._replay_sync.reject)

    def _decided(
        self,
        adult: AdultPrincipal,
        inbox_id: int,
        reason: str,
        decide: Callable[..., Sequence[Replayed]],
    ) -> DecidedGame:
        item = self._own_item(adult, inbox_id)
        result = Fate.BUSY
        if item.state is InboxState.HELD:
            (done,) = decide([inbox_id], who=adult.who, reason=reason)
            result = done.fate
            item = self._own_item(adult, inbox_id)
        return DecidedGame(inbox_id=inbox_id, state=item.state, result=result)

    def _own_item(self, adult: AdultPrincipal, inbox_id: int) -> InboxItem:
        with self._uow() as uow:
            item = uow.inbox.get(inbox_id) if 0 < inbox_id <= LARGEST_NUMBER else None
            own_student(uow, adult, item.student_id if item else NOBODY)
            assert item is not None  # noqa: S101 - nobody is no adult's own
            return item


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
