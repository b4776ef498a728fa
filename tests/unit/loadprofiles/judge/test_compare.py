from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadprofiles.judge.compare import LEAST, Change, compare

RAMP_S = 20
MOVING: dict[str, tuple[float, float]] = {
    "rps": (950, 20),
    "p50_ms": (4, 0.3),
    "p95_ms": (20, 2),
    "p99_ms": (70, 9),
    "queue": (60, 15),
    "cpu": (0.5, 0.03),
    "memory": (0.4, 0.001),
}
VALUE = st.none() | st.floats(0, 1e5)
ROW = st.fixed_dictionaries(dict.fromkeys(MOVING, VALUE))
RUN = st.builds(
    lambda rows, ramp, failed, requests, lost: a_run_of(
        [{"t": number + 1.0, **row} for number, row in enumerate(rows)],
        ramp_s=ramp,
        figures={
            "requests": requests,
            "failure_rate": min(failed / requests, 1.0) if requests else None,
            "lost": lost,
            "counted_twice": lost,
        },
    ),
    st.lists(ROW, max_size=40),
    st.none() | st.floats(0, 50),
    st.integers(0, 50),
    st.integers(0, 10_000),
    st.none() | st.integers(0, 3),
)


def a_run_of(timeline: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    return {
        "profile": "spike",
        "verdict": "pass",
        "users": 2000,
        "chaos": None,
        "ramp_s": RAMP_S,
        "figures": {"requests": 95_000, "failure_rate": 0.0, "lost": 0, "counted_twice": 0},
        "timeline": timeline,
        **changes,
    }


def a_run(number: int = 1, /, *, times: Any = None, **figures: Any) -> Any:
    """A run that moves by itself as runs do; `times` multiplies a figure."""
    random, times = Random(number), times or {}
    timeline = [
        {
            "t": float(second),
            **{
                name: max(random.gauss(middle, spread), 0.0) * times.get(name, 1.0)
                for name, (middle, spread) in MOVING.items()
            },
        }
        for second in range(1, 121)
    ]
    run = a_run_of(timeline)
    run["figures"] = {**run["figures"], **figures}
    return run


def words(before: Any, after: Any) -> dict[str, str]:
    return {one.name: one.change for one in compare(before, after)}


def change(name: str, before: Any, after: Any) -> Change:
    return next(one for one in compare(before, after) if one.name == name)


@given(run=RUN)
def test_a_run_beside_itself_is_never_better_nor_worse(run: Any) -> None:
    assert {one.change for one in compare(run, run)} <= {"same", "unknown"}


@given(first=RUN, second=RUN)
def test_what_is_better_one_way_is_worse_the_other(first: Any, second: Any) -> None:
    other = {"better": "worse", "worse": "better"}
    there, back = words(first, second), words(second, first)
    assert back == {name: other.get(word, word) for name, word in there.items()}


@pytest.mark.parametrize("number", range(2, 42))
def test_another_run_of_the_same_system_is_the_same(number: int) -> None:
    assert set(words(a_run(1), a_run(number)).values()) == {"same"}


@pytest.mark.parametrize(
    ("name", "times", "word"),
    [
        ("rps", 0.9, "worse"),
        ("rps", 1.1, "better"),
        ("p50_ms", 1.3, "worse"),
        ("p95_ms", 0.7, "better"),
        ("p99_ms", 1.4, "worse"),
        ("queue", 3.0, "worse"),
        ("cpu", 0.8, "better"),
        ("memory", 1.2, "worse"),
    ],
)
def test_what_changed_beyond_noise_is_told_and_nothing_else(
    name: str, times: float, word: str
) -> None:
    found = words(a_run(1), a_run(2, times={name: times}))
    assert found == {**dict.fromkeys(found, "same"), name: word}


def test_the_ramp_does_not_count() -> None:
    slow = a_run(2)
    for row in slow["timeline"][:RAMP_S]:
        row.update(p99_ms=9000.0, rps=1.0)
    assert set(words(a_run(1), slow).values()) == {"same"}


@pytest.mark.parametrize("name", ["lost", "counted_twice"])
def test_one_lost_session_is_no_noise(name: str) -> None:
    assert change(name, a_run(1), a_run(2, **{name: 1})).change == "worse"
    assert change(name, a_run(1, **{name: 1}), a_run(2)).change == "better"
    assert change(name, a_run(1), a_run(2, **{name: None})).change == "unknown"


@pytest.mark.parametrize(("failed", "word"), [(1, "same"), (3, "same"), (20, "worse")])
def test_a_few_failures_of_many_requests_are_noise_and_many_are_not(failed: int, word: str) -> None:
    found = change("failure_rate", a_run(1), a_run(2, failure_rate=failed / 95_000))
    assert found.change == word
    assert found.noise is not None


def test_failures_of_no_requests_are_unknown() -> None:
    nothing = a_run(2, requests=0, failure_rate=None)
    assert change("failure_rate", a_run(1), nothing).change == "unknown"


@pytest.mark.parametrize(
    "changes", [{"profile": "soak"}, {"users": 50}, {"chaos": "kill-worker"}], ids=str
)
def test_different_runs_are_not_compared(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="the runs differ"):
        compare(a_run(1), {**a_run(2), **changes})


def test_a_void_run_is_compared_with_nothing() -> None:
    with pytest.raises(ValueError, match="the second is void"):
        compare(a_run(1), {**a_run(2), "verdict": "void"})
    with pytest.raises(ValueError, match="the first is void"):
        compare({**a_run(1), "verdict": "void"}, a_run(2))


@pytest.mark.parametrize("name", LEAST)
def test_a_figure_that_was_not_seen_is_unknown(name: str) -> None:
    blind = a_run(2)
    for row in blind["timeline"]:
        row[name] = None
    assert change(name, a_run(1), blind) == Change(
        name=name, before=None, after=None, noise=None, change="unknown"
    )


def test_a_run_without_a_steady_time_is_unknown() -> None:
    short = {**a_run(2), "ramp_s": None}
    assert {words(a_run(1), short)[name] for name in LEAST} == {"unknown"}


def flat(**values: float) -> Any:
    row = {**{name: middle for name, (middle, _) in MOVING.items()}, **values}
    return a_run_of([{"t": float(second), **row} for second in range(1, 61)])


@given(value=st.floats(1, 5000), times=st.floats(0.85, 1.15))
def test_a_change_just_around_the_least_one_is_the_same_either_way_round(
    value: float, times: float
) -> None:
    first = flat(**dict.fromkeys(LEAST, value))
    second = flat(**dict.fromkeys(LEAST, value * times))
    other = {"better": "worse", "worse": "better"}
    there = words(first, second)
    assert words(second, first) == {name: other.get(word, word) for name, word in there.items()}


def test_a_step_finer_than_the_timer_is_the_same() -> None:
    assert set(words(flat(p50_ms=1.0, queue=0.0), flat(p50_ms=1.1, queue=3.0)).values()) == {"same"}
    assert words(flat(), flat(p50_ms=6.0))["p50_ms"] == "worse"
