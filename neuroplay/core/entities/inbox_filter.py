"""Criteria to select inbox items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from neuroplay.core.entities.sync_item import InboxState
from neuroplay.core.entities.verification import Verdict

CLOCK_TOLERANCE = timedelta(days=2)
"""How much earlier than the end of its play a session may seem to be received: clocks differ."""

_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxFilter:
    """Selects the items that meet all criteria that are set; all items if none is.

    `since` and `until` refer to the time of receipt, `played_since` to the end of play on the
    server's clock. Only processed items have a `verdict`.
    """

    states: tuple[InboxState, ...] = ()
    student_id: int | None = None
    class_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    played_since: datetime | None = None
    error: str | None = None
    device_id: UUID | None = None
    verdict: Verdict | None = None

    @property
    def received_since(self) -> datetime | None:
        """A lower bound for the time of receipt of the selected items."""
        if self.played_since is None or self.played_since - _EARLIEST < CLOCK_TOLERANCE:
            return self.since
        played = self.played_since - CLOCK_TOLERANCE
        return played if self.since is None else max(self.since, played)


EVERYTHING = InboxFilter()
