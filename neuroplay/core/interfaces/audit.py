"""The audit in the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from neuroplay.core.entities.sync_item import (
    AuditEntry,
    AuditRecord,
    Decision,
)

AUDIT_SOUGHT = 1_000


class AuditReading(Protocol):
    """Adults are named as they are called now, with the number: `Rita (adult:7)`. Of one who was
    erased, the number remains."""

    def list(
        self,
        *,
        targets: Collection[str] | None,
        since: datetime | None,
        who: str,
        limit: int,
    ) -> Sequence[AuditRecord]:
        """Entries about `targets` (None: about anything) from `since` on, newest first, whose
        author's name contains `who`, whatever its case."""

    def about(self, student_id: int) -> Sequence[AuditEntry]:
        """What operators did to this student, oldest first."""

    def newest_change(self, *, besides: Collection[str]) -> int | None:
        """The number of the newest entry about a class or student that is none of `besides`; None
        if there is none among the last AUDIT_SOUGHT entries."""

    def decisions(self, student_id: int, inbox_id: int) -> Sequence[Decision]:
        """Adults' decisions about an item of this student, oldest first."""


class AuditRepository(AuditReading, Protocol):
    def add(
        self, *, who: str, what: str, target: str, details: Mapping[str, object], now: datetime
    ) -> None: ...
    def look(self, *, who: str, what: str, target: str, now: datetime, within: timedelta) -> bool:
        """Add an entry without details, unless the same was added `within` this time before.
        Returns whether it was added."""
