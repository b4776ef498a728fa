"""Drain the inbox through the rules, with many items in each transaction."""

from __future__ import annotations

import random as stdlib_random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from neuroplay.core.entities.sync_item import (
    LEASE_S,
    LONGEST_WAIT_S,
    InboxOutcome,
    InboxState,
    ItemToDrain,
)
from neuroplay.core.errors import (
    NeuroPlayError,
    PermanentError,
    StoreUnavailable,
    code_of,
    in_a_line,
)
from neuroplay.core.interfaces.services import Clock, Unforeseen, say_nothing
from neuroplay.core.interfaces.unit_of_work import UnitOfWork, UnitOfWorkFactory
from neuroplay.core.use_cases.drain_batch import DrainBatch, DrainedItem

__all__ = ["DrainInbox", "DrainReport", "DrainedItem"]

MOST_TRIES = 5
FIRST_WAIT_S = 5.0
JITTER = 0.5
"""Random share of a wait, so that failing items are not all retried at the same time."""

LONGEST_ERROR = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class DrainReport:
    """The result of one drain. `more`: another drain may find items."""

    claimed: int
    items: tuple[DrainedItem, ...]
    unlocked: tuple[str, ...]
    more: bool
    waited_s: float = 0.0
    """The longest time from an item's arrival to its first try, among those first tried here."""

    @property
    def processed(self) -> int:
        return self._in(InboxState.PROCESSED)

    @property
    def held(self) -> int:
        return self._in(InboxState.HELD)

    @property
    def failed(self) -> int:
        return self._in(InboxState.FAILED)

    def _in(self, state: InboxState) -> int:
        return sum(item.state is state for item in self.items)


class DrainInbox:
    """Claims due items, applies the rules, and writes sessions, XP, achievements and the items'
    new states in one transaction.

    If a rule fails for an item, the other items are processed all the same. If the transaction
    fails, its halves are tried in transactions of their own, down to single items, so that a bad
    item delays only itself. It waits longer after each try, and is `failed` after MOST_TRIES. An
    item that was being processed when a worker died is from then on tried alone.
    """

    def __init__(
        self,
        *,
        uow: UnitOfWorkFactory,
        clock: Clock,
        release: str,
        timer: Callable[[], float] = time.perf_counter,
        random: Callable[[], float] = stdlib_random.random,
        unforeseen: Unforeseen = say_nothing,
    ) -> None:
        self._unforeseen = unforeseen
        self._uow = uow
        self._clock = clock
        self._release = release
        self._timer = timer
        self._random = random

    def execute(self, limit: int = 500) -> DrainReport:
        """Drain up to `limit` items. Raises StoreUnavailable; then claimed items that were not
        finished are processed after their lease has expired."""
        with self._uow() as uow:
            now = uow.now()
            claimed = uow.inbox.claim(limit, now=now, lease_s=LEASE_S)
            uow.commit()
        together = [item for item in claimed if not item.tried_before]
        done = self._together(together) if together else []
        done += [self._alone(item) for item in claimed if item.tried_before]
        more = len(claimed) >= limit or len(together) < len(claimed)
        waited = [(now - one.received_at).total_seconds() for one in claimed if one.attempts == 1]
        return DrainReport(
            claimed=len(claimed),
            items=tuple(item for batch in done for item in batch.items),
            unlocked=tuple(name for batch in done for name in batch.unlocked),
            more=more,
            waited_s=max(waited, default=0.0),
        )

    def _together(self, items: Sequence[ItemToDrain]) -> list[DrainBatch]:
        try:
            return [self._apply(items)]
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, search for the bad item
            if len(items) == 1:
                return [self._alone(items[0])]
            half = len(items) // 2
            done = self._together(items[:half]) + self._together(items[half:])
            if all(item.state == InboxState.PROCESSED for batch in done for item in batch.items):
                self._unforeseen(error, [item.session_id for item in items])
            return done

    def _alone(self, item: ItemToDrain) -> DrainBatch:
        if item.attempts > MOST_TRIES:
            return self._write_off(item)
        try:
            return self._apply([item])
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - a bad item must not stop the others
            return self._write_off(item, error)

    def _apply(self, items: Sequence[ItemToDrain]) -> DrainBatch:
        with self._uow() as uow:
            batch = self._batch(uow)
            batch.apply(items)
            self._finish(uow, batch)
        return batch

    def _write_off(self, item: ItemToDrain, error: Exception | None = None) -> DrainBatch:
        """Set the item aside after `error`; None if its tries ended without one, in a crash."""
        given_up = InboxOutcome(
            inbox_id=item.inbox_id,
            state=InboxState.FAILED,
            error_code="tries_used_up",
            error="its processing never finished",
        )
        with self._uow() as uow:
            batch = self._batch(uow)
            batch.record(item, self._set_aside(uow, item, error) if error else given_up)
            self._finish(uow, batch)
        return batch

    def _batch(self, uow: UnitOfWork) -> DrainBatch:
        return DrainBatch(
            uow,
            clock=self._clock,
            timer=self._timer,
            set_aside=partial(self._set_aside, uow),
        )

    def _set_aside(self, uow: UnitOfWork, item: ItemToDrain, error: Exception) -> InboxOutcome:
        """The outcome after an error: a later try, or `failed` if none is left or would help."""
        if not isinstance(error, NeuroPlayError):
            self._unforeseen(error, [item.session_id])
        last = isinstance(error, PermanentError) or item.attempts >= MOST_TRIES
        wait = timedelta(seconds=self._wait_s(item.attempts))
        return InboxOutcome(
            inbox_id=item.inbox_id,
            state=InboxState.FAILED if last else InboxState.PENDING,
            error_code=code_of(error),
            error=in_a_line(error, LONGEST_ERROR),
            next_try_at=None if last else uow.now() + wait,
        )

    def _finish(self, uow: UnitOfWork, batch: DrainBatch) -> None:
        uow.inbox.finish(batch.outcomes, now=self._clock(), release=self._release)
        uow.commit()

    def _wait_s(self, attempts: int) -> float:
        longest: float = min(FIRST_WAIT_S * 2 ** max(attempts - 1, 0), LONGEST_WAIT_S)
        return longest * (1 - JITTER * self._random())
