"""What operators do with items that were not counted: replay, approve, reject, dismiss.

Items are taken under a lock that workers and other operators pass over, go through the rules as
they are now, and are written with all their effects in one transaction: an item is never counted
twice, however often and from wherever this is asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID, uuid5

from neuroplay.core.entities.inbox_filter import EVERYTHING, InboxFilter
from neuroplay.core.entities.sync_item import InboxItem, InboxOutcome, InboxState
from neuroplay.core.errors import InvalidSession, StoreUnavailable, code_of, in_a_line
from neuroplay.core.interfaces.services import Clock, Unforeseen, say_nothing
from neuroplay.core.interfaces.unit_of_work import UnitOfWork, UnitOfWorkFactory
from neuroplay.core.rules.session_record import read_session_id
from neuroplay.core.use_cases.drain_batch import DrainBatch
from neuroplay.core.use_cases.inspect_sync import ListSync

CHUNK = 500
"""Items a transaction: one that fails costs a second try of so many."""

REPLAYED = (InboxState.FAILED, InboxState.HELD, InboxState.INVALID, InboxState.CONFLICT)
"""States that a replay takes where none is named."""

DISMISSABLE = (InboxState.FAILED, InboxState.INVALID, InboxState.CONFLICT, InboxState.REJECTED)
"""What an operator can close. Held items wait for a decision of their own: approve or reject."""

REPLAYABLE = frozenset(InboxState) - {InboxState.PROCESSED, InboxState.REJECTED}
"""States that a replay takes where an item is named. A rejected one is dismissed first."""

HELD = (InboxState.HELD,)

APPROVABLE = (InboxState.HELD, InboxState.CONFLICT)

ASIDE = (InboxState.INVALID, InboxState.CONFLICT)
"""Items in these states do not hold their session's id."""

LONGEST_REASON = 300


class Fate(StrEnum):
    """What became of an item in a replay."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    """The very same record was taken under another item."""
    CONFLICT = "conflict"
    """Another record holds its id."""
    HELD = "held"
    INVALID = "invalid"
    FAILED = "failed"
    REJECTED = "rejected"
    DISMISSED = "dismissed"
    BUSY = "busy"
    """A worker has it, or it is counted or rejected already."""


GOOD = (Fate.APPLIED, Fate.DUPLICATE, Fate.REJECTED, Fate.DISMISSED)
"""With these nothing is left to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """One item's fate, with the reason where it was not applied."""

    inbox_id: int
    session_id: UUID | None
    student_id: int
    fate: Fate
    reason: str = ""
    sent_as: UUID | None = None
    """The id that it had before it got one of its own."""


Which = InboxFilter | Sequence[int]
"""Items that pass a filter, or those with these numbers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Order:
    """What an operator asks for: of items in which `states`, and what the audit calls it."""

    who: str
    states: Collection[InboxState]
    what: str = ""
    reason: str = ""
    """LONGEST_REASON at most; the rest is cut off."""
    dry_run: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", self.reason[:LONGEST_REASON])


class ReplaySync:
    """Takes items through the rules as they are now."""

    def __init__(
        self,
        *,
        uow: UnitOfWorkFactory,
        clock: Clock,
        release: str,
        timer: Callable[[], float] = time.perf_counter,
        unforeseen: Unforeseen = say_nothing,
    ) -> None:
        self._unforeseen = unforeseen
        self._uow = uow
        self._clock = clock
        self._release = release
        self._timer = timer
        self._list = ListSync(uow=uow)

    def replay(
        self, which: Which = EVERYTHING, *, who: str = "operator", dry_run: bool = False
    ) -> Iterator[list[Replayed]]:
        """Replay these items, chunk by chunk, newest first; the fates of each chunk. A filter that
        names neither states nor a verdict means REPLAYED ones.

        A dry run does everything but the commit, the store's own checks too. Raises
        StoreUnavailable.
        """
        order = _Order(who=who, states=REPLAYABLE, dry_run=dry_run)
        for ids in self._chunks(which, REPLAYED):
            yield self._together(ids, order)

    def approve(
        self, inbox_ids: Sequence[int], *, who: str, reason: str, dry_run: bool = False
    ) -> list[Replayed]:
        """Count held items as they are: an adult has looked. So are conflicts with another
        student's record: they get an id of their own, and the audit says which one they had."""
        order = _Order(
            who=who, states=APPROVABLE, what="session approved", reason=reason, dry_run=dry_run
        )
        return self._together(inbox_ids, order, approved=True)

    def reject(self, inbox_ids: Sequence[int], *, who: str, reason: str) -> list[Replayed]:
        """Let held items stay uncounted for good; they are kept."""
        order = _Order(who=who, states=HELD, what="session rejected", reason=reason)
        with self._transaction(order) as uow:
            taken = self._take(uow, inbox_ids, order)
            outcomes = [
                InboxOutcome(
                    inbox_id=item.inbox_id,
                    state=InboxState.REJECTED,
                    error_code="rejected",
                    error=order.reason,
                    reasons=item.reasons,
                )
                for item in taken
            ]
            self._finish(uow, outcomes, order)
            done = [_replayed(item, Fate.REJECTED) for item in taken]
            return self._told(uow, inbox_ids, done, order)

    def dismissable(self, which: Which) -> list[int]:
        """The numbers of these items. A filter that names neither states nor a verdict means
        DISMISSABLE ones."""
        return [one for ids in self._chunks(which, DISMISSABLE) for one in ids]

    def dismiss(
        self, inbox_ids: Sequence[int], *, who: str, reason: str, dry_run: bool = False
    ) -> list[Replayed]:
        """Close those of these items that are DISMISSABLE: nobody has to look at them any more.
        One is kept, holds its id as before, and a replay by its number brings it back. Raises
        StoreUnavailable."""
        order = _Order(
            who=who, states=DISMISSABLE, what="session dismissed", reason=reason, dry_run=dry_run
        )
        done = []
        for ids in self._chunks(inbox_ids, DISMISSABLE):
            with self._transaction(order) as uow:
                taken = self._take(uow, ids, order)
                uow.inbox.dismiss(
                    [item.inbox_id for item in taken],
                    now=self._clock(),
                    release=self._release,
                    who=who,
                    reason=order.reason,
                )
                closed = [_replayed(i, Fate.DISMISSED, f"it was {i.state}") for i in taken]
                done += self._told(uow, ids, closed, order)
        return done

    def _chunks(self, which: Which, states: tuple[InboxState, ...]) -> Iterator[Sequence[int]]:
        if isinstance(which, InboxFilter):
            named = which.states or which.verdict
            wanted = which if named else replace(which, states=states)
            for page in self._list.pages(wanted):
                yield [item.inbox_id for item in page]
        else:
            yield from (which[start : start + CHUNK] for start in range(0, len(which), CHUNK))

    def _together(
        self, inbox_ids: Sequence[int], order: _Order, *, approved: bool = False
    ) -> list[Replayed]:
        def apply(ids: Sequence[int]) -> list[Replayed]:
            with self._transaction(order) as uow:
                return self._apply(uow, ids, order, approved=approved)

        try:
            return apply(inbox_ids)
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001 - whatever it was, the items are tried one by one
            done = []
            for inbox_id in inbox_ids:
                try:
                    done += apply([inbox_id])
                except StoreUnavailable:
                    raise
                except Exception as error:  # noqa: BLE001 - a bad item must not stop the others
                    done += self._fail(inbox_id, error, order)
            return done

    @contextmanager
    def _transaction(self, order: _Order) -> Iterator[UnitOfWork]:
        """What becomes of the items, and what is kept of who did it and why: all or nothing."""
        with self._uow() as uow:
            yield uow
            if order.dry_run:
                uow.rehearse()
            else:
                uow.commit()

    def _apply(
        self, uow: UnitOfWork, inbox_ids: Sequence[int], order: _Order, *, approved: bool
    ) -> list[Replayed]:
        # Students first, as a drain does: either waits for the other, and never both.
        uow.students.lock(sorted(set(uow.inbox.owners(inbox_ids).values())))
        taken = {item.inbox_id: item for item in self._take(uow, inbox_ids, order)}
        free, aside = _sort_out(list(taken.values()), uow, apart=approved)
        renamed = {}
        for item in free:
            before = taken[item.inbox_id].session_id
            if item.session_id is not None and item.session_id != before:
                uow.inbox.identify(item.inbox_id, item.session_id)
                renamed[item.inbox_id] = before
        batch = DrainBatch(uow, clock=self._clock, timer=self._timer, approved=approved)
        batch.apply(free)
        self._finish(uow, batch.outcomes, order)
        items = {item.inbox_id: item for item in free}
        done = [_judged(items[one.inbox_id], one) for one in batch.outcomes]
        done = [replace(one, sent_as=renamed.get(one.inbox_id)) for one in done]
        return self._told(uow, inbox_ids, done, order, aside)

    def _fail(self, inbox_id: int, error: Exception, order: _Order) -> list[Replayed]:
        """Note that an item cannot be processed; it is as it was, or becomes failed."""
        told, code = in_a_line(error, LONGEST_REASON), code_of(error)
        if code == "internal" and not order.dry_run:
            self._unforeseen(error, ())
        with self._transaction(order) as uow:
            taken = self._take(uow, [inbox_id], order)
            outcomes = [
                InboxOutcome(
                    inbox_id=inbox_id,
                    # What holds no id must not come to hold one.
                    state=item.kind if item.kind in ASIDE else InboxState.FAILED,
                    error_code=code,
                    error=told,
                    reasons=item.reasons,
                )
                for item in taken
            ]
            self._finish(uow, outcomes, order)
            done = [_replayed(item, Fate.FAILED, told) for item in taken]
            return self._told(uow, [inbox_id], done, order)

    @staticmethod
    def _take(uow: UnitOfWork, inbox_ids: Sequence[int], order: _Order) -> list[InboxItem]:
        taken = uow.inbox.take(inbox_ids, now=uow.now())
        return [item for item in taken if item.state in order.states]

    def _finish(self, uow: UnitOfWork, outcomes: Sequence[InboxOutcome], order: _Order) -> None:
        uow.inbox.finish(outcomes, now=self._clock(), release=self._release, who=order.who)

    def _told(
        self,
        uow: UnitOfWork,
        inbox_ids: Sequence[int],
        done: list[Replayed],
        order: _Order,
        aside: Sequence[Replayed] = (),
    ) -> list[Replayed]:
        """Put what was done into the audit. What is told of are also those that were put `aside`,
        as they were, and those that were asked for and not taken, with what they are."""
        for one in done if order.what else ():
            uow.audit.add(
                who=order.who,
                what=order.what,
                target=f"student {one.student_id}",
                details={
                    "inbox_id": one.inbox_id,
                    "session_id": str(one.session_id),
                    "reason": order.reason,
                    "fate": one.fate.value,
                    **({} if one.sent_as is None else {"sent_as": str(one.sent_as)}),
                },
                now=self._clock(),
            )
        done = [*aside, *done]
        taken = {one.inbox_id for one in done}
        for inbox_id in inbox_ids:
            item = None if inbox_id in taken else uow.inbox.get(inbox_id)
            if item is not None:
                waits = item.state is InboxState.PENDING
                why = "a worker is processing it" if waits else f"it is {item.state}"
                done.append(_replayed(item, Fate.BUSY, why))
        return done


def _sort_out(
    taken: Sequence[InboxItem], uow: UnitOfWork, *, apart: bool
) -> tuple[list[InboxItem], list[Replayed]]:
    """Those whose session ids are free, with these ids; and the others, which stay as they are.
    With `apart` an item whose id another student's record holds gets one of its own."""
    ids = {item.inbox_id: _session_id(item) for item in taken}
    own = {item.inbox_id: _own_id(item) for item in taken if apart and item.session_id}
    asked = [one for one in (*ids.values(), *own.values()) if one is not None]
    standing = dict(uow.inbox.standing(asked))
    free, aside = [], []
    for item in taken:
        session_id = ids[item.inbox_id]
        if item.kind in ASIDE and session_id is not None:
            holder = standing.get(session_id)
            if holder is not None and holder[0] != item.student_id and item.inbox_id in own:
                session_id = own[item.inbox_id]
                holder = standing.get(session_id)
            if holder == (item.student_id, item.payload_hash):
                aside.append(_replayed(item, Fate.DUPLICATE, "the same record is already stored"))
                continue
            if holder is not None:
                aside.append(_replayed(item, Fate.CONFLICT, "another record has its id"))
                continue
            standing[session_id] = item.student_id, item.payload_hash
        free.append(replace(item, session_id=session_id))
    return free, aside


def _own_id(item: InboxItem) -> UUID:
    """An id that this record gets however often it comes, and no other one."""
    assert item.session_id is not None  # noqa: S101 - what has none is in no conflict
    return uuid5(item.session_id, f"{item.student_id} {item.payload_hash.hex()}")


def _session_id(item: InboxItem) -> UUID | None:
    if item.session_id is not None:
        return item.session_id
    try:
        return read_session_id(item.payload)
    except InvalidSession:
        return None


_FATES = {
    InboxState.PROCESSED: Fate.APPLIED,
    InboxState.HELD: Fate.HELD,
    InboxState.INVALID: Fate.INVALID,
    InboxState.CONFLICT: Fate.CONFLICT,
    InboxState.FAILED: Fate.FAILED,
}


def _judged(item: InboxItem, outcome: InboxOutcome) -> Replayed:
    why = outcome.error or ", ".join(outcome.reasons)
    return _replayed(item, _FATES[outcome.state], why)


def _replayed(item: InboxItem, fate: Fate, reason: str = "") -> Replayed:
    return Replayed(
        inbox_id=item.inbox_id,
        session_id=item.session_id,
        student_id=item.student_id,
        fate=fate,
        reason=reason,
    )
