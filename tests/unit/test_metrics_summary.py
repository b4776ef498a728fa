from __future__ import annotations

import math
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.metrics_summary import Samples, Window, quantile, summarize

EXPOSITION = """\
# TYPE neuroplay_api_requests_total counter
neuroplay_api_requests_total{method="POST",endpoint="/api/v1/gameplay/sync",status="202"} 90
neuroplay_api_requests_total{method="POST",endpoint="/api/v1/gameplay/sync",status="503"} 10
neuroplay_api_requests_total{method="GET",endpoint="/api/v1/me",status="200"} 4
neuroplay_api_requests_total{method="GET",endpoint="/metrics",status="200"} 4
neuroplay_api_requests_total{method="GET",endpoint="/quiet",status="200"} 0
# TYPE neuroplay_api_response_seconds histogram
neuroplay_api_response_seconds_bucket{endpoint="/api/v1/gameplay/sync",le="0.01"} 50
neuroplay_api_response_seconds_bucket{endpoint="/api/v1/gameplay/sync",le="0.1"} 100
neuroplay_api_response_seconds_bucket{endpoint="/api/v1/gameplay/sync",le="+Inf"} 100
# TYPE neuroplay_errors_total counter
neuroplay_errors_total{error_type="StoreUnavailable",component="api"} 10
neuroplay_errors_total{error_type="ValueError",component="worker"} 0
# TYPE neuroplay_inbox_items gauge
neuroplay_inbox_items{state="pending"} 3
neuroplay_inbox_items{state="held"} 0
# TYPE neuroplay_inbox_oldest_seconds gauge
neuroplay_inbox_oldest_seconds 12.5
# TYPE neuroplay_workers gauge
neuroplay_workers 2
# TYPE neuroplay_game_syncs_total counter
neuroplay_game_syncs_total{game_type="cyber_runner",status="accepted"} 7
neuroplay_game_syncs_total{game_type="signal_stop",status="accepted"} 1
"""

LATER = (
    EXPOSITION.replace('status="202"} 90', 'status="202"} 190')
    .replace('le="0.1"} 100', 'le="0.1"} 200')
    .replace('le="+Inf"} 100', 'le="+Inf"} 200')
    .replace('"cyber_runner",status="accepted"} 7', '"cyber_runner",status="accepted"} 17')
    .replace('component="api"} 10', 'component="api"} 3')
)


def seen(text: str = EXPOSITION) -> dict[str, Any]:
    return summarize(Samples.parse(text))


def test_requests_failures_and_times_are_told_by_endpoint() -> None:
    sync, me, metrics = seen()["requests"]
    assert sync == {
        "endpoint": "/api/v1/gameplay/sync",
        "count": 100,
        "failed": 10,
        "per_second": None,
        "p50_ms": 10.0,
        "p95_ms": 91.0,
        "p99_ms": 98.2,
    }
    assert (me["count"], me["p99_ms"], metrics["endpoint"]) == (4, None, "/metrics")


def test_all_requests_together_are_those_that_are_work() -> None:
    together = seen()["all"]
    assert (together["count"], together["failed"], together["p95_ms"]) == (104, 10, 91.0)
    assert together["failed_share"] == pytest.approx(10 / 104)


def test_errors_that_happened_games_and_the_state_of_the_inbox() -> None:
    told = seen()
    assert told["errors"] == [{"error_type": "StoreUnavailable", "component": "api", "count": 10}]
    assert told["inbox"] == {"pending": 3, "held": 0}
    assert (told["oldest_pending_s"], told["workers"], told["active_users"]) == (12.5, 2, None)
    assert told["games"] == [
        {"game_type": "cyber_runner", "count": 7, "per_minute": None},
        {"game_type": "signal_stop", "count": 1, "per_minute": None},
    ]


def test_two_looks_give_rates_and_the_times_between_them() -> None:
    told = summarize(Samples.parse(LATER), Samples.parse(EXPOSITION), seconds=20.0)
    (sync,) = told["requests"]
    assert (sync["count"], sync["failed"], sync["per_second"]) == (100, 0, 5.0)
    assert sync["p50_ms"] == 55.0
    assert told["games"] == [{"game_type": "cyber_runner", "count": 10, "per_minute": 30.0}]
    assert told["inbox"]["pending"] == 3
    # It counts from zero since its process was started again.
    assert told["errors"][0]["count"] == 3


def test_a_window_looks_back_so_far_and_no_farther() -> None:
    moments = iter((0.0, 4.0, 8.0, 12.0, 16.0, 20.0))
    window = Window(10.0, clock=lambda: next(moments))
    samples = Samples.parse(EXPOSITION)
    assert window.add(samples)["window_s"] is None
    widths = [window.add(samples)["window_s"] for _ in range(5)]
    assert widths == [4.0, 8.0, 12.0, 12.0, 12.0]


def test_of_nothing_there_is_nothing_to_tell() -> None:
    told = seen("")
    assert told["requests"] == told["games"] == told["errors"] == []
    assert told["all"]["failed_share"] is told["workers"] is told["host"]["cpu"] is None


@pytest.mark.parametrize(
    ("buckets", "q", "seconds"),
    [
        ({0.1: 10, 1.0: 10, math.inf: 10}, 0.5, 0.05),
        ({0.1: 5, 1.0: 10, math.inf: 10}, 0.5, 0.1),
        ({0.1: 0, 1.0: 10, math.inf: 10}, 0.5, 0.55),
        ({0.1: 0, 1.0: 0, math.inf: 10}, 0.99, 1.0),
        ({0.1: 0, math.inf: 0}, 0.5, None),
        ({}, 0.5, None),
    ],
)
def test_a_quantile_is_linear_inside_its_bucket(
    buckets: dict[float, float], q: float, seconds: float | None
) -> None:
    assert quantile(buckets, q) == (None if seconds is None else pytest.approx(seconds))


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=12), st.floats(0.01, 0.99))
def test_a_quantile_lies_in_a_bucket_that_has_so_many_below_it(
    counts: list[int], share: float
) -> None:
    bounds = [*(0.1 * n for n in range(1, len(counts))), math.inf]
    buckets = dict(zip(bounds, map(float, accumulate(counts)), strict=True))
    value = quantile(buckets, share)
    if not sum(counts):
        assert value is None
        return
    assert value is not None
    assert 0 <= value <= bounds[-2]
    above = min(bound for bound in bounds if buckets[bound] >= share * sum(counts))
    assert value <= above
    assert quantile(buckets, share / 2) <= value  # type: ignore[operator]
