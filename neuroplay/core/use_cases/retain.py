"""Remove what is not kept any longer, in small transactions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from neuroplay.core.entities.retention import (
    Cutoffs,
    Removed,
    RetentionPass,
    RetentionPolicy,
)
from neuroplay.core.interfaces.retention import RetentionRepository
from neuroplay.core.interfaces.unit_of_work import UnitOfWork, UnitOfWorkFactory
from neuroplay.core.rules.retention import UNDO_DAYS, cutoff_of, policy_of
from neuroplay.core.use_cases.opening_balance import fold

PASS_EVERY = timedelta(hours=1)
"""Time from the beginning of a pass to that of the next one."""

PAGE = 500
"""Students whose data is checked in one query."""

TOGETHER = 50
"""Students in one transaction. A drain of their sessions waits for it."""

MOST = 1_000
"""Rows of a kind in one transaction: some tenths of a second at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Retained:
    """What a run removed. `whole`: it ended a pass."""

    removed: Removed
    whole: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RetainedStudents:
    """What was removed, or with a dry run would be, of the students up to this id."""

    up_to: int
    removed: Removed


class Retain:
    """Removes traces, reduces inbox items to their ids, and folds sessions, as the policy says.

    Of a processed item the trace goes first, once it cannot be verified any more, then the record.
    Rejected and dismissed items lose their record, too. What waits for a decision stays. A session
    that is sent again afterwards is a duplicate, as before. Of old sessions without a record the
    opening balance remains: nothing changes for their student. Imports of rosters are forgotten
    when they cannot be undone any more.
    """

    def __init__(
        self,
        *,
        uow: UnitOfWorkFactory,
        retention: RetentionPolicy,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._uow = uow
        self._policy = retention
        self._timer = timer

    def execute(self, *, budget_s: float = 0.1) -> Retained:
        """Continue the pass over all students; begin one if the last one began PASS_EVERY ago. No
        transaction begins after `budget_s` seconds.

        Ends as soon as the inbox has due items, since the drain has priority, or another worker is
        at it. Raises StoreUnavailable; what was removed before that is committed.
        """
        ends = self._timer() + budget_s
        removed = Removed()
        while (step := self._step()) is not None:
            removed += step.removed
            if step.whole or self._timer() >= ends:
                return Retained(removed=removed, whole=step.whole)
        return Retained(removed=removed)

    def everything(self, *, dry_run: bool = False) -> Iterator[RetainedStudents]:
        """A whole pass at once, for an operator; yields after each transaction. A dry run counts
        and changes nothing. Raises StoreUnavailable."""
        after, began = 0, None
        while True:
            with self._uow() as uow:
                now = uow.now()
                if began is None and not dry_run:
                    uow.retention.remove_imports(now - timedelta(days=UNDO_DAYS))
                began = began or now
                counted = self._count if dry_run else self._remove
                up_to, removed = counted(uow, now, after)
                if up_to is None:
                    if not dry_run and uow.retention.take_pass() is not None:
                        _forget_access(uow)
                        uow.retention.save_pass(_ended(began))
                        uow.commit()
                    return
                if not dry_run:
                    uow.commit()
            after = up_to
            yield RetainedStudents(up_to=after, removed=removed)

    def _step(self) -> Retained | None:
        """One transaction of a pass. None if there is nothing to do now."""
        with self._uow() as uow:
            now = uow.now()
            if uow.inbox.has_due(now=now):
                return None
            place = uow.retention.take_pass()
            if place is None or not _is_time(place, now):
                return None
            began = place.began_at or now
            if place.began_at is None:
                uow.retention.remove_imports(now - timedelta(days=UNDO_DAYS))
            up_to, removed = self._remove(uow, now, place.after_student)
            if up_to is None:
                _forget_access(uow)
            uow.retention.save_pass(
                _ended(began)
                if up_to is None
                else RetentionPass(
                    after_student=up_to, began_at=began, whole_since=place.whole_since
                )
            )
            uow.commit()
        return Retained(removed=removed, whole=up_to is None)

    def _remove(self, uow: UnitOfWork, now: datetime, after: int) -> tuple[int | None, Removed]:
        """Remove up to MOST rows of a kind of students with an id above `after`. Returns the id up
        to which nothing is left, None at the end."""
        ids = uow.students.ids(after=after, limit=PAGE)
        if not ids:
            return None, Removed()
        cutoffs = self._cutoffs(uow, now)
        owing = uow.retention.owing(ids, cutoffs)
        some = owing[:TOGETHER]
        if not some:
            return ids[-1], Removed()
        uow.retention.hold(some)
        traces = uow.retention.remove_traces(some, cutoffs, limit=MOST)
        raw = uow.retention.settle(some, cutoffs, limit=MOST)
        # Only what has no record any more is folded. After an upgrade there may be years of
        # records, and to search them all for nothing in each transaction would take longest.
        sessions = _fold(uow.retention, some, cutoffs) if raw < MOST else 0
        removed = Removed(traces=traces, raw=raw, sessions=sessions)
        if MOST in (removed.traces, removed.raw, removed.sessions):
            return some[0] - 1, removed
        return (some if len(owing) > TOGETHER else ids)[-1], removed

    def _count(self, uow: UnitOfWork, now: datetime, after: int) -> tuple[int | None, Removed]:
        ids = uow.students.ids(after=after, limit=PAGE)
        if not ids:
            return None, Removed()
        return ids[-1], uow.retention.count(ids, self._cutoffs(uow, now))

    def _cutoffs(self, uow: UnitOfWork, now: datetime) -> Cutoffs:
        return Cutoffs(
            usual=cutoff_of(self._policy, now),
            of_class={
                one.class_id: cutoff_of(policy_of(one, self._policy), now)
                for one in uow.classes.with_own_retention()
            },
        )


def _fold(retention: RetentionRepository, some: Sequence[int], cutoffs: Cutoffs) -> int:
    sessions = retention.foldable(some, cutoffs, limit=MOST)
    if sessions:
        ids = [cast("UUID", one.session.session_id) for one in sessions]
        retention.fold(fold(sessions), ids)
    return len(sessions)


def _forget_access(uow: UnitOfWork) -> None:
    """Of adults: what no longer signs anybody in."""
    uow.adults.forget_past()
    uow.passkeys.forget_challenges()


def _is_time(place: RetentionPass, now: datetime) -> bool:
    if place.began_at is not None:
        return True
    # A time in the future was written before the clock was set back.
    return not timedelta(0) <= now - place.whole_since < PASS_EVERY


def _ended(began: datetime) -> RetentionPass:
    return RetentionPass(after_student=0, began_at=None, whole_since=began)
