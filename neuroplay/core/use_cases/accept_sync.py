"""Store the sessions that a device sends, unchanged, before the response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.entities.student import OutboxReport
from neuroplay.core.entities.sync_item import Delivery, FieldError, NewInboxItem, Receipt
from neuroplay.core.errors import InvalidSession, NotFound, StoreUnavailable
from neuroplay.core.interfaces.services import (
    Clock,
    Gather,
    HashPayload,
    WakeUp,
    WriteJson,
    each_alone,
)
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.rules.plausibility import check_possible
from neuroplay.core.rules.session_record import read_session, read_session_id
from neuroplay.core.rules.storable import check_storable, sorted_json, storable
from neuroplay.core.use_cases.missing_student import gone
from neuroplay.core.use_cases.sync_budget import SyncBudget

LONGEST_ECHO = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    """One record of a batch after reading.

    `text` is the payload as WriteJson writes it; None if the record could not be stored unchanged.
    `ended_at` is on the device's clock; None if the record is invalid.
    """

    session_id: UUID | None
    payload: Mapping[str, object]
    error: FieldError | None
    text: str | None = None
    ended_at: datetime | None = None


class AcceptSync:
    """Stores a batch and returns a receipt for each session, in the order of the request.

    A session that cannot be true is stored too, gets an `invalid` receipt and does not affect the
    others. Batches that arrive together may be stored in one transaction (`gather`). The workers
    are woken after the commit and before the response.
    """

    def __init__(
        self,
        *,
        uow: UnitOfWorkFactory,
        clock: Clock,
        hash_payload: HashPayload,
        wake_up: WakeUp,
        write_json: WriteJson = sorted_json,
        gather: Gather = each_alone,
        budget: SyncBudget | None = None,
    ) -> None:
        self._uow = uow
        self._budget = budget
        self._clock = clock
        self._hash_payload = hash_payload
        self._wake_up = wake_up
        self._write_json = write_json
        self._store = gather(self._store_all)

    def execute(
        self,
        principal: StudentPrincipal,
        *,
        sessions: Sequence[object],
        sent_at: datetime | None,
        outbox: OutboxReport | None,
        request_id: str | None,
        contact: bool = True,
    ) -> list[Receipt]:
        """Store the sessions; one receipt for each. A device may send none, as a sign of life.

        Without `contact` the device did not send the request itself, and no budget is charged.

        Raises Refused with `student_erased` or `over_budget`, or TransientError just after the
        student was merged; then nothing is stored. Raises StoreUnavailable; then nothing,
        everything, or everything but conflicts is stored. Sending the batch again shows which.
        """
        budget, student_id = self._budget if contact else None, principal.student_id
        if budget is not None:
            budget.check(student_id)
        received_at = self._clock()
        reads = [_read(record, student_id, self._write_json) for record in sessions]
        size = sum(map(_size, reads))
        if budget is not None:
            budget.spend(student_id, sessions=len(reads), size=size)
        try:
            receipts = self._store(
                Delivery(
                    principal=principal,
                    items=self._items(reads, sent_at, received_at),
                    received_at=received_at,
                    request_id=request_id,
                    outbox=outbox,
                    contact=contact,
                )
            )
        except StoreUnavailable:
            if budget is not None:
                budget.give_back(student_id, sessions=len(reads), size=size)
            raise
        except NotFound as error:
            with self._uow() as uow:
                raise gone(uow, student_id) from error
        return [_echoed(*pair) for pair in zip(receipts, sessions, strict=True)]

    def _store_all(self, deliveries: Sequence[Delivery]) -> list[list[Receipt]]:
        """Raises NotFound if the student of one of them was erased."""
        # In steps: repeating it is harmless, because stored sessions become duplicates.
        with self._uow(in_steps=True) as uow:
            uow.devices.report_all([one for one in deliveries if one.contact])
            receipts = uow.inbox.insert(deliveries)
            uow.commit()
        if any(one.items for one in deliveries):
            self._wake_up()
        return receipts

    def _items(
        self, reads: Sequence[_Read], sent_at: datetime | None, received_at: datetime
    ) -> list[NewInboxItem]:
        shifts = clock_shifts(
            [read.ended_at for read in reads], sent_at=sent_at, received_at=received_at
        )
        return [
            NewInboxItem(
                session_id=read.session_id,
                payload=read.payload,
                payload_hash=self._hash_payload(read.payload, read.text),
                clock_shift_s=shift,
                error=read.error,
            )
            for read, shift in zip(reads, shifts, strict=True)
        ]


def clock_shifts(
    ends: Sequence[datetime | None], *, sent_at: datetime | None, received_at: datetime
) -> list[float]:
    """For each session, given its end on the device's clock, the seconds to add for the server's.

    `sent_at` shows how wrong the device's clock is. A session that ended after `sent_at`, or in the
    server's future if that is absent, was timed by a clock that has been set since. Such sessions
    get a common shift, so that the last of them ends now and the gaps between them remain.
    """
    sent = received_at if sent_at is None or sent_at.tzinfo is None else sent_at.astimezone(UTC)
    shift = (received_at - sent).total_seconds()
    later = [end for end in ends if end is not None and end > sent]
    later_shift = (received_at - max(later)).total_seconds() if later else shift
    return [later_shift if end is not None and end > sent else shift for end in ends]


def _read(record: Any, student_id: int, write_json: WriteJson) -> _Read:
    """Read and check a record. Never raises."""
    try:
        text = check_storable(record, write_json)
    except InvalidSession as error:
        payload = storable(record)
        return _Read(session_id=_id_or_none(payload), payload=payload, error=FieldError.of(error))
    session_id = None
    try:
        session_id = read_session_id(record)
        session = read_session(record, student_id, session_id=session_id)
        check_possible(session)
    except InvalidSession as error:
        return _Read(session_id=session_id, payload=record, error=FieldError.of(error), text=text)
    return _Read(
        session_id=session_id, payload=record, error=None, text=text, ended_at=session.ended_at
    )


def _size(read: _Read) -> int:
    """The approximate number of bytes that it takes to store."""
    return len(read.text if read.text is not None else repr(read.payload))


def _id_or_none(payload: Mapping[str, object]) -> UUID | None:
    try:
        return read_session_id(payload)
    except InvalidSession:
        return None


def _echoed(receipt: Receipt, record: object) -> Receipt:
    """The receipt with the id exactly as it was sent, by which the device finds the session."""
    sent = record.get("session_id") if type(record) is dict else None
    if type(sent) is not str or sent == receipt.session_id:
        return receipt
    return replace(receipt, session_id=sent[:LONGEST_ECHO])
