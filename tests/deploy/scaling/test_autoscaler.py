"""The computation of the number of pods: Kubernetes' examples, and what must always hold."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.deploy.scaling.autoscaler import (
    Autoscaler,
    PodCpu,
    Readings,
    Turn,
    turns,
    wish,
    wish_for_answer,
    wish_for_cpu,
)
from tests.deploy.scaling.rules import (
    DEFAULT_DOWN,
    DEFAULT_UP,
    Behaviour,
    Cpu,
    Policy,
    Query,
    Rule,
)

AGE = Query(text="age", per_pod=30)
CPU = Cpu(utilization=70)
SLOWLY = Rule(
    least=1,
    most=8,
    metrics=[AGE, CPU],
    up=Behaviour(window_s=0, policies=[Policy(value=4, period_s=60)]),
    down=Behaviour(window_s=600, policies=[Policy(value=1, period_s=60)]),
)
"""As the chart's for the workers."""

BY_DEFAULT = Rule(least=2, most=10, metrics=[CPU], up=DEFAULT_UP, down=DEFAULT_DOWN)


def pods(*used: float, ready: bool = True) -> list[PodCpu]:
    return [PodCpu(used=one, ready=ready) for one in used]


def of_age(seconds: float | None, *used: float) -> Readings:
    return Readings(pods=pods(*(used or (0.1,))), answers={"age": seconds})


UNKNOWN = PodCpu(used=None, ready=False)


@pytest.mark.parametrize(
    ("used", "wanted"),
    [
        (pods(1.4, 1.4), 4),  # twice the target: twice the pods
        (pods(0.35, 0.35), 1),
        (pods(0.75, 0.75), 2),  # 7 % above it: within the tolerance
        (pods(0.64, 0.64), 2),
        (pods(1.4) + pods(9.0, ready=False), 2),  # a start says nothing about the load
        ([*pods(0.1, 0.1, 0.1), UNKNOWN], 2),  # assumed to be busy: 2 instead of 1
        (pods(0.1) + pods(9.0, ready=False), 1),
        ([*pods(1.0), UNKNOWN], 2),  # would turn the change round, so nothing changes
        ([UNKNOWN], None),
    ],
)
def test_the_pods_that_cpu_asks_for(used: list[PodCpu], wanted: int | None) -> None:
    assert wish_for_cpu(CPU, len(used), used) == wanted


@pytest.mark.parametrize(
    ("seconds", "current", "wanted"),
    [(0, 3, 0), (29, 1, 1), (32, 1, 1), (34, 1, 2), (95, 3, 3), (240, 1, 8), (100_000, 1, 3334)],
)
def test_one_worker_for_each_thirty_seconds_of_waiting(
    seconds: float, current: int, wanted: int
) -> None:
    assert wish_for_answer(AGE, current, seconds) == wanted


def test_the_metric_that_asks_for_most_counts() -> None:
    assert wish(SLOWLY.metrics, 2, of_age(0, 1.4, 1.4)) == 4
    assert wish(SLOWLY.metrics, 2, of_age(180, 0.1, 0.1)) == 6


def test_a_series_that_is_missing_takes_no_pod_away_and_keeps_no_other_metric_from_adding() -> None:
    assert wish(SLOWLY.metrics, 4, of_age(None, 0.1, 0.1, 0.1, 0.1)) is None
    assert wish(SLOWLY.metrics, 2, of_age(None, 1.4, 1.4)) == 4
    assert wish([AGE], 4, of_age(None)) is None
    assert Autoscaler(SLOWLY).decide(0, 4, of_age(None)) == 4


def test_workers_come_four_a_minute_and_go_one_a_minute_after_ten() -> None:
    scaler, current, timeline = Autoscaler(SLOWLY), 1, []
    for step in range(0, 1500, 15):
        age = 300 if step < 120 else 0
        current = scaler.decide(step, current, of_age(age, *[0.05] * current))
        timeline.append((step, current))
    changes = [
        timeline[0],
        *(after for before, after in itertools.pairwise(timeline) if before[1] != after[1]),
    ]
    # The last wish for ten is of 105 s; it is forgotten ten minutes later.
    down = [(705 + 60 * number, 7 - number) for number in range(7)]
    assert changes == [(0, 5), (60, 8), *down]


def test_without_a_behaviour_pods_double_at_most_and_go_after_five_minutes() -> None:
    scaler = Autoscaler(BY_DEFAULT)
    assert scaler.decide(0, 2, Readings(pods=pods(9, 9))) == 6  # four more
    assert scaler.decide(15, 6, Readings(pods=pods(*[9] * 6))) == 10
    idle = Readings(pods=pods(*[0.01] * 10))
    assert [scaler.decide(when, 10, idle) for when in (30, 300, 314, 316)] == [10, 10, 10, 2]


def test_a_number_outside_the_bounds_is_brought_back_at_once() -> None:
    assert Autoscaler(SLOWLY).decide(0, 11, of_age(0)) == 8
    assert Autoscaler(BY_DEFAULT).decide(0, 1, Readings(pods=pods(0.7))) == 2


def test_all_times_are_shortened_alike() -> None:
    scaler, real = Autoscaler(SLOWLY.faster(10)), Autoscaler(SLOWLY)
    assert scaler.rule.sync_s == 1.5
    current = 1
    for number in range(100):
        age = 200.0 if number < 9 else 1.0
        wanted = real.decide(number * 15, current, of_age(age, *[0.2] * current))
        found = scaler.decide(number * 1.5, current, of_age(age / 10, *[0.2] * current))
        assert found == wanted
        current = wanted


def test_turns_are_found_in_both_directions_and_only_within_the_window() -> None:
    assert turns([(0, 1), (5, 3), (9, 2), (90, 1), (95, 2)], 10) == [
        Turn(at=5, back_at=9, to_more=False),
        Turn(at=90, back_at=95, to_more=True),
    ]
    assert turns([(0, 1), (5, 3), (9, 4), (90, 1)], 80) == []


Rules = st.builds(
    lambda rule, down_s, most: replace(rule, most=most, down=replace(rule.down, window_s=down_s)),
    st.sampled_from([SLOWLY, BY_DEFAULT]),
    st.sampled_from([60.0, 300.0, 600.0]),
    st.integers(2, 12),
)
Loads = st.lists(
    st.tuples(
        st.one_of(st.none(), st.floats(0, 2000)),
        st.lists(st.one_of(st.none(), st.floats(0, 20)), min_size=12, max_size=12),
        st.lists(st.booleans(), min_size=12, max_size=12),
    ),
    min_size=1,
    max_size=80,
)
Load = list[tuple[float | None, list[float | None], list[bool]]]


def followed(rule: Rule, load: Load) -> list[tuple[float, int]]:
    """The numbers that follow a load, and the moments."""
    scaler, current, found = Autoscaler(rule), rule.least, []
    for step, (age, used, ready) in enumerate(load):
        seen = [
            PodCpu(used=one, ready=is_ready)
            for one, is_ready in zip(used[:current], ready, strict=False)
        ]
        current = scaler.decide(step * 15.0, current, Readings(pods=seen, answers={"age": age}))
        found.append((step * 15.0, current))
    return found


@given(rule=Rules, load=Loads)
def test_whatever_the_load_the_number_stays_within_its_bounds(rule: Rule, load: Load) -> None:
    assert all(rule.least <= number <= rule.most for _, number in followed(rule, load))


@given(rule=Rules, load=Loads)
def test_whatever_the_load_no_pod_goes_within_the_window_after_one_came(
    rule: Rule, load: Load
) -> None:
    timeline = [(0.0, rule.least), *followed(rule, load)]
    came = -rule.down.window_s
    for (_, before), (when, after) in itertools.pairwise(timeline):
        if after > before:
            came = when
        assert after >= before or when - came >= rule.down.window_s


@given(load=Loads)
def test_whatever_the_load_workers_come_and_go_no_faster_than_the_policies(load: Load) -> None:
    timeline = [(-15.0, SLOWLY.least), *followed(SLOWLY, load)]
    numbers = [number for _, number in timeline]
    for first, later in zip(numbers, numbers[4:], strict=False):  # a minute
        assert -1 <= later - first <= 4
