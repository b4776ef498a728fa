"""Which base backup is due, which are kept, and what a restore needs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from neuroplay.infra.standby import plan

BEGUN = datetime(2026, 11, 1, tzinfo=UTC)


def made(number: int, kind: plan.Kind, *, after: str | None = None, day: float = 0.0) -> plan.Base:
    began = BEGUN + timedelta(days=day)
    return plan.Base(
        name=f"{number:04}-{kind}",
        kind=kind,
        after=after,
        start_wal=f"0000000100000000{number:08X}",
        began=began,
        ended=began + timedelta(minutes=1),
        bytes=1,
    )


def a_history(days: int, *, incremental: bool) -> list[plan.Base]:
    """What a keeper that looks every six hours makes."""
    bases: list[plan.Base] = []
    for step in range(days * 4):
        now = BEGUN + timedelta(days=step / 4)
        kind = plan.due(bases, now, incremental=incremental)
        if kind is not None:
            after = bases[-1].name if kind == plan.INCREMENTAL else None
            bases.append(made(len(bases), kind, after=after, day=step / 4))
    return bases


def test_the_first_one_is_full_and_due_at_once():
    assert plan.due([], BEGUN, incremental=True) == plan.FULL


def test_a_week_has_one_full_and_six_incremental_ones():
    kinds = [base.kind for base in a_history(14, incremental=True)]
    assert kinds == [plan.FULL, *[plan.INCREMENTAL] * 6] * 2


def test_a_server_without_incremental_ones_makes_a_full_one_every_day():
    assert [base.kind for base in a_history(5, incremental=False)] == [plan.FULL] * 5


@given(days=st.integers(1, 60), keep=st.integers(1, 4), incremental=st.booleans())
def test_what_is_kept_can_always_be_restored_and_is_always_the_newest(days, keep, incremental):
    bases = a_history(days, incremental=incremental)
    kept = plan.kept(bases, keep, BEGUN + timedelta(days=days + 1))
    assert kept == bases[len(bases) - len(kept) :]
    assert sum(base.kind == plan.FULL for base in kept) == min(
        keep, sum(base.kind == plan.FULL for base in bases)
    )
    for base in kept:
        chain = plan.chain(kept, base)
        assert chain[0].kind == plan.FULL
        assert chain[-1] is base
        assert all(later.after == earlier.name for earlier, later in pairwise(chain))


@given(
    hours=st.lists(st.floats(0, 100), min_size=1, max_size=12).map(sorted),
    keep=st.integers(1, 4),
    looked=st.floats(0, 100),
)
def test_however_often_a_series_begins_the_last_day_can_be_restored(hours, keep, looked):
    bases = [made(number, plan.FULL, day=hour / 24) for number, hour in enumerate(hours)]
    now = bases[-1].ended + timedelta(hours=looked)
    kept = plan.kept(bases, keep, now)
    assert kept == bases[len(bases) - len(kept) :]
    assert len(kept) >= min(keep, len(bases))
    back = now - plan.GOES_BACK
    assert (plan.base_for(bases, back) is None) or plan.base_for(kept, back) is not None
    if len(kept) > keep:
        assert plan.base_for(kept[1:], back) is None, "no more than it takes"


def test_a_point_in_time_begins_with_the_newest_that_was_complete_then():
    first, second = made(1, plan.FULL), made(2, plan.FULL, day=3)
    assert plan.base_for([first, second], None) is second
    assert plan.base_for([first, second], second.ended) is second
    assert plan.base_for([first, second], second.ended - timedelta(seconds=1)) is first
    assert plan.base_for([first, second], BEGUN) is None
    assert plan.base_for([], None) is None
