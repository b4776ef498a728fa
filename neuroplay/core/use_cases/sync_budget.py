"""Limit how much one student's tablets may send, so that one token cannot fill the disk.

A child plays some tens of rounds a day, and a month of them may arrive in one minute. Everything
that is sent is charged, whatever its receipt: invalid records are stored too, and duplicates are
looked up.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from neuroplay.core.entities.allowance import Allowance
from neuroplay.core.errors import NotFound, Refused
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.use_cases.missing_student import gone

OWN_SHARE = 8
OWN_SESSIONS = 250
OWN_BYTES = 4 << 20
"""How much of a student's budget a process spends before it charges the store, which all processes
share: OWN_SESSIONS and OWN_BYTES, or 1/OWN_SHARE of the allowance if that is less. A tablet that
sends each game after its round then costs the store nothing. With a charge every 100 sessions, a
busy API had twice the transactions."""

MOST_STUDENTS = 20_000
"""Students that a process remembers. The least recently active one is dropped for a new one."""


@dataclass(kw_only=True, slots=True)
class _Known:
    """What a process knows about a student.

    `sessions` and `size` have not been charged to the store yet. A thread is just charging the part
    in `charging_sessions` and `charging_size`. `refused_until` is a time of the process's clock.
    """

    sessions: int = 0
    size: int = 0
    charging_sessions: int = 0
    charging_size: int = 0
    refused_until: float = 0.0

    def begin_charge(self) -> tuple[int, int]:
        """The sessions and bytes that no thread is charging yet. The caller charges them, and then
        calls `end_charge`."""
        begun = self.sessions - self.charging_sessions, self.size - self.charging_size
        self.charging_sessions, self.charging_size = self.sessions, self.size
        return begun

    def end_charge(self, begun: tuple[int, int], *, done: tuple[int, int]) -> None:
        """The charge that `begun` has ended. `done` need not be charged again."""
        self.charging_sessions -= begun[0]
        self.charging_size -= begun[1]
        self.sessions -= done[0]
        self.size -= done[1]


class SyncBudget:
    """Charges students' budgets, which the store keeps for all devices and processes.

    A process exceeds a budget by at most OWN_SESSIONS and OWN_BYTES, and one request.
    """

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
        """Raises Refused(code="over_budget") if the budget is known to be used up. The caller then
        need not read the request."""
        with self._lock:
            known = self._known.get(student_id)
            wait_s = known.refused_until - self._seconds() if known is not None else 0.0
        if wait_s > 0:
            raise _over_budget(wait_s)

    def spend(self, student_id: int, *, sessions: int, size: int) -> None:
        """Charge the budget; `size` is in bytes.

        Raises Refused with `over_budget` and `retry_after_s`, or with `student_erased`, and
        StoreUnavailable. Then nothing is charged.
        """
        if not self._allowance.sessions:
            return
        with self._lock:
            known = self._of(student_id)
            known.sessions += sessions
            known.size += size
            if known.sessions < self._own_sessions and known.size < self._own_size:
                return
            begun = known.begin_charge()
        wait_s, done = 0.0, (sessions, size)  # if it fails, this request is not charged
        try:
            wait_s = self._charge(student_id, *begun)
            done = done if wait_s else begun
        finally:
            with self._lock:
                known.end_charge(begun, done=done)
                if wait_s:
                    known.refused_until = self._seconds() + wait_s
        if wait_s:
            raise _over_budget(wait_s)

    def give_back(self, student_id: int, *, sessions: int, size: int) -> None:
        """Undo a charge for sessions that could not be stored."""
        with self._lock:
            known = self._of(student_id)
            known.sessions -= sessions
            known.size -= size

    def _charge(self, student_id: int, sessions: int, size: int) -> float:
        try:
            with self._uow(in_steps=True) as uow:
                return uow.budgets.charge(student_id, sessions, size, self._allowance)
        except NotFound as error:
            with self._uow() as uow:
                raise gone(uow, student_id) from error

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
