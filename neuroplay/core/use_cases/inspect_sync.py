"""Show where every session is, and judge session records by the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import inf
from typing import Any, cast
from uuid import UUID

from neuroplay.core.entities.game_session import (
    LONGEST_ID,
    GameSession,
    check_number,
    check_text,
)
from neuroplay.core.entities.inbox_filter import EVERYTHING, InboxFilter
from neuroplay.core.entities.stored_session import SessionResult
from neuroplay.core.entities.student import HoldingDevice
from neuroplay.core.entities.sync_item import (
    Attempt,
    Decision,
    InboxCounts,
    InboxItem,
    InboxState,
)
from neuroplay.core.entities.verification import Verdict
from neuroplay.core.errors import CannotPlayAgain, InvalidSession, NotFound
from neuroplay.core.interfaces.services import Clock, ReplayVerifier
from neuroplay.core.interfaces.unit_of_work import Reading, ReadingFactory
from neuroplay.core.rules.neighbours import Neighbours
from neuroplay.core.rules.plausibility import check_possible, doubts
from neuroplay.core.rules.session_record import read_session
from neuroplay.core.rules.storable import check_storable, storable
from neuroplay.core.use_cases.find_people import find_class
from neuroplay.core.use_cases.verify_sessions import judge_by_trace

RECENT_S = 60

PAGE = 500
"""Items in one query."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recent:
    """The items received in the last `seconds`, and how many of them are processed."""

    seconds: int
    received: int
    processed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxStatus:
    """Items by state; `errors` has those that are not processed, by error code."""

    counts: InboxCounts
    errors: Mapping[str, int]
    recent: Recent


class SyncStatus:
    """Counts the inbox items by state."""

    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def execute(self) -> InboxStatus:
        with self._uow() as uow:
            now = uow.now()
            received, processed = uow.inbox.recent(now - timedelta(seconds=RECENT_S))
            return InboxStatus(
                counts=uow.inbox.counts(now=now),
                errors=uow.inbox.errors(),
                recent=Recent(seconds=RECENT_S, received=received, processed=processed),
            )


class ListDevices:
    """Lists devices with unsent sessions, according to their last report."""

    def __init__(self, *, uow: ReadingFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, class_ref: str | None = None) -> list[tuple[HoldingDevice, float]]:
        """Each with the seconds since its last contact, in order of their oldest session; of one
        class or of all. Raises NotFound, Refused(code="ambiguous_class")."""
        now = self._clock()
        with self._uow() as uow:
            found = uow.devices.holding()
            if class_ref is not None:
                class_id = find_class(uow, class_ref).class_id
                found = [one for one in found if one.class_id == class_id]
            return [(one, max((now - one.last_contact).total_seconds(), 0.0)) for one in found]


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemHistory:
    """An inbox item and its history.

    `names` has the student's nickname and class name, by id. `result` is None unless the item is
    processed.
    """

    item: InboxItem
    attempts: Sequence[Attempt]
    decisions: Sequence[Decision]
    names: Mapping[int, tuple[str, str]]
    result: SessionResult | None


class ShowSync:
    """Shows everything that is known about one session."""

    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def execute(self, ref: str) -> list[ItemHistory]:
        """`ref` is a session's id, which several items may have, or the number of an inbox item.
        Raises NotFound."""
        with self._uow() as uow:
            items = _items(uow, ref)
            if not items:
                raise _not_found(uow, ref)
            return [
                ItemHistory(
                    item=item,
                    attempts=uow.inbox.attempts_of(item.inbox_id),
                    decisions=uow.audit.decisions(item.student_id, item.inbox_id),
                    names=uow.students.names([item.student_id]),
                    result=uow.sessions.result(item.session_id)
                    if item.session_id is not None and item.state is InboxState.PROCESSED
                    else None,
                )
                for item in items
            ]


def _items(uow: Reading, ref: str) -> Sequence[InboxItem]:
    if ref.isdecimal():
        item = uow.inbox.get(int(ref)) if len(ref) < 19 else None
        return [] if item is None else [item]
    try:
        return uow.inbox.by_session(UUID(ref))
    except ValueError:
        return []


def _not_found(uow: Reading, ref: str) -> NotFound:
    with suppress(ValueError):
        if uow.inbox.standing([UUID(ref)]):
            return NotFound(
                f"the record of session {ref} was removed, as it is not kept any longer",
                code="settled",
                hint="Its id remains: if it is sent again, it is a duplicate",
            )
    return NotFound(f"there is no session or inbox item {ref}")


class ListSync:
    """Lists inbox items, newest first."""

    def __init__(self, *, uow: ReadingFactory) -> None:
        self._uow = uow

    def execute(
        self, which: InboxFilter = EVERYTHING, *, before: int | None = None, limit: int = 50
    ) -> list[InboxItem]:
        """`before` is the last inbox_id of the previous page."""
        with self._uow() as uow:
            return uow.inbox.list(which, before=before, limit=limit)

    def pages(self, which: InboxFilter) -> Iterator[list[InboxItem]]:
        """Yield all items in pages, each read when it is needed."""
        before = None
        while page := self.execute(which, before=before, limit=PAGE):
            yield page
            before = page[-1].inbox_id

    def names(self, items: Iterable[InboxItem]) -> Mapping[int, tuple[str, str]]:
        """The nickname and class name of each student of these items, by id."""
        with self._uow() as uow:
            return uow.students.names(sorted({item.student_id for item in items}))


class Judgement(StrEnum):
    """How the rules judge a record that is not stored. A mismatch is reported as `held`: in both
    cases an adult should review it."""

    PLAUSIBLE = "plausible"
    VERIFIED = "verified"
    HELD = "held"
    INVALID = "invalid"


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedRecord:
    """The judgement of one record. `session_id` is as it was sent; None if that is not text.

    The reason of an invalid record is `<field>: <code>`.
    """

    session_id: str | None
    verdict: Judgement
    reasons: tuple[str, ...] = ()


class CheckSessions:
    """Judges session records as the drain and the verification would, without storing anything.

    A record may come from another system: without times, and with any text as its ids. Overlapping
    play is judged among the records of one `student_id`, copied traces among all.
    """

    def __init__(self, *, verifier: ReplayVerifier | None = None) -> None:
        self._verifier = verifier

    def execute(self, records: Iterable[Mapping[str, object]]) -> Iterator[JudgedRecord]:
        """Yield a judgement for each record, in order."""
        neighbours, students = Neighbours(), _Students()
        for number, record in enumerate(records, start=1):
            sent = record.get("session_id")
            session_id = str(storable(sent)["raw"]) if isinstance(sent, str) else None
            try:
                session = _read(record, students, number)
            except InvalidSession as error:
                reason = f"{error.field}: {error.code}"
                yield JudgedRecord(
                    session_id=session_id, verdict=Judgement.INVALID, reasons=(reason,)
                )
                continue
            reasons = doubts(session) + neighbours.doubts(session)
            if reasons:
                verdict = Judgement.HELD
            else:
                neighbours.add(session)
                verdict, reasons = self._by_trace(session)
            yield JudgedRecord(session_id=session_id, verdict=verdict, reasons=tuple(reasons))

    def _by_trace(self, session: GameSession) -> tuple[Judgement, list[str]]:
        if self._verifier is None or "trace" not in session.metadata:
            return Judgement.PLAUSIBLE, []
        try:
            verdict, reasons = judge_by_trace(session, self._verifier)
        except CannotPlayAgain:
            return Judgement.PLAUSIBLE, []
        if verdict == Verdict.MISMATCH:
            return Judgement.HELD, reasons
        return Judgement(verdict), []


class _Students:
    """Assigns numbers to student ids, which may be any text in records from other systems."""

    def __init__(self) -> None:
        self._numbers: dict[int | str, int] = {}

    def number(self, name: object) -> int:
        """The number for an id, always the same. Raises InvalidSession if it cannot be an id."""
        if type(name) is int:
            check_number(name, "student_id", 1, inf)
        else:
            check_text(name, "student_id", LONGEST_ID)
        return self._numbers.setdefault(cast("int | str", name), len(self._numbers) + 1)


def _read(record: Mapping[str, Any], students: _Students, number: int) -> GameSession:
    check_storable(record)
    student_id = record.get("student_id")
    session = read_session(
        record,
        students.number(f"record {number}" if student_id is None else student_id),
        session_id=record.get("session_id"),
        times_required=False,
    )
    check_possible(session)
    return session
