"""Inbox items, the deliveries that bring them, and the receipts for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.entities.student import OutboxReport
from neuroplay.core.errors import InvalidSession

LEASE_S = 60.0
"""How long a claim lasts. After that, another worker may claim the item."""

LONGEST_WAIT_S = 600.0
"""The longest time between two tries at an item. A later due time was written while the clock was
ahead: the item is due now."""

LATEST_LEASE_S = 2 * LEASE_S
"""The same for leases, with a tolerance for a clock that is corrected by some seconds."""


SHORT_HASH = 16
"""Bytes of its payload hash that are kept of a settled item: 2**64 records with one id would be
needed for two that begin alike."""


class InboxState(StrEnum):
    PENDING = "pending"
    PROCESSED = "processed"
    FAILED = "failed"
    HELD = "held"
    INVALID = "invalid"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    DISMISSED = "dismissed"


UNDECIDED = (InboxState.FAILED, InboxState.HELD, InboxState.INVALID, InboxState.CONFLICT)
"""In these an item waits for somebody's decision."""


class ReceiptStatus(StrEnum):
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    INVALID = "invalid"


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldError:
    """Why one session of a batch is invalid: a stable code, the wire field, a text for people."""

    code: str
    field: str
    message: str

    @classmethod
    def of(cls, error: InvalidSession) -> FieldError:
        return cls(code=error.code, field=error.field, message=error.message)

    @property
    def text(self) -> str:
        """The message, beginning with the field."""
        named = self.message.startswith(self.field)
        return self.message if named else f"{self.field}: {self.message}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """The answer for one session. `session_id` is as it was sent; None if there was none."""

    session_id: str | None
    status: ReceiptStatus
    error: FieldError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewInboxItem:
    """One session as received, to be stored.

    `session_id` is None if the record had no valid one; then `error` is set. `payload` is the
    record as sent, unknown fields included. It is valid JSON: rules.storable has replaced what is
    not. `payload_hash` is SHA-256 over its canonical JSON (RFC 8785). `clock_shift_s` comes from
    accept_sync.clock_shifts. An item with an `error` is stored as `invalid`.
    """

    session_id: UUID | None
    payload: Mapping[str, object]
    payload_hash: bytes
    clock_shift_s: float
    error: FieldError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """The sessions of one request, to be stored.

    `outbox` is what the device still holds, if it reported that. `contact` is false if the device
    did not send the request itself, as for an imported file.
    """

    principal: StudentPrincipal
    items: Sequence[NewInboxItem]
    received_at: datetime
    request_id: str | None
    outbox: OutboxReport | None = None
    contact: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemToDrain:
    """The part of a stored item that a drain needs. Times are aware UTC; `attempts` counts its
    tries."""

    inbox_id: int
    session_id: UUID | None
    student_id: int
    payload: Mapping[str, object]
    clock_shift_s: float
    received_at: datetime
    attempts: int = 0
    request_id: str | None = None
    tried_before: bool = False
    """An earlier claim's lease expired, so this item is tried alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxItem(ItemToDrain):
    """A stored item."""

    device_id: UUID
    state: InboxState
    payload_hash: bytes
    next_try_at: datetime | None = None
    processed_at: datetime | None = None
    last_error_code: str | None = None
    last_error: str | None = None
    reasons: tuple[str, ...] = ()
    release: str | None = None
    before_dismissal: InboxState | None = None
    """The state before an item was dismissed, to which a replay returns it."""

    @property
    def kind(self) -> InboxState:
        """The state, for a dismissed item the one before. It decides who holds the session's id."""
        return self.before_dismissal or self.state


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxOutcome:
    """The result for one claimed item, written in the same transaction as its effects."""

    inbox_id: int
    state: InboxState
    error_code: str | None = None
    error: str | None = None
    reasons: tuple[str, ...] = ()
    next_try_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """A recorded try: one that did not succeed at once, or one made by an operator (`who`)."""

    at: datetime
    state: InboxState
    error_code: str | None = None
    error: str | None = None
    reasons: tuple[str, ...] = ()
    release: str | None = None
    who: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    """What an operator did. `details` has numbers, ids and reasons."""

    at: datetime
    who: str
    what: str
    details: Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditRecord:
    """An entry of the audit with its `target`, such as `student 12`."""

    audit_id: int
    at: datetime
    who: str
    what: str
    target: str
    details: Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """An adult's decision about an item. `what` is, for example, `session approved`."""

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
