"""What lies in the inbox, and what the device is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from neuroplay.core.entities.student import OutboxReport, Principal

LEASE_S = 60.0
"""A claim that was not finished in this time may be claimed by another worker."""

LONGEST_WAIT_S = 600.0
"""The longest time between two tries at an item. What is due later than that was written while
the clock was ahead: it is due now."""

LATEST_LEASE_S = 2 * LEASE_S
"""The same of a lease, with room for a clock that is only set right by some seconds."""


class InboxState(StrEnum):
    PENDING = "pending"
    PROCESSED = "processed"
    FAILED = "failed"
    HELD = "held"
    INVALID = "invalid"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    DISMISSED = "dismissed"


class ReceiptStatus(StrEnum):
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    INVALID = "invalid"


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldError:
    """Why one session of a batch is invalid: stable `code`, wire `field`, words for a human."""

    code: str
    field: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """The answer for one session. `session_id` echoes what was sent, None where it had none."""

    session_id: str | None
    status: ReceiptStatus
    error: FieldError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewInboxItem:
    """One session as received, ready to be stored.

    `session_id` is None only where the record had no usable one (then `error` is set).
    `payload` is the raw record, unknown fields included; it is valid JSON (NaN and infinities
    replaced by their names). `payload_hash` is SHA-256 over its canonical JSON (RFC 8785).
    `clock_shift_s` = received - sent_at in seconds, 0.0 where `sent_at` was absent.
    `error` set means the item is stored as `invalid`.
    """

    session_id: UUID | None
    payload: Mapping[str, object]
    payload_hash: bytes
    clock_shift_s: float
    error: FieldError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """What a device sent with one request, ready to be stored.

    `outbox` is what the device still holds, where it said so; `contact` is false where it is not
    the device itself that speaks.
    """

    principal: Principal
    items: Sequence[NewInboxItem]
    received_at: datetime
    request_id: str | None
    outbox: OutboxReport | None = None
    contact: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxItem:
    """A stored item. `inbox_id` is the surrogate key; times are aware UTC."""

    inbox_id: int
    session_id: UUID | None
    student_id: int
    device_id: UUID
    state: InboxState
    payload: Mapping[str, object]
    payload_hash: bytes
    clock_shift_s: float
    received_at: datetime
    attempts: int = 0
    next_try_at: datetime | None = None
    processed_at: datetime | None = None
    last_error_code: str | None = None
    last_error: str | None = None
    reasons: tuple[str, ...] = ()
    release: str | None = None
    request_id: str | None = None
    tried_before: bool = field(default=False)
    """True where an earlier claim's lease ran out: this item is tried alone."""
    before_dismissal: InboxState | None = None
    """What a dismissed item was, and becomes again for a replay."""

    @property
    def kind(self) -> InboxState:
        """The state, or the one under a dismissal: it says who holds the session's id."""
        return self.before_dismissal or self.state


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxOutcome:
    """What became of one claimed item; written in the transaction of its effects."""

    inbox_id: int
    state: InboxState
    error_code: str | None = None
    error: str | None = None
    reasons: tuple[str, ...] = ()
    next_try_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One try at an item that did not end well at once, or one that an operator made (`who`)."""

    at: datetime
    state: InboxState
    error_code: str | None = None
    error: str | None = None
    reasons: tuple[str, ...] = ()
    release: str | None = None
    who: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What an adult decided about an item (`what`, as `session approved`), and why."""

    at: datetime
    who: str
    what: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxCounts:
    pending: int = 0
    processed: int = 0
    failed: int = 0
    held: int = 0
    invalid: int = 0
    conflict: int = 0
    rejected: int = 0
    dismissed: int = 0
    oldest_pending_s: float | None = None
