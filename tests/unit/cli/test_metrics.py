from __future__ import annotations

import math

import pytest

from cli.commands.metrics import quantile, summarise

EXPOSITION = """\
# TYPE neuroplay_api_requests_total counter
neuroplay_api_requests_total{method="POST",endpoint="/api/v1/gameplay/sync",status="202"} 90
neuroplay_api_requests_total{method="POST",endpoint="/api/v1/gameplay/sync",status="503"} 10
neuroplay_api_requests_total{method="GET",endpoint="/api/v1/me",status="200"} 4
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
# TYPE neuroplay_game_syncs_total counter
neuroplay_game_syncs_total{game_type="cyber_runner",status="success"} 7
neuroplay_game_syncs_total{game_type="signal_stop",status="success"} 1
"""


def test_the_summary_counts_requests_failures_and_times_by_endpoint():
    summary = summarise(EXPOSITION)

    assert summary["requests"] == [
        {
            "endpoint": "/api/v1/gameplay/sync",
            "count": 100,
            "failed": 10,
            "p50_ms": 10.0,
            "p95_ms": 91.0,
            "p99_ms": 98.2,
        },
        {
            "endpoint": "/api/v1/me",
            "count": 4,
            "failed": 0,
            "p50_ms": None,
            "p95_ms": None,
            "p99_ms": None,
        },
    ]


def test_the_summary_names_errors_that_happened_and_the_state_of_the_inbox():
    summary = summarise(EXPOSITION)

    assert summary["errors"] == [
        {"error_type": "StoreUnavailable", "component": "api", "count": 10}
    ]
    assert summary["inbox"] == {"pending": 3, "held": 0}
    assert summary["oldest_pending_s"] == 12.5
    assert summary["syncs"] == {"success": 8}
    assert summary["active_users"] is None


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
def test_a_quantile_is_linear_inside_its_bucket(buckets, q, seconds):
    assert quantile(buckets, q) == (None if seconds is None else pytest.approx(seconds))
