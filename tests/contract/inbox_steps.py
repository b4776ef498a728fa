"""Steps for tests of the inbox: send, store, claim and finish items."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from uuid import UUID

from neuroplay.core.entities.sync_item import (
    Delivery,
    FieldError,
    NewInboxItem,
    ReceiptStatus,
)

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
BAD = FieldError(code="negative", field="score", message="score cannot be negative")
ACCEPTED, DUPLICATE, CONFLICT, INVALID = (
    ReceiptStatus.ACCEPTED,
    ReceiptStatus.DUPLICATE,
    ReceiptStatus.CONFLICT,
    ReceiptStatus.INVALID,
)


def item(number: int | None, *, body: int = 0, error: FieldError | None = None) -> NewInboxItem:
    """The session with this number (None: without a valid id). `body` distinguishes records."""
    payload = {"session_id": number, "game_type": "cyber_runner", "score": body}
    return NewInboxItem(
        session_id=None if number is None else UUID(int=number),
        payload=payload,
        payload_hash=hashlib.sha256(json.dumps(payload).encode()).digest(),
        clock_shift_s=1.5,
        error=error,
    )


def insert(store, principal, *items, at=NOW):
    with store() as uow:
        (receipts,) = uow.inbox.insert(
            [Delivery(principal=principal, items=items, received_at=at, request_id="r-1")]
        )
        uow.commit()
    return [receipt.status for receipt in receipts]


def stored(store):
    """(session number, state) of each row, oldest first."""
    with store() as uow:
        rows = uow.inbox.list(limit=1000)
    return [
        (row.session_id.int if row.session_id else None, row.state.value) for row in reversed(rows)
    ]


def claim(store, limit=10, *, now=NOW, lease_s=60.0, ids=None):
    with store() as uow:
        claimed = uow.inbox.claim(limit, now=now, lease_s=lease_s, ids=ids)
        uow.commit()
    return claimed


def finish(store, *outcomes, now=NOW):
    with store() as uow:
        uow.inbox.finish(outcomes, now=now, release="2.5.0")
        uow.commit()
