"""Where every finished game is, and what the rules say of session records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.inbox_filter import EVERYTHING, InboxFilter
from neuroplay.core.entities.sync_item import InboxItem, InboxState
from neuroplay.core.entities.verification import Verdict
from neuroplay.core.errors import CannotPlayAgain, InvalidSession, NotFound
from neuroplay.core.interfaces.services import Clock, ReplayVerifier
from neuroplay.core.interfaces.unit_of_work import UnitOfWork, UnitOfWorkFactory
from neuroplay.core.rules.neighbours import Neighbours
from neuroplay.core.rules.plausibility import check_possible, doubts
from neuroplay.core.rules.session_record import read_session
from neuroplay.core.rules.storable import check_storable, storable
from neuroplay.core.use_cases.verify_sessions import judge_by_trace

RECENT_S = 60

PAGE = 500
"""Items that are read at once."""


class SyncStatus:
    """The inbox by state."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self) -> dict[str, Any]:
        """pending, processed, failed, held, invalid, conflict, rejected, dismissed: how many;
        oldest_pending_s: how long the oldest has waited, None when none waits; errors: items not
        processed by error code; recent: what came in RECENT_S, and how much of it is processed."""
        with self._uow() as uow:
            now = uow.now()
            received, processed = uow.inbox.recent(now - timedelta(seconds=RECENT_S))
            return {
                **asdict(uow.inbox.counts(now=now)),
                "errors": dict(uow.inbox.errors()),
                "recent": {"seconds": RECENT_S, "received": received, "processed": processed},
            }


class ListDevices:
    """Devices that still hold unsent sessions, as far as they told."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self) -> list[dict[str, Any]]:
        """device_id, student_id, nickname, class_name, pending, oldest (when the oldest of them
        ended, on the device's clock), last_contact, silent_s (seconds since then); the oldest
        first."""
        now = self._clock()
        with self._uow() as uow:
            return [
                {**row, "silent_s": max((now - row["last_contact"]).total_seconds(), 0.0)}
                for row in uow.devices.holding()
            ]


class ShowSync:
    """Everything that is known of one session."""

    def __init__(self, *, uow: UnitOfWorkFactory) -> None:
        self._uow = uow

    def execute(self, ref: str) -> list[dict[str, Any]]:
        """`ref` is a session's id or the number of an inbox item; there may be several items
        under one session id. Each as {"item": InboxItem, "attempts": [Attempt], "decisions":
        what adults decided, with who, when and why, "names": the student's nickname and class by
        id, "result": what the session gave, or None}. Raises NotFound."""
        with self._uow() as uow:
            items = _items(uow, ref)
            if not items:
                raise NotFound(f"there is no session or inbox item {ref}")
            return [
                {
                    "item": item,
                    "attempts": list(uow.inbox.attempts_of(item.inbox_id)),
                    "decisions": list(uow.audit.decisions(item.student_id, item.inbox_id)),
                    "names": uow.students.names([item.student_id]),
                    "result": uow.sessions.result(item.session_id)
                    if item.session_id is not None and item.state is InboxState.PROCESSED
                    else None,
                }
                for item in items
            ]


def _items(uow: UnitOfWork, ref: str) -> Sequence[InboxItem]:
    if ref.isdecimal():
        item = uow.inbox.get(int(ref)) if len(ref) < 19 else None
        return [] if item is None else [item]
    try:
        return uow.inbox.by_session(UUID(ref))
    except ValueError:
        return []


class ListSync:
    """Inbox items, newest first."""

    def __init__(self, *, uow: UnitOfWorkFactory) -> None:
        self._uow = uow

    def execute(
        self, which: InboxFilter = EVERYTHING, *, before: int | None = None, limit: int = 50
    ) -> list[InboxItem]:
        """`before` is the inbox_id to page from."""
        with self._uow() as uow:
            return uow.inbox.list(which, before=before, limit=limit)

    def pages(self, which: InboxFilter) -> Iterator[list[InboxItem]]:
        """All of them, a page at a time; each is read when it is asked for."""
        before = None
        while page := self.execute(which, before=before, limit=PAGE):
            yield page
            before = page[-1].inbox_id

    def names(self, items: Iterable[InboxItem]) -> Mapping[int, tuple[str, str]]:
        """The nickname and the class of each student of these items."""
        with self._uow() as uow:
            return uow.students.names(sorted({item.student_id for item in items}))


class CheckSessions:
    """Judges session records by the rules that the drain applies, and those with a trace as they
    are verified afterwards; nothing is stored.

    A record may come from elsewhere: without times, and with any text as its ids. Play that
    overlaps is judged among records of one `student_id`, copied traces among all.
    """

    def __init__(self, *, verifier: ReplayVerifier | None = None) -> None:
        self._verifier = verifier

    def execute(self, records: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """{"session_id", "verdict", "reasons"} a record, in order. `verdict` is `plausible`,
        `verified`, `held` or `invalid`; the reason of an invalid one is `<field>: <code>`. A
        mismatch is told as `held`: either way an adult looks."""
        neighbours = Neighbours()
        for number, record in enumerate(records, start=1):
            sent = record.get("session_id")
            told = storable(sent)["raw"] if isinstance(sent, str) else None
            try:
                session = _read(record, number)
            except InvalidSession as error:
                yield _judged(told, "invalid", [f"{error.field}: {error.code}"])
                continue
            reasons = doubts(session) + neighbours.doubts(session)
            if reasons:
                yield _judged(told, "held", reasons)
                continue
            neighbours.add(session)
            yield _judged(told, *self._by_trace(session))

    def _by_trace(self, session: GameSession) -> tuple[str, list[str]]:
        if self._verifier is None or "trace" not in session.metadata:
            return "plausible", []
        try:
            verdict, reasons = judge_by_trace(session, self._verifier)
        except CannotPlayAgain:
            return "plausible", []
        if verdict == Verdict.MISMATCH:
            return "held", reasons
        return verdict, []


def _read(record: Mapping[str, Any], number: int) -> GameSession:
    check_storable(record)
    student_id = record.get("student_id")
    session = read_session(
        record,
        f"record {number}" if student_id is None else student_id,
        session_id=record.get("session_id"),
        times_required=False,
    )
    check_possible(session)
    return session


def _judged(session_id: str | None, verdict: str, reasons: list[str]) -> dict[str, Any]:
    return {"session_id": session_id, "verdict": verdict, "reasons": reasons}
