"""Budgets, according to the Protocol."""

from __future__ import annotations

import pytest

from neuroplay.core.entities.allowance import DAY_S, Allowance
from neuroplay.core.errors import NotFound

SMALL = Allowance(sessions=100, size=1_000, sessions_a_day=10)


def charge(store, student_id: int, sessions: int, size: int = 0, allowance=SMALL) -> float:
    with store(in_steps=True) as uow:
        return uow.budgets.charge(student_id, sessions, size, allowance)


def test_there_is_room_until_it_is_used_up_and_then_it_says_when(store, school):
    assert [charge(store, school.ana, 50) for _ in range(2)] == [0.0, 0.0]
    assert charge(store, school.ana, 1) == pytest.approx(1.0, abs=1)
    assert charge(store, school.bia, 50) == 0.0


def test_the_last_request_may_go_over_and_is_waited_for(store, school):
    charge(store, school.ana, 99)
    assert charge(store, school.ana, 51) == 0.0
    assert charge(store, school.ana, 1) == pytest.approx(5 * DAY_S, abs=60)


def test_what_is_refused_uses_nothing(store, school):
    charge(store, school.ana, 110)
    waits = [charge(store, school.ana, 50) for _ in range(3)]
    assert waits == pytest.approx([DAY_S] * 3, abs=60)


def test_bytes_count_too(store, school):
    assert charge(store, school.ana, 1, 1_100) == 0.0
    assert charge(store, school.ana, 1) == pytest.approx(DAY_S, abs=60)


def test_what_was_used_comes_back_with_time(store, school):
    """With an allowance that recovers quickly, since a test cannot move PostgreSQL's clock."""
    quick = Allowance(sessions=1, size=1_000, sessions_a_day=10**9)
    for _ in range(5):
        while charge(store, school.ana, 1, allowance=quick):
            if hasattr(store, "clock"):
                store.clock.forward(1)


def test_the_budget_of_nobody_is_not_found(store, school):
    with pytest.raises(NotFound):
        charge(store, 999, 1)
