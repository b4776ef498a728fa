"""What the store no longer keeps, and its epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from neuroplay.core.entities.epoch import Epoch
from neuroplay.core.entities.opening_balance import CountedSession, OpeningBalance
from neuroplay.core.entities.retention import Cutoffs, Removed, RetentionPass


class RetentionRepository(Protocol):
    """Removes what is not kept any longer. Nothing of an item that waits for a decision, or of a
    session that is due to be verified, is ever removed. The trace of a mismatch stays as long as
    its record."""

    def take_pass(self) -> RetentionPass | None:
        """Lock the state of the pass until the end of the unit of work. None if another unit of
        work has locked it."""

    def save_pass(self, place: RetentionPass) -> None: ...
    def remove_imports(self, before: datetime) -> None:
        """Forget the imports of rosters that were applied before this time."""

    def owing(self, student_ids: Sequence[int], cutoffs: Cutoffs) -> list[int]:
        """Those of the students of whom something has to go, in order."""

    def count(self, student_ids: Sequence[int], cutoffs: Cutoffs) -> Removed:
        """How much of these students has to go."""

    def hold(self, student_ids: Sequence[int]) -> None:
        """Lock the students, in id order, as `StudentRepository.lock` does, without loading
        them."""

    def remove_traces(self, student_ids: Sequence[int], cutoffs: Cutoffs, *, limit: int) -> int:
        """Remove the traces of up to `limit` processed items. Returns their number."""

    def settle(self, student_ids: Sequence[int], cutoffs: Cutoffs, *, limit: int) -> int:
        """Reduce up to `limit` items to id, student and hash, so that a session that is sent again
        stays a duplicate. Items that hold no id leave nothing. Returns their number."""

    def foldable(
        self, student_ids: Sequence[int], cutoffs: Cutoffs, *, limit: int
    ) -> list[CountedSession]:
        """Up to `limit` sessions to fold, without traces. Only settled ones: while the record is
        there, so is the session."""

    def fold(self, balances: Mapping[int, OpeningBalance], session_ids: Sequence[UUID]) -> None:
        """Add to the opening balances of these students, and delete the sessions. Their ids remain
        settled."""


class EpochReading(Protocol):
    def current(self) -> Epoch: ...
