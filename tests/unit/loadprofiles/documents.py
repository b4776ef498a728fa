"""Result documents of runs, for the tests of the report."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from loadprofiles.judge.outcome import threshold_rows
from loadprofiles.judge.speed import Speed, needed_rps, offered_rps
from loadprofiles.judge.verdict import judge
from loadprofiles.profiles import PROFILES


def a_timeline(seconds: int = 120, *, ramp_s: int = 20) -> list[dict[str, Any]]:
    """A row a second, as a spike goes: arriving, playing on, one hiccup."""
    random = Random(7)
    rows, requests, failed = [], 0, 0
    for t in range(1, seconds + 1):
        here = min(t / ramp_s, 1.0)
        hiccup = 6.0 if seconds * 0.6 < t < seconds * 0.65 else 1.0
        rps = round(980 * here * random.gauss(1, 0.02) / hiccup**0.2, 1)
        failures = random.choice((0, 0, 1, 4)) if hiccup > 1 else 0
        requests, failed = requests + round(rps), failed + failures
        rows.append(
            {
                "t": float(t),
                "users": round(2000 * here),
                "rps": rps,
                "failures": failures,
                "p50_ms": round(3.4 * random.gauss(1, 0.1) * hiccup**0.5, 1),
                "p95_ms": round(19 * random.gauss(1, 0.15) * hiccup, 1),
                "p99_ms": round(64 * random.gauss(1, 0.2) * hiccup, 1),
                "queue": None if t == 50 else max(round(90 * here * random.gauss(1, 0.4)), 0),
                "cpu": 0.52 * here * random.gauss(1, 0.05) if t % 40 else None,
                "memory": 0.21 + 0.0001 * t,
                "generator_cpu": 0.61 * here * random.gauss(1, 0.05),
                "requests": requests,
                "failed": failed,
                "acknowledged": requests * 2,
            }
        )
    return rows


FIGURES: dict[str, Any] = {
    "steady_s": 100.0,
    "requests": 107_512,
    "failures": 9,
    "steady_requests": 97_604,
    "answered_rps": 975.9,
    "refused": 0,
    "refused_rate": 0.0,
    "refused_p99_ms": None,
    "failed_otherwise_rate": 9 / 107_512,
    "rps": 976.0,
    "failure_rate": 9 / 107_512,
    "avg_ms": 8.3,
    "p50_ms": 3.4,
    "p95_ms": 23.1,
    "p99_ms": 84.0,
    "max_ms": 812.0,
    "cpu": 0.51,
    "memory": 0.22,
    "queue": 212.0,
    "samples": 50,
    "unseen_s": 2.1,
    "generator_cpu": 0.61,
    "drained_s": 12.0,
    "undelivered": 0,
    "lost": 0,
    "counted_twice": 0,
}


SPEED = Speed(
    calibrated_s=2.0,
    bare_rps=4100.0,
    bare_ms=0.41,
    fsyncs_per_s=812.0,
    python_steps_per_s=8_123_000.0,
    processors=2.0,
)


def a_document(
    *,
    profile: str = "spike",
    users: int | None = None,
    judged: str = "all",
    void: Sequence[str] = (),
    speed: Speed = SPEED,
    timeline: list[dict[str, Any]] | None = None,
    figures: dict[str, Any] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """A document whose verdict is the one of its figures."""
    known, seen = PROFILES[profile], {**FIGURES, **(figures or {})}
    count = users or known.users
    verdict = judge(known, count, seen, judged=judged, speed=speed, void=void)
    return {
        "profile": profile,
        "verdict": verdict.verdict,
        "reasons": list(verdict.reasons),
        "judged": judged,
        "chaos": None,
        "host": "http://127.0.0.1:5000",
        "began_at": "2026-11-24T12:00:00Z",
        "users": users or known.users,
        "profile_users": known.users,
        "run_time_s": known.run_time_s,
        "ramp_s": 20.0,
        "figures": seen,
        "machine": {
            **speed.document(),
            "offered_rps": offered_rps(known, count),
            "needed_bare_rps": needed_rps(known, count),
        },
        "thresholds": threshold_rows(verdict),
        "sessions": {
            "acknowledged": 181_204,
            "stored": 181_204 - (seen["lost"] or 0),
            "lost": seen["lost"] or 0,
            "counted_twice": seen["counted_twice"] or 0,
            "duplicates_sent": 3_120,
            "connections_dropped": 411,
        },
        "endpoints": [
            {
                "name": name,
                "requests": count,
                "failures": failures,
                "p50_ms": p50,
                "p95_ms": p50 * 5,
                "p99_ms": p50 * 18,
            }
            for name, count, failures, p50 in (
                ("GET /api/v1/leaderboards/{game_type}", 7_801, 0, 2.9),
                ("GET /api/v1/me", 21_490, 1, 2.4),
                ("GET /sw.js", 5_877, 0, 1.1),
                ("POST /api/v1/gameplay/sync", 62_436, 8, 4.1),
            )
        ],
        "errors": {"POST /api/v1/gameplay/sync: HTTP 503": 8, "GET /api/v1/me: timeout": 1},
        "generator": {
            "machine": "2 cores, 8 GiB, Linux 6.1",
            "python": "3.11.7",
            "locust": "2.47.1",
            "neuroplay": "2.5.0",
        },
        "timeline": a_timeline() if timeline is None else timeline,
        **changes,
    }
