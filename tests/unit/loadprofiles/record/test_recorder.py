from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadprofiles.record.recorder import REFUSED, Histogram, Notes

MS = st.floats(0, 60_000, allow_nan=False)
REQUEST = st.tuples(
    st.sampled_from(["GET /", "POST /sync"]),
    MS,
    st.sampled_from([None, None, "HTTP 500", "Timeout"]),
    st.booleans(),
)
COUNTED = st.tuples(st.sampled_from(Notes.COUNTS), st.integers(0, 9))


def histogram_of(times: Sequence[float]) -> Histogram:
    made = Histogram()
    for ms in times:
        made.add(ms)
    return made


def notes_of(
    requests: Sequence[tuple[str, float, str | None, bool]],
    counted: Sequence[tuple[str, int]] = (),
) -> Notes:
    notes = Notes()
    for name, ms, error, steady in requests:
        notes.request(name, ms, error, steady=steady)
        notes.lateness.add(ms)
        notes.cpu_s += 0.25
        notes.wall_s += 0.5
    for what, by in counted:
        notes.count(what, by)
    return notes


def as_told(notes: Notes) -> dict[str, object]:
    """Everything in it, comparable whatever the order it came in."""
    return {
        "counts": notes.counts,
        "times": [as_counted(one) for one in (notes.times, notes.steady, notes.lateness)],
        "by_name": {
            name: (count, failures, as_counted(times))
            for name, (count, failures, times) in notes.by_name.items()
        },
        "errors": notes.errors,
        "processor": (notes.cpu_s, notes.wall_s),
    }


def as_counted(histogram: Histogram) -> tuple[dict[float, int], object]:
    return histogram.counts, pytest.approx(histogram.total)


def exact_percentile(times: Sequence[float], percent: int) -> float:
    rank = max(-(-percent * len(times) // 100), 1)
    return sorted(times)[rank - 1]


@given(times=st.lists(MS, min_size=1, max_size=200), percent=st.sampled_from([50, 95, 99, 100]))
def test_a_percentile_is_never_further_off_than_the_grain(times: list[float], percent: int) -> None:
    seen = histogram_of(times).percentile(percent / 100)
    exact = exact_percentile(times, percent)
    assert seen is not None
    assert abs(seen - exact) <= (0.05 if exact < 100 else 0.5) + 1e-9


@given(times=st.lists(MS, min_size=1, max_size=100))
def test_percentiles_never_fall_and_the_mean_is_exact(times: list[float]) -> None:
    histogram = histogram_of(times)
    values = [histogram.percentile(share) or 0.0 for share in (0.0, 0.5, 0.95, 0.99, 1.0)]
    assert all(low <= high for low, high in pairwise(values))
    assert histogram.mean() == pytest.approx(sum(times) / len(times))
    assert len(histogram) == len(times)


@pytest.mark.parametrize("count", [20, 60, 100, 140, 300, 700, 1000, 10_000])
@pytest.mark.parametrize("percent", [50, 95, 99])
def test_rounding_never_moves_a_rank_towards_the_faster(count: int, percent: int) -> None:
    histogram = histogram_of([float(n) for n in range(count)])
    assert histogram.percentile(percent / 100) == exact_percentile(range(count), percent)


def test_nothing_noted_has_no_mean_and_no_percentile() -> None:
    assert (Histogram().mean(), Histogram().percentile(0.99), len(Histogram())) == (None, None, 0)


@given(times=st.lists(MS, max_size=60), cuts=st.lists(st.integers(0, 60), max_size=4))
def test_histograms_merged_in_any_order_are_one(times: list[float], cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(times)]
    parts = [histogram_of(times[low:high]) for low, high in pairwise(edges)]
    Random(len(times)).shuffle(parts)
    merged = Histogram()
    for part in parts:
        merged.merge(part)
    assert as_counted(merged) == as_counted(histogram_of(times))


@given(
    requests=st.lists(REQUEST, max_size=30),
    counted=st.lists(COUNTED, max_size=10),
    places=st.lists(st.integers(0, 3), min_size=40, max_size=40),
)
def test_whichever_process_noted_what_the_whole_is_the_same(
    requests: list[tuple[str, float, str | None, bool]],
    counted: list[tuple[str, int]],
    places: list[int],
) -> None:
    parts = [
        notes_of(
            [one for one, at in zip(requests, places, strict=False) if at == place],
            [one for one, at in zip(counted, reversed(places), strict=False) if at == place],
        )
        for place in (2, 0, 3, 1)
    ]
    whole = Notes()
    for part in parts:
        before = as_told(part)
        whole.merge(Notes.from_wire(part.to_wire()))
        assert as_told(part) == before
    assert as_told(whole) == as_told(notes_of(requests, counted))


@given(requests=st.lists(REQUEST, max_size=20), counted=st.lists(COUNTED, max_size=5))
def test_notes_come_over_the_wire_as_they_were(
    requests: list[tuple[str, float, str | None, bool]], counted: list[tuple[str, int]]
) -> None:
    notes = notes_of(requests, counted)
    there = Notes.from_wire(json.loads(json.dumps(notes.to_wire())))
    assert as_told(there) == as_told(notes)


def test_what_went_over_the_wire_does_not_change_with_later_notes() -> None:
    notes = notes_of([("GET /", 3.0, "HTTP 500", True)])
    wire = notes.to_wire()
    notes.request("GET /", 5.0, "HTTP 500", steady=True)
    assert (wire["counts"]["requests"], wire["errors"]) == (1, {"HTTP 500": 1})


@given(requests=st.lists(REQUEST, max_size=40))
def test_every_request_and_every_failure_is_counted(
    requests: list[tuple[str, float, str | None, bool]],
) -> None:
    notes = notes_of(requests)
    steady = [one for one in requests if one[3]]
    assert notes.counts["requests"] == len(requests) == len(notes.times)
    assert notes.counts["steady_requests"] == len(steady) == len(notes.steady)
    assert notes.counts["failures"] == sum(one[2] is not None for one in requests)
    assert notes.counts["steady_failures"] == sum(one[2] is not None for one in steady)
    assert sum(notes.errors.values()) == notes.counts["failures"]
    assert sum(count for count, _, _ in notes.by_name.values()) == len(steady)
    assert (
        sum(failed for _, failed, _ in notes.by_name.values()) == (notes.counts["steady_failures"])
    )


def test_what_is_not_foreseen_is_not_counted() -> None:
    with pytest.raises(KeyError):
        Notes().count("sessions_snet")


def test_refused_requests_are_failures_whose_times_are_kept_apart() -> None:
    notes = Notes()
    notes.request("GET /me", 20.0, None, steady=True)
    notes.request("GET /me", 250.0, f"GET /me: {REFUSED}", steady=True, refused=True)
    notes.request("GET /me", 90.0, "GET /me: HTTP 500", steady=True)
    again = Notes.from_wire(notes.to_wire())
    again.merge(Notes())
    assert again.counts["steady_failures"] == 2
    assert (again.counts["refused"], again.counts["steady_refused"]) == (1, 1)
    assert again.steady.counts == {20.0: 1, 90.0: 1}
    assert again.refusals.counts == {250.0: 1}
    assert again.by_name["GET /me"][:2] == (3, 2)
