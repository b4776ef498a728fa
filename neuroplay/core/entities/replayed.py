"""What became of an item that was replayed, approved, rejected or dismissed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from neuroplay.core.entities.sync_item import InboxItem, InboxOutcome, InboxState


class Fate(StrEnum):
    """The result for one item."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    """Another item has the same record."""
    CONFLICT = "conflict"
    """Another record holds its id."""
    HELD = "held"
    INVALID = "invalid"
    FAILED = "failed"
    REJECTED = "rejected"
    DISMISSED = "dismissed"
    BUSY = "busy"
    """A worker is processing it, or its state does not allow the command."""


GOOD = (Fate.APPLIED, Fate.DUPLICATE, Fate.REJECTED, Fate.DISMISSED)
"""Results that need no further action."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """One item's result, and its state now. `reason` says why it was not applied."""

    inbox_id: int
    session_id: UUID | None
    student_id: int
    fate: Fate
    state: InboxState
    reason: str = ""
    sent_as: UUID | None = None
    """The session id as it was sent, if the item got another one."""


_FATES = {
    InboxState.PROCESSED: Fate.APPLIED,
    InboxState.HELD: Fate.HELD,
    InboxState.INVALID: Fate.INVALID,
    InboxState.CONFLICT: Fate.CONFLICT,
    InboxState.FAILED: Fate.FAILED,
}


def judged(item: InboxItem, outcome: InboxOutcome) -> Replayed:
    """The result of an item that the rules have judged."""
    why = outcome.error or ", ".join(outcome.reasons)
    return replayed(item, _FATES[outcome.state], why, state=outcome.state)


def replayed(
    item: InboxItem, fate: Fate, reason: str = "", *, state: InboxState | None = None
) -> Replayed:
    """A result for the item. `state` is that of the item now; None: as before."""
    return Replayed(
        inbox_id=item.inbox_id,
        session_id=item.session_id,
        student_id=item.student_id,
        fate=fate,
        state=state or item.state,
        reason=reason,
    )
