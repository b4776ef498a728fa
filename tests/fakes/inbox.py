"""Fake of the inbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from neuroplay.core.entities.inbox_filter import EVERYTHING, InboxFilter
from neuroplay.core.entities.sync_item import (
    LATEST_LEASE_S,
    LONGEST_WAIT_S,
    SHORT_HASH,
    Attempt,
    Delivery,
    InboxCounts,
    InboxItem,
    InboxOutcome,
    InboxState,
    ItemToDrain,
    NewInboxItem,
    Receipt,
    ReceiptStatus,
)
from neuroplay.core.errors import NotFound
from neuroplay.core.rules.session_record import played_since
from tests.fakes.tables import Tables, has_come


class FakeInbox:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def insert(self, deliveries: Sequence[Delivery]) -> list[list[Receipt]]:
        if any(one.principal.student_id not in self._tables.students for one in deliveries):
            raise NotFound("no such student")
        return [[self._insert(one, item) for item in one.items] for one in deliveries]

    def _insert(self, delivery: Delivery, item: NewInboxItem) -> Receipt:
        state, status = self._fate(delivery.principal.student_id, item)
        if state is not None:
            self._keep(delivery, item, state)
        return Receipt(
            session_id=None if item.session_id is None else str(item.session_id),
            status=status,
            error=item.error if status is ReceiptStatus.INVALID else None,
        )

    def _fate(self, student_id: int, item: NewInboxItem) -> tuple[InboxState | None, ReceiptStatus]:
        """The state in which to store it (None: it is not stored again), and the receipt."""
        own = [
            row
            for row in self._tables.inbox.values()
            if row.student_id == student_id and row.payload_hash == item.payload_hash
        ]
        settled = self._tables.settled.values()
        if item.error is not None:
            if any(row.kind is not InboxState.INVALID for row in own) or any(
                _is_of(student_id, item, one.student_id, one.payload_hash) for one in settled
            ):
                return None, ReceiptStatus.DUPLICATE
            return None if own else InboxState.INVALID, ReceiptStatus.INVALID
        taken = [
            row
            for row in self._tables.inbox.values()
            if row.session_id == item.session_id and row.kind is not InboxState.INVALID
        ]
        kept = self._tables.settled.get(item.session_id) if item.session_id else None
        if kept is not None and _is_of(student_id, item, kept.student_id, kept.payload_hash):
            return None, ReceiptStatus.DUPLICATE
        if not taken and kept is None:
            return InboxState.PENDING, ReceiptStatus.ACCEPTED
        for row in taken:
            if row.student_id == student_id and row.payload_hash == item.payload_hash:
                conflict = row.kind is InboxState.CONFLICT
                return None, ReceiptStatus.CONFLICT if conflict else ReceiptStatus.DUPLICATE
        return InboxState.CONFLICT, ReceiptStatus.CONFLICT

    def _keep(self, delivery: Delivery, item: NewInboxItem, state: InboxState) -> None:
        inbox_id = self._tables.next_id("inbox")
        self._tables.inbox[inbox_id] = InboxItem(
            inbox_id=inbox_id,
            session_id=item.session_id,
            student_id=delivery.principal.student_id,
            device_id=delivery.principal.device_id,
            state=state,
            payload=item.payload,
            payload_hash=item.payload_hash,
            clock_shift_s=item.clock_shift_s,
            received_at=delivery.received_at,
            request_id=delivery.request_id,
            last_error_code=item.error.code if item.error else None,
            last_error=item.error.text if item.error else None,
        )

    def lacking(self, student_id: int, offered: Mapping[UUID, bytes]) -> Sequence[UUID]:
        stored = {
            (row.session_id, row.payload_hash)
            for row in self._tables.inbox.values()
            if row.student_id == student_id and row.kind is not InboxState.INVALID
        }
        settled = {
            (one, row.payload_hash)
            for one, row in self._tables.settled.items()
            if row.student_id == student_id
        }
        return [
            one
            for one, payload_hash in offered.items()
            if (one, payload_hash) not in stored and (one, payload_hash[:SHORT_HASH]) not in settled
        ]

    def claim(
        self, limit: int, *, now: datetime, lease_s: float, ids: Sequence[int] | None = None
    ) -> list[ItemToDrain]:
        leases = self._tables.leases
        due = [item for item in self._due(now) if ids is None or item.inbox_id in ids]
        lost = [item for item in due if item.inbox_id in leases]
        taken: list[ItemToDrain] = []
        for item in lost[:1] or due[:limit]:
            claimed = replace(item, attempts=item.attempts + 1)
            self._tables.inbox[item.inbox_id] = claimed
            taken.append(replace(claimed, tried_before=item.inbox_id in leases))
            leases[item.inbox_id] = now + timedelta(seconds=lease_s)
        return taken

    def has_due(self, *, now: datetime) -> bool:
        return bool(self._due(now))

    def _due(self, now: datetime) -> Sequence[InboxItem]:
        return [
            item
            for item in self._oldest_first()
            if item.state is InboxState.PENDING
            and (item.next_try_at is None or has_come(item.next_try_at, now, LONGEST_WAIT_S))
            and self._is_free(item, now)
        ]

    def _is_free(self, item: InboxItem, now: datetime) -> bool:
        return has_come(self._tables.leases.get(item.inbox_id, now), now, LATEST_LEASE_S)

    def finish(
        self,
        outcomes: Sequence[InboxOutcome],
        *,
        now: datetime,
        release: str,
        who: str | None = None,
    ) -> None:
        for outcome in outcomes:
            item = self._tables.inbox.get(outcome.inbox_id)
            if item is None:
                continue
            if who is not None:
                self._keep_first_cause(item)
            if who is not None or outcome.state is not InboxState.PROCESSED:
                attempt = Attempt(
                    at=now,
                    state=outcome.state,
                    error_code=outcome.error_code,
                    error=outcome.error,
                    reasons=outcome.reasons,
                    release=release,
                    who=who,
                )
                kept = self._tables.attempts.get(outcome.inbox_id, ())
                self._tables.attempts[outcome.inbox_id] = (*kept, attempt)
            if who is None and item.state is not InboxState.PENDING:
                continue
            self._tables.leases.pop(outcome.inbox_id, None)
            done = outcome.state is not InboxState.PENDING
            self._tables.inbox[outcome.inbox_id] = replace(
                item,
                state=outcome.state,
                last_error_code=outcome.error_code,
                last_error=outcome.error,
                reasons=outcome.reasons,
                next_try_at=outcome.next_try_at,
                release=release,
                processed_at=now if done else None,
                before_dismissal=None,
            )

    def attempts_of(self, inbox_id: int) -> Sequence[Attempt]:
        return list(self._tables.attempts.get(inbox_id, ()))

    def get(self, inbox_id: int) -> InboxItem | None:
        return self._tables.inbox.get(inbox_id)

    def owners(self, inbox_ids: Sequence[int]) -> Mapping[int, int]:
        return {
            item.inbox_id: item.student_id
            for item in self._oldest_first()
            if item.inbox_id in inbox_ids
        }

    def take(self, inbox_ids: Sequence[int], *, now: datetime) -> Sequence[InboxItem]:
        return [
            item
            for item in self._oldest_first()
            if item.inbox_id in inbox_ids
            and item.state is not InboxState.PROCESSED
            and self._is_free(item, now)
        ]

    def _keep_first_cause(self, item: InboxItem) -> None:
        settled = item.kind not in (InboxState.PENDING, InboxState.PROCESSED)
        if settled and item.inbox_id not in self._tables.attempts:
            first = Attempt(
                at=item.processed_at or item.received_at,
                state=item.kind,
                error_code=item.last_error_code,
                error=item.last_error,
                reasons=item.reasons,
                release=item.release,
            )
            self._tables.attempts[item.inbox_id] = (first,)

    def dismiss(
        self, inbox_ids: Sequence[int], *, now: datetime, release: str, who: str, reason: str
    ) -> None:
        for inbox_id in inbox_ids:
            item = self._tables.inbox[inbox_id]
            self._keep_first_cause(item)
            closed = InboxState.DISMISSED
            self._tables.inbox[inbox_id] = replace(item, state=closed, before_dismissal=item.kind)
            attempt = Attempt(
                at=now, state=closed, error_code=closed, error=reason, release=release, who=who
            )
            self._tables.attempts[inbox_id] = (
                *self._tables.attempts.get(inbox_id, ()),
                attempt,
            )

    def standing(self, session_ids: Sequence[UUID]) -> Mapping[UUID, tuple[int, bytes]]:
        settled = {
            one: (kept.student_id, kept.payload_hash)
            for one, kept in self._tables.settled.items()
            if one in session_ids
        }
        return settled | {
            item.session_id: (item.student_id, item.payload_hash)
            for item in self._oldest_first()
            if item.session_id in session_ids
            and item.session_id is not None
            and item.kind not in (InboxState.INVALID, InboxState.CONFLICT)
        }

    def identify(self, inbox_id: int, session_id: UUID) -> None:
        self._tables.inbox[inbox_id] = replace(self._tables.inbox[inbox_id], session_id=session_id)

    def counts(self, *, now: datetime) -> InboxCounts:
        items = list(self._tables.inbox.values())
        waiting = [i.received_at for i in items if i.state is InboxState.PENDING]
        oldest = max((now - min(waiting)).total_seconds(), 0.0) if waiting else None
        processed = sum(one.progress.sessions for one in self._tables.students.values())
        return replace(counted(items), processed=processed, oldest_pending_s=oldest)

    def counts_of(self, student_id: int) -> InboxCounts:
        student = self._tables.students.get(student_id)
        own = [i for i in self._tables.inbox.values() if i.student_id == student_id]
        return replace(counted(own), processed=student.progress.sessions if student else 0)

    def recent(self, since: datetime) -> tuple[int, int]:
        came = [i for i in self._tables.inbox.values() if i.received_at >= since]
        return len(came), sum(i.state is InboxState.PROCESSED for i in came)

    def errors(self) -> Mapping[str, int]:
        codes = [
            i.last_error_code
            for i in self._tables.inbox.values()
            if i.last_error_code is not None
            and i.state not in (InboxState.PROCESSED, InboxState.DISMISSED)
        ]
        return {code: codes.count(code) for code in sorted(set(codes))}

    def list(
        self, which: InboxFilter = EVERYTHING, *, before: int | None = None, limit: int = 50
    ) -> list[InboxItem]:
        newest_first = reversed(self._oldest_first())
        wanted = (item for item in newest_first if before is None or item.inbox_id < before)
        return list(islice((item for item in wanted if self._passes(item, which)), limit))

    def _passes(self, item: InboxItem, which: InboxFilter) -> bool:
        class_id = self._tables.students[item.student_id].class_id
        return (
            (not which.states or item.state in which.states)
            and which.student_id in (None, item.student_id)
            and which.class_id in (None, class_id)
            and (which.since is None or item.received_at >= which.since)
            and (which.until is None or item.received_at < which.until)
            and (which.played_since is None or played_since(item, which.played_since))
            and which.error in (None, item.last_error_code)
            and which.device_id in (None, item.device_id)
            and which.verdict in (None, self._verdict(item))
        )

    def _verdict(self, item: InboxItem) -> str | None:
        stored = self._tables.sessions.get(item.session_id or "")
        return stored.verdict if stored and item.state is InboxState.PROCESSED else None

    def by_session(self, session_id: UUID) -> Sequence[InboxItem]:
        return [item for item in self._oldest_first() if item.session_id == session_id]

    def _oldest_first(self) -> Sequence[InboxItem]:
        return [self._tables.inbox[inbox_id] for inbox_id in sorted(self._tables.inbox)]


def _is_of(student_id: int, item: NewInboxItem, owner: int, short_hash: bytes) -> bool:
    """Whether the item is the same record as a settled one, of the same student."""
    return owner == student_id and item.payload_hash[:SHORT_HASH] == short_hash


def counted(items: Sequence[InboxItem]) -> InboxCounts:
    states = [item.state for item in items]
    return InboxCounts(**{state.value: states.count(state) for state in InboxState})
