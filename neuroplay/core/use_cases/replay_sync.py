"""What operators do with items that were not counted: replay, approve, reject, dismiss.

Items are taken under a lock that workers and other operators pass over, go through the rules as
they are now, and are written with all their effects in one transaction: an item is never counted
twice, however often and from wherever this is asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from neuroplay.core.entities.sync_item import InboxItem, InboxOutcome, InboxState
from neuroplay.core.errors import InvalidSession, NeuroPlayError, StoreUnavailable
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Which items: by id, or by what ListSync takes."""

    inbox_ids: Sequence[int] = ()
    states: Sequence[InboxState] = ()
    student_id: int | None = None
    class_ref: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    error: str | None = None
    device_id: UUID | None = None


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
        self, selection: Selection, *, who: str = "operator", dry_run: bool = False
    ) -> Iterator[list[Replayed]]:
        """Replay what is selected, chunk by chunk, newest first; the fates of each chunk.

        A dry run does everything but the commit, the store's own checks too. Raises NotFound,
        Refused, StoreUnavailable.
        """
        for ids in self._chunks(selection):
            yield self._together(ids, who=who, dry_run=dry_run, approved=False)

    def approve(
        self, inbox_ids: Sequence[int], *, who: str, reason: str, dry_run: bool = False
    ) -> list[Replayed]:
        """Count held items as they are: an adult has looked."""
        done = self._together(
            inbox_ids, who=who, dry_run=dry_run, approved=True, states=(InboxState.HELD,)
        )
        if not dry_run:
            self._audit("session approved", done, who=who, reason=reason)
        return done

    def reject(self, inbox_ids: Sequence[int], *, who: str, reason: str) -> list[Replayed]:
        """Let held items stay uncounted for good; they are kept."""
        with self._uow() as uow:
            taken = [
                i for i in uow.inbox.take(inbox_ids, now=uow.now()) if i.state is InboxState.HELD
            ]
            now = self._clock()
            self._open_again(uow, [i.inbox_id for i in taken])
            uow.inbox.finish(
                [
                    InboxOutcome(
                        inbox_id=item.inbox_id,
                        state=InboxState.REJECTED,
                        error_code="rejected",
                        error=reason[:LONGEST_REASON],
                        reasons=item.reasons,
                    )
                    for item in taken
                ],
                now=now,
                release=self._release,
                who=who,
            )
            done = [_replayed(item, Fate.REJECTED) for item in taken]
            done += self._passed_over(uow, inbox_ids, {item.inbox_id for item in taken})
            uow.commit()
        self._audit("session rejected", done, who=who, reason=reason)
        return done

    def dismiss(
        self, selection: Selection, *, who: str, reason: str, dry_run: bool = False
    ) -> Iterator[list[Replayed]]:
        """Close what is selected and DISMISSABLE, chunk by chunk: nobody has to look at it any
        more. It is kept, holds its id as before, and a replay by its id brings it back. Raises
        NotFound, Refused, StoreUnavailable."""
        for ids in self._chunks(selection, states=DISMISSABLE):
            with self._transaction(dry_run=dry_run) as uow:
                taken = [
                    item
                    for item in uow.inbox.take(ids, now=uow.now(), rejected=True)
                    if item.state in DISMISSABLE
                ]
                closed = [item.inbox_id for item in taken]
                uow.inbox.keep_first_cause(closed)
                uow.inbox.dismiss(
                    closed,
                    now=self._clock(),
                    release=self._release,
                    who=who,
                    reason=reason[:LONGEST_REASON],
                )
                done = [_replayed(item, Fate.DISMISSED, f"it was {item.state}") for item in taken]
                done += self._passed_over(uow, ids, set(closed))
                self._note(uow, "session dismissed", done, who=who, reason=reason)
            yield done

    def _chunks(
        self, selection: Selection, states: Sequence[InboxState] = REPLAYED
    ) -> Iterator[Sequence[int]]:
        if selection.inbox_ids:
            ids = selection.inbox_ids
            yield from (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
            return
        before = None
        while True:
            page = self._list.execute(
                states=selection.states or states,
                student_id=selection.student_id,
                class_ref=selection.class_ref,
                since=selection.since,
                until=selection.until,
                error=selection.error,
                device_id=selection.device_id,
                before=before,
                limit=CHUNK,
            )
            if not page:
                return
            yield [item.inbox_id for item in page]
            before = page[-1].inbox_id

    def _together(
        self,
        inbox_ids: Sequence[int],
        *,
        who: str,
        dry_run: bool,
        approved: bool,
        states: Sequence[InboxState] = (),
    ) -> list[Replayed]:
        def apply(ids: Sequence[int]) -> list[Replayed]:
            with self._transaction(dry_run=dry_run) as uow:
                return self._apply(uow, ids, who=who, approved=approved, states=states)

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
                    done += self._fail(inbox_id, error, who=who, dry_run=dry_run)
            return done

    @contextmanager
    def _transaction(self, *, dry_run: bool) -> Iterator[UnitOfWork]:
        with self._uow() as uow:
            yield uow
            if dry_run:
                uow.rehearse()
            else:
                uow.commit()

    def _apply(
        self,
        uow: UnitOfWork,
        inbox_ids: Sequence[int],
        *,
        who: str,
        approved: bool,
        states: Sequence[InboxState],
    ) -> list[Replayed]:
        # Students first, as a drain does: either waits for the other, and never both.
        uow.students.lock(sorted(set(uow.inbox.owners(inbox_ids).values())))
        taken = [
            i for i in uow.inbox.take(inbox_ids, now=uow.now()) if not states or i.state in states
        ]
        known = {item.inbox_id for item in taken}
        done = self._passed_over(uow, inbox_ids, known)
        free, aside = _sort_out(taken, uow)
        done += aside
        now = self._clock()
        for item, session_id in free:
            if item.session_id is None and session_id is not None:
                uow.inbox.identify(item.inbox_id, session_id)
        self._open_again(uow, [item.inbox_id for item, _ in free])
        batch = DrainBatch(uow, clock=self._clock, timer=self._timer, approved=approved)
        batch.apply([item for item, _ in free])
        uow.inbox.finish(batch.outcomes, now=now, release=self._release, who=who)
        items = {item.inbox_id: item for item, _ in free}
        return done + [_judged(items[one.inbox_id], one) for one in batch.outcomes]

    def _fail(self, inbox_id: int, error: Exception, *, who: str, dry_run: bool) -> list[Replayed]:
        """Note that an item cannot be processed; it stays where it was, or becomes failed."""
        told = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"[:LONGEST_REASON]
        code = error.code if isinstance(error, NeuroPlayError) else "internal"
        if code == "internal" and not dry_run:
            self._unforeseen(error, ())
        with self._transaction(dry_run=dry_run) as uow:
            (item,) = uow.inbox.take([inbox_id], now=uow.now()) or (None,)
            if item is None:
                return self._passed_over(uow, [inbox_id], set())
            aside = item.kind in (InboxState.INVALID, InboxState.CONFLICT)
            state = item.kind if aside else InboxState.FAILED
            uow.inbox.keep_first_cause([inbox_id])
            if not aside:
                uow.inbox.set_state([inbox_id], InboxState.PENDING)
            outcome = InboxOutcome(
                inbox_id=inbox_id, state=state, error_code=code, error=told, reasons=item.reasons
            )
            uow.inbox.finish([outcome], now=self._clock(), release=self._release, who=who)
            return [_replayed(item, Fate.FAILED, told)]

    @staticmethod
    def _open_again(uow: UnitOfWork, inbox_ids: Sequence[int]) -> None:
        """As if they had just come; what was said of them is kept."""
        uow.inbox.keep_first_cause(inbox_ids)
        uow.inbox.set_state(inbox_ids, InboxState.PENDING)

    def _passed_over(
        self, uow: UnitOfWork, inbox_ids: Sequence[int], taken: set[int]
    ) -> list[Replayed]:
        """Those that were asked for and not taken, with what they are."""
        done = []
        for inbox_id in inbox_ids:
            item = None if inbox_id in taken else uow.inbox.get(inbox_id)
            if item is not None:
                why = (
                    "a worker has it" if item.state is InboxState.PENDING else f"it is {item.state}"
                )
                done.append(_replayed(item, Fate.BUSY, why))
        return done

    def _audit(self, what: str, done: Sequence[Replayed], *, who: str, reason: str) -> None:
        with self._uow() as uow:
            self._note(uow, what, done, who=who, reason=reason)
            uow.commit()

    def _note(
        self, uow: UnitOfWork, what: str, done: Sequence[Replayed], *, who: str, reason: str
    ) -> None:
        for one in done:
            if one.fate is Fate.BUSY:
                continue
            uow.audit.add(
                who=who,
                what=what,
                target=f"student {one.student_id}",
                details={
                    "inbox_id": one.inbox_id,
                    "session_id": str(one.session_id),
                    "reason": reason[:LONGEST_REASON],
                    "fate": one.fate.value,
                },
                now=self._clock(),
            )


def _sort_out(
    taken: Sequence[InboxItem], uow: UnitOfWork
) -> tuple[list[tuple[InboxItem, UUID | None]], list[Replayed]]:
    """Those whose session ids are free, with the ids; and the others, which stay as they are."""
    ids = {item.inbox_id: _session_id(item) for item in taken}
    standing = dict(uow.inbox.standing([i for i in ids.values() if i is not None]))
    free, aside = [], []
    for item in taken:
        session_id = ids[item.inbox_id]
        if item.kind in (InboxState.INVALID, InboxState.CONFLICT) and session_id is not None:
            holder = standing.get(session_id)
            if holder == (item.student_id, item.payload_hash):
                aside.append(_replayed(item, Fate.DUPLICATE, "the same record is here already"))
                continue
            if holder is not None:
                aside.append(_replayed(item, Fate.CONFLICT, "another record holds its id"))
                continue
            standing[session_id] = item.student_id, item.payload_hash
        free.append((item, session_id))
    return free, aside


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
