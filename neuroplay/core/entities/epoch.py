"""The time between two restores of the database, and what its backups cover."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Epoch:
    """`epoch_id` is new after each restore.

    Whatever was acknowledged in this epoch before `safe_before` is in a good backup. None: there is
    no backup of this epoch yet.
    """

    epoch_id: UUID
    safe_before: datetime | None = None
