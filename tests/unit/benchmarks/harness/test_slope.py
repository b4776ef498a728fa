from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.harness.slope import slope, steady

numbers = st.floats(-1e4, 1e4)


@given(rise=numbers, level=numbers, count=st.integers(3, 50))
def test_a_line_has_its_own_slope_and_no_error(rise: float, level: float, count: int) -> None:
    found = slope([(place, level + rise * place) for place in range(count)])
    assert found.value == pytest.approx(rise, abs=1e-6)
    assert found.standard_error == pytest.approx(0, abs=1e-6)


def test_the_error_is_that_of_least_squares() -> None:
    # By hand: deviations 0.1, -0.2, 0.1 around y = 2x + c; sqrt(0.06 / 1 / 2).
    found = slope([(0, 0.1), (1, 1.8), (2, 4.1)])
    assert found.value == pytest.approx(2)
    assert found.standard_error == pytest.approx(math.sqrt(0.06 / 2))


def test_two_samples_give_a_line_of_unknown_error() -> None:
    found = slope([(0, 1), (2, 5)])
    assert found.value == 2
    assert math.isnan(found.standard_error)


@pytest.mark.parametrize("samples", [[], [(1, 1)], [(1, 1), (1, 2)]])
def test_no_line_goes_through_one_place(samples: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="two places"):
        slope(samples)


def test_the_steady_part_begins_after_its_share_of_the_way() -> None:
    samples = [(float(10 + place), 0.0) for place in range(9)]
    assert [place for place, _ in steady(samples, after=0.25)] == [12, 13, 14, 15, 16, 17, 18]
    assert steady([], after=0.5) == []
