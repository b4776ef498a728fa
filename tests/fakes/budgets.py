"""Fake of the students' budgets. It commits at once, like the real one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from neuroplay.core.entities.allowance import DAY_S, Allowance
from neuroplay.core.errors import NotFound

if TYPE_CHECKING:
    from tests.fakes.unit_of_work import FakeStore

MINUTE = timedelta(minutes=1)


class FakeBudgets:
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    def charge(self, student_id: int, sessions: int, size: int, allowance: Allowance) -> float:
        tables, now = self._store.tables, self._store.clock()
        if student_id not in tables.students:
            raise NotFound("no such student")
        used, used_size, at = tables.budgets.get(student_id, (0.0, 0.0, now))
        passed = max(0.0, (now - at).total_seconds()) if at <= now + MINUTE else DAY_S
        used = max(0.0, used - passed * allowance.sessions_a_second)
        used_size = max(0.0, used_size - passed * allowance.size_a_second)
        if used >= allowance.sessions or used_size >= allowance.size:
            over = (used - allowance.sessions) / allowance.sessions_a_second
            return 1.0 + max(over, (used_size - allowance.size) / allowance.size_a_second)
        tables.budgets[student_id] = used + sessions, used_size + size, now
        return 0.0
