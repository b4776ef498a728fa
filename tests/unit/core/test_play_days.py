"""The days on which a student played behave as a set of days does."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.entities.play_days import PlayDays

DAY = date(2026, 11, 25)
NEAR = st.one_of(
    st.integers(-40, 40).map(lambda days: DAY + timedelta(days=days)),
    st.sampled_from([date.min, date.min + timedelta(days=1), date.max, date(999, 12, 31)]),
)
SETS = st.frozensets(NEAR, max_size=60)


@given(SETS, NEAR)
def test_they_are_a_set_of_days(days: frozenset[date], day: date) -> None:
    played = PlayDays(days)
    assert (len(played), list(played), bool(played)) == (len(days), sorted(days), bool(days))
    assert played == days
    assert days == played
    assert (day in played) == (day in days)
    assert hash(played) == hash(PlayDays(days))


@given(SETS, NEAR)
def test_a_day_more_leaves_the_others(days: frozenset[date], day: date) -> None:
    played = PlayDays(days)
    assert played.with_day(day) == PlayDays(days | {day})
    assert played == days


@given(SETS)
def test_they_are_read_as_they_were_written(days: frozenset[date]) -> None:
    assert PlayDays.read(str(PlayDays(days))) == PlayDays(days)


@given(SETS, NEAR)
def test_the_last_day_until_another(days: frozenset[date], day: date) -> None:
    assert PlayDays(days).last(until=day) == max((one for one in days if one <= day), default=None)


@given(SETS, NEAR)
def test_a_run_has_all_of_its_days_and_no_more(days: frozenset[date], day: date) -> None:
    run = PlayDays(days).run_through(day)
    if day not in days:
        assert run is None
        return
    assert run is not None
    first, last = (one.toordinal() for one in run)
    assert {date.fromordinal(one) for one in range(first, last + 1)} <= days
    assert first <= day.toordinal() <= last
    for beside in (first - 1, last + 1):
        known = date.min.toordinal() <= beside <= date.max.toordinal()
        assert not (known and date.fromordinal(beside) in days)


@pytest.mark.parametrize("other", ["2026-11-25", 25, None])
def test_nothing_but_a_day_is_among_them(other: object) -> None:
    assert other not in PlayDays([DAY])
    assert PlayDays([DAY]) != other
