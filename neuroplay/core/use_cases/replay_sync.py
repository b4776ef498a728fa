"""Replay, approve, reject or dismiss items that were not counted.

Items are locked, and workers and other operators skip locked items. The current rules are applied,
and the items are written with all their effects in one transaction. An item is therefore never
counted twice, however often and from wherever it is replayed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from neuroplay.core.entities.actor import OPERATOR, Actor, Operator
from neuroplay.core.entities.inbox_filter import EVERYTHING, InboxFilter
from neuroplay.core.entities.replayed import Fate, Replayed, judged, replayed
from neuroplay.core.entities.sync_item import InboxItem, InboxOutcome, InboxState
from neuroplay.core.errors import (
    InvalidSession,
    OutOfReach,
    Refused,
    StoreUnavailable,
    code_of,
    in_a_line,
)
from neuroplay.core.interfaces.services import Clock, Unforeseen, say_nothing
from neuroplay.core.interfaces.unit_of_work import UnitOfWork, UnitOfWorkFactory
from neuroplay.core.rules.nickname_text import plain_name, searched
from neuroplay.core.rules.session_record import read_session_id
from neuroplay.core.use_cases.drain_batch import DrainBatch
from neuroplay.core.use_cases.inspect_sync import ListSync
from neuroplay.core.use_cases.reach import hold_owners

CHUNK = 500
"""Items in one transaction. If it fails, all of them are tried again one by one."""

REPLAYED = (InboxState.FAILED, InboxState.HELD, InboxState.INVALID, InboxState.CONFLICT)
"""States that a replay selects by default."""

DISMISSABLE = (InboxState.FAILED, InboxState.INVALID, InboxState.CONFLICT, InboxState.REJECTED)
"""States in which an item can be dismissed. Held items need a decision: approve or reject."""

REPLAYABLE = frozenset(InboxState) - {InboxState.PROCESSED, InboxState.REJECTED}
"""States in which an item can be replayed by its number. A rejected one must be dismissed first."""

HELD = (InboxState.HELD,)

APPROVABLE = (InboxState.HELD, InboxState.CONFLICT)

ASIDE = (InboxState.INVALID, InboxState.CONFLICT)
"""States in which an item does not hold its session's id."""

LONGEST_REASON = 300

OF_NO_ITEM = (StoreUnavailable, OutOfReach, Refused)
"""Errors that are no fault of an item: the store's, or those of whoever asks."""


Which = InboxFilter | Sequence[int]
"""Items to select: by a filter, or by their numbers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Command:
    """An operator's command, for items in `states`. `what` is its name in the audit, if any."""

    by: Actor
    states: Collection[InboxState]
    what: str = ""
    reason: str = ""
    """Without spaces around it, and cut to LONGEST_REASON characters."""
    dry_run: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", self.reason.strip()[:LONGEST_REASON])


class ReplaySync:
    """Applies the current rules, or an operator's decision, to items that were not counted."""

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
        self, which: Which = EVERYTHING, *, by: Operator = OPERATOR, dry_run: bool = False
    ) -> Iterator[list[Replayed]]:
        """Replay the items in chunks, newest first. Yields the results of each chunk.

        A filter with neither states nor a verdict selects the REPLAYED states. A dry run does
        everything except the commit, including the store's own checks. Raises StoreUnavailable.
        """
        command = _Command(by=by, states=REPLAYABLE, dry_run=dry_run)
        for ids in self._chunks(which, REPLAYED):
            yield self._together(ids, command)

    def approve(
        self,
        inbox_ids: Sequence[int],
        *,
        by: Actor,
        reason: str,
        states: Collection[InboxState] = APPROVABLE,
        dry_run: bool = False,
    ) -> list[Replayed]:
        """Count held items in spite of their doubts, as an adult has reviewed them.

        Also counts conflicts with another student's record, if they are among `states`. They get an
        id of their own, and the audit has the one they were sent with. Raises StoreUnavailable,
        OutOfReach, and Refused(code="no_reason") for a blank reason.
        """
        command = _Command(
            by=by, states=states, what="session approved", reason=reason, dry_run=dry_run
        )
        _check_reason(command)
        return self._together(inbox_ids, command, approved=True)

    def reject(self, inbox_ids: Sequence[int], *, by: Actor, reason: str) -> list[Replayed]:
        """Decide that held items do not count. They are kept. Raises as `approve`."""
        command = _Command(by=by, states=HELD, what="session rejected", reason=reason)
        _check_reason(command)
        with self._transaction(command) as uow:
            hold_owners(uow, command.by, inbox_ids)
            taken = self._take(uow, inbox_ids, command)
            outcomes = [
                InboxOutcome(
                    inbox_id=item.inbox_id,
                    state=InboxState.REJECTED,
                    error_code="rejected",
                    error=command.reason,
                    reasons=item.reasons,
                )
                for item in taken
            ]
            self._finish(uow, outcomes, command)
            done = [replayed(item, Fate.REJECTED, state=InboxState.REJECTED) for item in taken]
            return self._audited(uow, inbox_ids, done, command)

    def dismissable(self, which: Which) -> list[int]:
        """The numbers of the items. A filter with neither states nor a verdict selects the
        DISMISSABLE states."""
        return [one for ids in self._chunks(which, DISMISSABLE) for one in ids]

    def dismiss(
        self, inbox_ids: Sequence[int], *, by: Operator, reason: str, dry_run: bool = False
    ) -> list[Replayed]:
        """Dismiss those of the items that are DISMISSABLE, so that nobody has to review them again.

        They are kept and hold their ids as before. A replay by number reopens them. Raises
        StoreUnavailable.
        """
        command = _Command(
            by=by, states=DISMISSABLE, what="session dismissed", reason=reason, dry_run=dry_run
        )
        done = []
        for ids in self._chunks(inbox_ids, DISMISSABLE):
            with self._transaction(command) as uow:
                taken = self._take(uow, ids, command)
                uow.inbox.dismiss(
                    [item.inbox_id for item in taken],
                    now=self._clock(),
                    release=self._release,
                    who=by.who,
                    reason=command.reason,
                )
                closed = [
                    replayed(i, Fate.DISMISSED, f"it was {i.state}", state=InboxState.DISMISSED)
                    for i in taken
                ]
                done += self._audited(uow, ids, closed, command)
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
        self, inbox_ids: Sequence[int], command: _Command, *, approved: bool = False
    ) -> list[Replayed]:
        def apply(ids: Sequence[int]) -> list[Replayed]:
            with self._transaction(command) as uow:
                return self._apply(uow, ids, command, approved=approved)

        try:
            return apply(inbox_ids)
        except OF_NO_ITEM:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, try the items one by one
            done = []
            for inbox_id in inbox_ids:
                try:
                    done += apply([inbox_id])
                except OF_NO_ITEM:
                    raise
                except Exception as error:  # noqa: BLE001 - a bad item must not stop the others
                    done += self._fail(inbox_id, error, command)
            return done

    @contextmanager
    def _transaction(self, command: _Command) -> Iterator[UnitOfWork]:
        """One transaction for the items and the audit. A dry run is rolled back."""
        with self._uow() as uow:
            yield uow
            if command.dry_run:
                uow.rehearse()
            else:
                uow.commit()

    def _apply(
        self, uow: UnitOfWork, inbox_ids: Sequence[int], command: _Command, *, approved: bool
    ) -> list[Replayed]:
        # Lock the students first, as a drain does, to prevent deadlocks.
        hold_owners(uow, command.by, inbox_ids)
        taken = {item.inbox_id: item for item in self._take(uow, inbox_ids, command)}
        free, aside = _sort_out(list(taken.values()), uow, own_ids=approved)
        renamed = {}
        for item in free:
            before = taken[item.inbox_id].session_id
            if item.session_id is not None and item.session_id != before:
                uow.inbox.identify(item.inbox_id, item.session_id)
                renamed[item.inbox_id] = before
        batch = DrainBatch(uow, clock=self._clock, timer=self._timer, approved=approved)
        batch.apply(free)
        self._finish(uow, batch.outcomes, command)
        items = {item.inbox_id: item for item in free}
        done = [judged(items[one.inbox_id], one) for one in batch.outcomes]
        done = [replace(one, sent_as=renamed.get(one.inbox_id)) for one in done]
        return self._audited(uow, inbox_ids, done, command, aside)

    def _fail(self, inbox_id: int, error: Exception, command: _Command) -> list[Replayed]:
        """Record that an item cannot be processed. It becomes failed, unless it holds no id."""
        message, code = in_a_line(error, LONGEST_REASON), code_of(error)
        if code == "internal" and not command.dry_run:
            self._unforeseen(error, ())
        with self._transaction(command) as uow:
            hold_owners(uow, command.by, [inbox_id])
            taken = self._take(uow, [inbox_id], command)
            outcomes = [
                InboxOutcome(
                    inbox_id=inbox_id,
                    # An item that holds no id must not get to hold one.
                    state=item.kind if item.kind in ASIDE else InboxState.FAILED,
                    error_code=code,
                    error=message,
                    reasons=item.reasons,
                )
                for item in taken
            ]
            self._finish(uow, outcomes, command)
            done = [
                replayed(item, Fate.FAILED, message, state=outcome.state)
                for item, outcome in zip(taken, outcomes, strict=True)
            ]
            return self._audited(uow, [inbox_id], done, command)

    @staticmethod
    def _take(uow: UnitOfWork, inbox_ids: Sequence[int], command: _Command) -> list[InboxItem]:
        taken = uow.inbox.take(inbox_ids, now=uow.now())
        return [item for item in taken if item.state in command.states]

    def _finish(self, uow: UnitOfWork, outcomes: Sequence[InboxOutcome], command: _Command) -> None:
        uow.inbox.finish(outcomes, now=self._clock(), release=self._release, who=command.by.who)

    def _audited(
        self,
        uow: UnitOfWork,
        inbox_ids: Sequence[int],
        done: list[Replayed],
        command: _Command,
        aside: Sequence[Replayed] = (),
    ) -> list[Replayed]:
        """Add what was done to the audit. Returns the results of all items: those `aside`, those
        done, and, as busy, those that could not be locked or have another state."""
        for one in done if command.what else ():
            uow.audit.add(
                who=command.by.who,
                what=command.what,
                target=f"student {one.student_id}",
                details={
                    "inbox_id": one.inbox_id,
                    "session_id": str(one.session_id),
                    "reason": command.reason,
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
                done.append(replayed(item, Fate.BUSY, why))
        return done


def _check_reason(command: _Command) -> None:
    if not searched(plain_name(command.reason)):  # nothing of it can be seen
        raise Refused("a decision needs a reason", code="no_reason")


def _sort_out(
    taken: Sequence[InboxItem], uow: UnitOfWork, *, own_ids: bool
) -> tuple[list[InboxItem], list[Replayed]]:
    """The items to process, with session ids that are free, and the results of the others.

    With `own_ids`, an item whose id another student's record holds gets an id of its own.
    """
    ids = {item.inbox_id: _session_id(item) for item in taken}
    own = {item.inbox_id: _own_id(item) for item in taken if own_ids and item.session_id}
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
            if _is_held_by_itself(holder, item):
                aside.append(replayed(item, Fate.DUPLICATE, "the same record is already stored"))
                continue
            if holder is not None:
                aside.append(replayed(item, Fate.CONFLICT, "another record has its id"))
                continue
            standing[session_id] = item.student_id, item.payload_hash
        free.append(replace(item, session_id=session_id))
    return free, aside


def _is_held_by_itself(holder: tuple[int, bytes] | None, item: InboxItem) -> bool:
    """Whether the id is held by the same record of the same student."""
    return (
        holder is not None
        and holder[0] == item.student_id
        and item.payload_hash.startswith(holder[1])
    )


def _own_id(item: InboxItem) -> UUID:
    """A new session id, derived from the record: always the same for it, and for no other."""
    assert item.session_id is not None  # noqa: S101 - an item without an id has no conflict
    return uuid5(item.session_id, f"{item.student_id} {item.payload_hash.hex()}")


def _session_id(item: InboxItem) -> UUID | None:
    if item.session_id is not None:
        return item.session_id
    try:
        return read_session_id(item.payload)
    except InvalidSession:
        return None
