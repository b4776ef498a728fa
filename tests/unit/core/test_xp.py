from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.rules.xp import level_for, xp_at_next_level, xp_for


def test_xp_is_score_and_completion_and_rating() -> None:
    assert xp_for(500, completed=True, rating="excellent") == 650
    assert xp_for(500, completed=True, rating="good") == 600
    assert xp_for(500, completed=False, rating="average") == 520
    assert xp_for(0, completed=False, rating="needs_improvement") == 0


def test_levels_of_known_totals() -> None:
    known = {0: 1, 49: 1, 50: 2, 199: 2, 200: 3, 850: 5, 1249: 5, 1250: 6}
    assert {total: level_for(total) for total in known} == known
    assert xp_at_next_level(850) == 1250


@given(st.integers(0, 10**9), st.integers(0, 10**6))
def test_a_level_never_falls_as_xp_grows(total: int, more: int) -> None:
    assert level_for(total + more) >= level_for(total)


@given(st.integers(0, 10**9))
def test_the_next_level_begins_exactly_where_it_is_said_to(total: int) -> None:
    border = xp_at_next_level(total)
    assert border > total
    assert level_for(border) == level_for(total) + 1
    assert level_for(border - 1) == level_for(total)
