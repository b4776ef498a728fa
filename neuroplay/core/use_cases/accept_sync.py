"""A device sends finished sessions: each is stored, raw, before the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from neuroplay.core.entities.student import OutboxReport, Principal
from neuroplay.core.entities.sync_item import Delivery, FieldError, NewInboxItem, Receipt
from neuroplay.core.errors import InvalidSession, NotFound, StoreUnavailable, student_erased
from neuroplay.core.interfaces.services import Clock, Gather, HashPayload, WakeUp, each_alone
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.rules.plausibility import check_possible
from neuroplay.core.rules.session_record import read_session, read_session_id
from neuroplay.core.rules.storable import check_storable, storable
from neuroplay.core.use_cases.sync_budget import SyncBudget

LONGEST_ECHO = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    """One record of a batch after reading. `text` is the payload as `sorted_json`, of one that can
    be stored as it is; `ended_at` is the device's own, of a good one."""

    session_id: UUID | None
    payload: Mapping[str, object]
    error: FieldError | None
    text: str | None = None
    ended_at: datetime | None = None


class AcceptSync:
    """Stores a batch and says what became of each session, in the order of the request.

    A session that cannot be true gets an `invalid` receipt and is kept; it never hinders another.
    Batches that come at the same time may be stored in one transaction (`gather`). The workers are
    woken after the commit and before the answer.
    """

    def __init__(
        self,
        *,
        uow: UnitOfWorkFactory,
        clock: Clock,
        hash_payload: HashPayload,
        wake_up: WakeUp,
        gather: Gather = each_alone,
        budget: SyncBudget | None = None,
    ) -> None:
        self._uow = uow
        self._budget = budget
        self._clock = clock
        self._hash_payload = hash_payload
        self._wake_up = wake_up
        self._store = gather(self._store_all)

    def execute(
        self,
        principal: Principal,
        *,
        sessions: Sequence[object],
        sent_at: datetime | None,
        outbox: OutboxReport | None,
        request_id: str | None,
        contact: bool = True,
    ) -> list[Receipt]:
        """One receipt a session. An empty `sessions` is a device's sign of life; without
        `contact` it is not the device that speaks, and no budget is asked.

        Raises Refused: `student_erased`, or `over_budget`: nothing is stored then. Raises
        StoreUnavailable: then nothing or all of it is stored, or all but conflicts, and sending it
        again is the way to know.
        """
        budget, student_id = self._budget if contact else None, principal.student_id
        if budget is not None:
            budget.check(student_id)
        received_at = self._clock()
        reads = [_read(record, student_id) for record in sessions]
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
            raise student_erased(student_id) from error
        return [_echoed(*pair) for pair in zip(receipts, sessions, strict=True)]

    def _store_all(self, deliveries: Sequence[Delivery]) -> list[list[Receipt]]:
        """Raises NotFound where the student of one of them is gone."""
        # In steps: what is sent again is not stored again. The first nearly always is the only one.
        with self._uow(in_steps=True) as uow:
            # In one order, so that transactions wait for each other and never both.
            for one in sorted(deliveries, key=_device):
                if one.contact:
                    uow.devices.report(one.principal, one.outbox, now=one.received_at)
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


def _device(delivery: Delivery) -> tuple[UUID, int]:
    return delivery.principal.device_id, delivery.principal.student_id


def clock_shifts(
    ends: Sequence[datetime | None], *, sent_at: datetime | None, received_at: datetime
) -> list[float]:
    """For each session's end on the device's clock, the seconds to the server's clock.

    `sent_at` says how wrong the device's clock is. A session that ended after `sent_at` (or in
    the server's future where that is absent) was timed by yet another clock: such sessions move
    together, so that the last of them ends now and the gaps between them stay.
    """
    sent = received_at if sent_at is None or sent_at.tzinfo is None else sent_at.astimezone(UTC)
    shift = (received_at - sent).total_seconds()
    later = [end for end in ends if end is not None and end > sent]
    later_shift = (received_at - max(later)).total_seconds() if later else shift
    return [later_shift if end is not None and end > sent else shift for end in ends]


def _read(record: Any, student_id: int) -> _Read:
    """What the record says, and what is wrong with it; never raises."""
    try:
        text = check_storable(record)
    except InvalidSession as error:
        payload = storable(record)
        return _Read(session_id=_id_or_none(payload), payload=payload, error=_field_error(error))
    session_id = None
    try:
        session_id = read_session_id(record)
        session = read_session(record, student_id, session_id=session_id)
        check_possible(session)
    except InvalidSession as error:
        return _Read(session_id=session_id, payload=record, error=_field_error(error), text=text)
    return _Read(
        session_id=session_id, payload=record, error=None, text=text, ended_at=session.ended_at
    )


def _size(read: _Read) -> int:
    """What it takes to store it, nearly."""
    return len(read.text if read.text is not None else repr(read.payload))


def _id_or_none(payload: Mapping[str, object]) -> UUID | None:
    try:
        return read_session_id(payload)
    except InvalidSession:
        return None


def _field_error(error: InvalidSession) -> FieldError:
    return FieldError(code=error.code, field=error.field, message=error.message)


def _echoed(receipt: Receipt, record: object) -> Receipt:
    """The receipt with the id as it was sent, so that a device finds its own spelling again."""
    sent = record.get("session_id") if type(record) is dict else None
    if type(sent) is not str or sent == receipt.session_id:
        return receipt
    return replace(receipt, session_id=sent[:LONGEST_ECHO])
