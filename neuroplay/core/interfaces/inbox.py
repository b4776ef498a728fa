"""The inbox of the store, and how much a student may send to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from neuroplay.core.entities.allowance import Allowance
from neuroplay.core.entities.inbox_filter import EVERYTHING, InboxFilter
from neuroplay.core.entities.sync_item import (
    Attempt,
    Delivery,
    InboxCounts,
    InboxItem,
    InboxOutcome,
    ItemToDrain,
    Receipt,
)


class InboxReading(Protocol):
    def has_due(self, *, now: datetime) -> bool:
        """Whether a claim would find something."""

    def attempts_of(self, inbox_id: int) -> Sequence[Attempt]:
        """The recorded attempts of an item, oldest first."""

    def get(self, inbox_id: int) -> InboxItem | None: ...
    def counts(self, *, now: datetime) -> InboxCounts:
        """All items by state. `processed` is the sum of the students' counters, which is the same
        number: one transaction writes both."""

    def counts_of(self, student_id: int) -> InboxCounts:
        """One student's items by state, in one statement. `processed` is the student's counter, as
        in `counts`; `oldest_pending_s` is None."""

    def recent(self, since: datetime) -> tuple[int, int]:
        """The number of items received since then, and how many of these are processed."""

    def errors(self) -> Mapping[str, int]:
        """The number of items that are not processed, by last_error_code."""

    def list(
        self, which: InboxFilter = EVERYTHING, *, before: int | None = None, limit: int = 50
    ) -> list[InboxItem]:
        """Items, newest first. `before` is the last inbox_id of the previous page."""

    def by_session(self, session_id: UUID) -> Sequence[InboxItem]: ...
    def lacking(self, student_id: int, offered: Mapping[UUID, bytes]) -> Sequence[UUID]:
        """The ids of `offered` (payload hashes by session id), in order, that are not stored with
        this hash for this student. Invalid items do not count as stored."""

    def standing(self, session_ids: Sequence[UUID]) -> Mapping[UUID, tuple[int, bytes]]:
        """For each id that is taken, the (student_id, payload_hash) of the item that holds it.
        Items that are invalid or in conflict hold none. Of a settled item the hash is its first
        SHORT_HASH bytes."""


class InboxRepository(InboxReading, Protocol):
    def insert(self, deliveries: Sequence[Delivery]) -> list[list[Receipt]]:
        """Store all items with one INSERT statement. Returns, for each delivery, a receipt for each
        item, in order.

        If the id is taken, the receipt is a duplicate for the same hash and student. Otherwise it
        is a conflict, and the item is stored too. An item with an `error` is stored as invalid,
        once for each student and payload_hash; if such a payload is no longer invalid after a
        replay, the receipt is a duplicate. The same rules apply, in order, to repetitions within
        the deliveries. Raises NotFound if a student was erased; then nothing is stored.
        """

    def claim(
        self, limit: int, *, now: datetime, lease_s: float, ids: Sequence[int] | None = None
    ) -> list[ItemToDrain]:
        """Claim up to `limit` pending items that are due and not leased, oldest first, with SKIP
        LOCKED.

        `attempts` is incremented and the lease is set. New items are due at once. A due time or
        lease that ends more than LONGEST_WAIT_S or LATEST_LEASE_S ahead was written before the
        clock was set back, and is ignored. An item whose earlier lease expired is returned alone,
        with `tried_before`. The caller commits at once.
        """

    def finish(
        self,
        outcomes: Sequence[InboxOutcome],
        *,
        now: datetime,
        release: str,
        who: str | None = None,
    ) -> None:
        """Store the outcomes of claimed items, in one statement.

        An item that is no longer pending is not changed: the worker's lease has expired. For an
        operator (`who`), who has locked the items with `take`, the previous state does not matter,
        and a dismissed item is no longer dismissed.

        Outcomes other than `processed`, and all of an operator's, are also recorded as attempts. An
        item without attempts first gets one with its previous state, before an operator's.
        """

    def owners(self, inbox_ids: Sequence[int]) -> Mapping[int, int]:
        """The student id of each item."""

    def take(self, inbox_ids: Sequence[int], *, now: datetime) -> Sequence[InboxItem]:
        """Lock those of the items that are neither claimed nor processed until the end of the unit
        of work, with SKIP LOCKED. Their state does not change."""

    def dismiss(
        self, inbox_ids: Sequence[int], *, now: datetime, release: str, who: str, reason: str
    ) -> None:
        """Dismiss items from `take`. The reason is recorded as an attempt, after the previous state
        as in `finish`. An item holds its session's id as before."""

    def identify(self, inbox_id: int, session_id: UUID) -> None:
        """Set the session id of an item that had none, or that gets another one."""


class BudgetRepository(Protocol):
    def charge(self, student_id: int, sessions: int, size: int, allowance: Allowance) -> float:
        """Charge the student's budget, unless it is used up.

        Returns 0.0 if it was charged, else the seconds until it is no longer used up. The budget
        recovers evenly, by the store's clock. The charge is committed at once, and may be lost in a
        crash. Raises NotFound if the student was erased.
        """
