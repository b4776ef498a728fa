"""How much one student's tablets may send, so that one token cannot fill the disk.

A child plays some tens of rounds a day, and a month of them may come in one minute. What counts is
what is sent, and not what becomes of it: invalid records are stored, and duplicates are
looked up.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from neuroplay.core.entities.allowance import Allowance
from neuroplay.core.errors import NotFound, Refused, student_erased
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory

OWN_SHARE = 8
OWN_SESSIONS = 250
OWN_BYTES = 4 << 20
"""What a process lets a student send before it asks the store, which knows of all processes:
this, or an eighth of the allowance where that is less. A tablet that sends each game when it was
played costs the store nothing; asked every 100 sessions, a busy API had twice the transactions."""

MOST_STUDENTS = 20_000
"""Students that a process knows at a time; who was silent longest is forgotten for a new one."""


@dataclass(kw_only=True, slots=True)
class _Known:
    """What a process knows of a student: what the store does not know of yet, how much of that it
    is being told, and until when it refuses more."""

    sessions: int = 0
    size: int = 0
    telling_sessions: int = 0
    telling_size: int = 0
    refused_until: float = 0.0

    def take(self) -> tuple[int, int]:
        """What nobody tells the store yet: the caller does, and calls `told`."""
        taken = self.sessions - self.telling_sessions, self.size - self.telling_size
        self.telling_sessions, self.telling_size = self.sessions, self.size
        return taken

    def told(self, taken: tuple[int, int], *, done: tuple[int, int]) -> None:
        """The store was told of what was `taken`; of it `done` need not be told any more."""
        self.telling_sessions -= taken[0]
        self.telling_size -= taken[1]
        self.sessions -= done[0]
        self.size -= done[1]


class SyncBudget:
    """Several devices and processes share a student's budget, which the store keeps. A process
    goes over it by OWN_SESSIONS and OWN_BYTES at most, and by a request."""

    def __init__(
        self,
        *,
        uow: UnitOfWorkFactory,
        allowance: Allowance,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._uow = uow
        self._allowance = allowance
        self._own_sessions = max(1, min(OWN_SESSIONS, allowance.sessions // OWN_SHARE))
        self._own_size = max(1, min(OWN_BYTES, allowance.size // OWN_SHARE))
        self._seconds = seconds
        self._lock = threading.Lock()
        self._known: OrderedDict[int, _Known] = OrderedDict()

    def check(self, student_id: int) -> None:
        """Raises Refused(code="over_budget") where it is known to be used up: then nothing of the
        request needs to be looked at."""
        with self._lock:
            known = self._known.get(student_id)
            wait_s = known.refused_until - self._seconds() if known is not None else 0.0
        if wait_s > 0:
            raise _over_budget(wait_s)

    def spend(self, student_id: int, *, sessions: int, size: int) -> None:
        """Raises Refused: `over_budget` with `retry_after_s`, or `student_erased`; and
        StoreUnavailable. Nothing is spent then."""
        if not self._allowance.sessions:
            return
        with self._lock:
            known = self._of(student_id)
            known.sessions += sessions
            known.size += size
            if known.sessions < self._own_sessions and known.size < self._own_size:
                return
            taken = known.take()
        wait_s, done = 0.0, (sessions, size)  # where it fails, this request is not spent
        try:
            wait_s = self._charge(student_id, *taken)
            done = done if wait_s else taken
        finally:
            with self._lock:
                known.told(taken, done=done)
                if wait_s:
                    known.refused_until = self._seconds() + wait_s
        if wait_s:
            raise _over_budget(wait_s)

    def give_back(self, student_id: int, *, sessions: int, size: int) -> None:
        """What was spent could not be stored."""
        with self._lock:
            known = self._of(student_id)
            known.sessions -= sessions
            known.size -= size

    def _charge(self, student_id: int, sessions: int, size: int) -> float:
        try:
            with self._uow(in_steps=True) as uow:
                return uow.budgets.charge(student_id, sessions, size, self._allowance)
        except NotFound as error:
            raise student_erased(student_id) from error

    def _of(self, student_id: int) -> _Known:
        known = self._known.pop(student_id, None)
        if known is None:
            known = _Known()
            while len(self._known) >= MOST_STUDENTS:
                self._known.popitem(last=False)
        self._known[student_id] = known
        return known


def _over_budget(wait_s: float) -> Refused:
    return Refused(
        "this student has sent more games than a child can play; the tablet keeps the rest and "
        "sends it later",
        code="over_budget",
        retry_after_s=wait_s,
    )
