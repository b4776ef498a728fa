"""The inbox is emptied through the rules, many items a transaction."""

from __future__ import annotations

import random as stdlib_random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.sync_item import InboxItem, InboxOutcome, InboxState
from neuroplay.core.errors import (
    InvalidSession,
    NeuroPlayError,
    PermanentError,
    StoreUnavailable,
)
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.unit_of_work import UnitOfWork, UnitOfWorkFactory
from neuroplay.core.rules.plausibility import (
    LONGEST_SPAN_S,
    PlayedTime,
    check_possible,
    doubts,
    trace_hash,
)
from neuroplay.core.rules.session_record import read_session
from neuroplay.core.use_cases.process_game_completion import ProcessGameCompletion

LEASE_S = 60.0
"""A claim that was not finished in this time may be claimed by another worker."""

MOST_TRIES = 5
FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 600.0
JITTER = 0.5
"""Share of a wait that is left to chance, so that failing items do not come back together."""

LONGEST_ERROR = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class DrainedItem:
    """One item's end: `state` is an inbox state (`pending` when it will be tried again),
    `seconds` the time that the rules took."""

    game_type: str
    state: str
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class DrainReport:
    """What one drain did; `more` is whether another one would find something."""

    claimed: int
    processed: int
    held: int
    failed: int
    items: tuple[DrainedItem, ...]
    unlocked: tuple[str, ...]
    more: bool


@dataclass(slots=True)
class _Batch:
    """Items on their way through the rules in one unit of work."""

    uow: UnitOfWork
    outcomes: list[InboxOutcome] = field(default_factory=list)
    items: list[DrainedItem] = field(default_factory=list)
    unlocked: list[str] = field(default_factory=list)

    def ends(
        self, item: InboxItem, state: InboxState, seconds: float = 0.0, **why: Any
    ) -> None:
        self.outcomes.append(InboxOutcome(inbox_id=item.inbox_id, state=state, **why))
        self.items.append(_drained(item, state, seconds))


class DrainInbox:
    """Claims due items, applies the rules, and writes sessions, XP, achievements and the items'
    new states in one transaction.

    When that transaction fails, each item is tried in its own, so that one bad item keeps only
    itself back: it waits longer after every try, and after MOST_TRIES it is `failed`. An item
    that was being processed when a worker died is tried alone from then on.
    """

    def __init__(
        self,
        *,
        uow: UnitOfWorkFactory,
        clock: Clock,
        release: str,
        timer: Callable[[], float] = time.perf_counter,
        random: Callable[[], float] = stdlib_random.random,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._release = release
        self._timer = timer
        self._random = random

    def execute(self, limit: int = 500) -> DrainReport:
        """Drain up to `limit` items. Raises StoreUnavailable: what was claimed then stays
        claimed until its lease runs out, and nothing is counted."""
        with self._uow() as uow:
            claimed = uow.inbox.claim(limit, now=self._clock(), lease_s=LEASE_S)
            uow.commit()
        done: list[_Batch] = []
        together = [item for item in claimed if not item.tried_before]
        if together:
            done.extend(self._together(together))
        done.extend(self._alone(item) for item in claimed if item.tried_before)
        return _report(claimed, done, more=len(claimed) >= limit or len(together) < len(claimed))

    def _together(self, items: Sequence[InboxItem]) -> list[_Batch]:
        try:
            return [self._apply(items)]
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001 - whatever it was, the items are tried one by one
            return [self._alone(item) for item in items]

    def _alone(self, item: InboxItem) -> _Batch:
        if item.attempts > MOST_TRIES:
            return self._write_off(
                item, "tries_used_up", "its processing never came to an end", InboxState.FAILED
            )
        try:
            return self._apply([item])
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - a bad item must not stop the others
            last = isinstance(error, PermanentError) or item.attempts >= MOST_TRIES
            code = error.code if isinstance(error, NeuroPlayError) else "internal"
            return self._write_off(
                item, code, _told(error), InboxState.FAILED if last else InboxState.PENDING
            )

    def _write_off(
        self, item: InboxItem, code: str, message: str, state: InboxState
    ) -> _Batch:
        with self._uow() as uow:
            batch = _Batch(uow=uow)
            now = self._clock()
            wait = self._wait(item.attempts, now) if state is InboxState.PENDING else None
            batch.ends(item, state, error_code=code, error=message, next_try_at=wait)
            uow.inbox.finish(batch.outcomes, now=now, release=self._release)
            uow.commit()
        return batch

    def _wait(self, attempts: int, now: datetime) -> datetime:
        longest = min(FIRST_WAIT_S * 2 ** max(attempts - 1, 0), LONGEST_WAIT_S)
        return now + timedelta(seconds=longest * (1 - JITTER * self._random()))

    def _apply(self, items: Sequence[InboxItem]) -> _Batch:
        with self._uow() as uow:
            batch = _Batch(uow=uow)
            uow.students.lock(sorted({item.student_id for item in items}))
            self._count(batch, self._judge(batch, items))
            uow.inbox.finish(batch.outcomes, now=self._clock(), release=self._release)
            uow.commit()
        return batch

    def _judge(
        self, batch: _Batch, items: Sequence[InboxItem]
    ) -> list[tuple[InboxItem, GameSession]]:
        """The items to count. Of two that exclude each other, the one that arrived first."""
        read = self._read(batch, items)
        sessions = [session for _, session in read]
        known = set(batch.uow.sessions.existing([s.session_id for s in sessions]))  # type: ignore[misc]
        played = _played_before(batch.uow, sessions)
        traces = _Traces(batch.uow, sessions)
        counted = []
        for item, session in read:
            session_id = session.session_id
            if session_id in known:
                batch.ends(
                    item, InboxState.CONFLICT, error_code="already_counted",
                    error="a session with this id was counted before",
                )
                continue
            reasons = doubts(session)
            if played.has_no_room_for(session):
                reasons.append("overlapping_play")
            if traces.knows(session):
                reasons.append("copied_trace")
            if reasons:
                batch.ends(item, InboxState.HELD, reasons=tuple(reasons))
                continue
            known.add(session_id)  # type: ignore[arg-type]
            played.add(session)
            traces.add(session)
            counted.append((item, session))
        return counted

    @staticmethod
    def _read(
        batch: _Batch, items: Sequence[InboxItem]
    ) -> list[tuple[InboxItem, GameSession]]:
        read = []
        for item in sorted(items, key=lambda item: item.inbox_id):
            try:
                session = read_session(
                    item.payload, item.student_id, session_id=item.session_id,
                    clock_shift_s=item.clock_shift_s,
                )
                check_possible(session)
            except InvalidSession as error:
                batch.ends(
                    item, InboxState.INVALID, error_code=error.code,
                    error=f"{error.field}: {error.message}",
                )
            else:
                read.append((item, session))
        return read

    def _count(self, batch: _Batch, counted: list[tuple[InboxItem, GameSession]]) -> None:
        uow, timer = batch.uow, self._timer
        process = ProcessGameCompletion(
            student_repo=uow.students, game_repo=uow.sessions,
            achievement_repo=uow.achievements, clock=self._clock,
        )
        for item, session in sorted(counted, key=_by_end):
            started = timer()
            if uow.students.get(session.student_id) is None:
                batch.ends(
                    item, InboxState.FAILED, error_code="student_gone",
                    error="this student does not exist",
                )
                continue
            done = process.count(session)
            batch.unlocked.extend(done.new_achievements)
            batch.ends(item, InboxState.PROCESSED, timer() - started)


class _Traces:
    """Which traces were played already, in the store and in this batch."""

    def __init__(self, uow: UnitOfWork, sessions: Sequence[GameSession]) -> None:
        self._hashes = {s.session_id: found for s in sessions if (found := trace_hash(s))}
        wanted = sorted(set(self._hashes.values()))
        self._owners: dict[bytes, UUID | str] = (
            dict(uow.sessions.trace_owners(wanted)) if wanted else {}
        )

    def knows(self, session: GameSession) -> bool:
        found = self._hashes.get(session.session_id)
        return found is not None and self._owners.get(found, session.session_id) != (
            session.session_id
        )

    def add(self, session: GameSession) -> None:
        found = self._hashes.get(session.session_id)
        if found is not None:
            self._owners.setdefault(found, session.session_id)


def _played_before(uow: UnitOfWork, sessions: Sequence[GameSession]) -> PlayedTime:
    """The students' stored sessions around those of the batch, with one question to the store."""
    spans: dict[int, tuple[datetime, datetime]] = {}
    longest = timedelta(seconds=LONGEST_SPAN_S)
    for session in sessions:
        start, end = session.started_at, session.ended_at
        if start is None or end is None:
            continue
        start = max(start, end - longest)
        known = spans.get(session.student_id)
        spans[session.student_id] = (
            (start, end) if known is None else (min(start, known[0]), max(end, known[1]))
        )
    played = PlayedTime()
    for stored in uow.sessions.near(spans).values() if spans else ():
        for session in stored:
            played.add(session)
    return played


def _by_end(pair: tuple[InboxItem, GameSession]) -> tuple[float, int]:
    item, session = pair
    return (session.ended_at.timestamp() if session.ended_at else 0.0), item.inbox_id


def _drained(item: InboxItem, state: InboxState, seconds: float) -> DrainedItem:
    game_type = item.payload.get("game_type")
    known = isinstance(game_type, str) and game_type in GAMES
    return DrainedItem(
        game_type=str(game_type) if known else "unknown", state=state.value, seconds=seconds
    )


def _told(error: Exception) -> str:
    """The first line of an error, for support; the rest may quote a whole statement."""
    text = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {text}"[:LONGEST_ERROR]


def _report(claimed: Sequence[InboxItem], done: Sequence[_Batch], *, more: bool) -> DrainReport:
    items = tuple(item for batch in done for item in batch.items)
    states = [item.state for item in items]
    return DrainReport(
        claimed=len(claimed),
        processed=states.count(InboxState.PROCESSED.value),
        held=states.count(InboxState.HELD.value),
        failed=states.count(InboxState.FAILED.value),
        items=items,
        unlocked=tuple(name for batch in done for name in batch.unlocked),
        more=more,
    )
