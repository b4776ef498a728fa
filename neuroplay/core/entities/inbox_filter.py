"""Which items of the inbox somebody asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from neuroplay.core.entities.sync_item import InboxState
from neuroplay.core.entities.verification import Verdict

CLOCKS_DIFFER = timedelta(days=2)
"""A game is received after it was played, but for what clocks and zones are apart."""

_DAWN = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxFilter:
    """Items for which all holds that is set; one that sets nothing lets every item through.

    `since` and `until` are of the receipt, `played_since` is of the play on the server's clock.
    Only what was counted has a `verdict`.
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
        """No item that passes was received before."""
        if self.played_since is None or self.played_since - _DAWN < CLOCKS_DIFFER:
            return self.since
        played = self.played_since - CLOCKS_DIFFER
        return played if self.since is None else max(self.since, played)


EVERYTHING = InboxFilter()
