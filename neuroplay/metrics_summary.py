"""Summarizes a metrics exposition, for `neuroplay metrics` and /ops.

Counts and times are those since an earlier exposition, if one is given, else since the start.
Percentiles are interpolated linearly within a histogram bucket, as by Prometheus's
histogram_quantile.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

QUANTILES = (0.5, 0.95, 0.99)
OURS = ("/health", "/health/live", "/health/ready", "/metrics", "/ops/figures")
"""Endpoints for monitoring, whose requests are not counted as work."""

Labels = Mapping[str, str]
Summary = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Samples:
    """The samples of one exposition, by name."""

    by_name: Mapping[str, list[tuple[Labels, float]]] = field(default_factory=dict)

    @classmethod
    def parse(cls, exposition: str) -> Samples:
        """Parse Prometheus's text format. Raises ValueError."""
        from prometheus_client.parser import text_string_to_metric_families

        found: dict[str, list[tuple[Labels, float]]] = defaultdict(list)
        for family in text_string_to_metric_families(exposition):
            for sample in family.samples:
                found[sample.name].append((sample.labels, sample.value))
        return cls(by_name=found)

    def all(self, name: str) -> list[tuple[Labels, float]]:
        return self.by_name.get(name, [])

    def one(self, name: str) -> float | None:
        """The sum of a metric's samples; None if there are none."""
        values = [value for _, value in self.all(name) if not math.isnan(value)]
        return sum(values) if values else None

    def since(self, earlier: Samples) -> Samples:
        """These samples with counts since `earlier`. A counter that decreased was reset by a
        restart, and is kept as it is. So are gauges."""
        changed = {}
        for name, samples in self.by_name.items():
            if not name.endswith(("_total", "_bucket", "_count", "_sum")):
                changed[name] = samples
                continue
            before = {tuple(sorted(labels.items())): value for labels, value in earlier.all(name)}
            changed[name] = [
                (labels, _grown(value, before.get(tuple(sorted(labels.items())), 0.0)))
                for labels, value in samples
            ]
        return Samples(by_name=changed)


def _grown(value: float, before: float) -> float:
    return value - before if value >= before else value


class Window:
    """Summarizes a system repeatedly. Each summary covers the last `seconds`, or the time since the
    first call if that is shorter."""

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._seen: deque[tuple[float, Samples]] = deque()

    def add(self, samples: Samples) -> Summary:
        now = self._clock()
        while len(self._seen) > 1 and now - self._seen[1][0] >= self._seconds:
            self._seen.popleft()
        self._seen.append((now, samples))
        at, earliest = self._seen[0]
        return summarize(samples, earliest if now > at else None, seconds=now - at)


def summarize(samples: Samples, earlier: Samples | None = None, *, seconds: float = 0.0) -> Summary:
    """The summary. Durations end in _ms or _s, shares are 0 to 1; None if nothing was measured.

    Keys: window_s (None: since the start), all (API requests together), requests (by endpoint),
    errors, games (by type), syncs, inbox, oldest_pending_s, queues, active_users, workers, devices,
    cache_hit_rate, host, sources.
    """
    counted = samples if earlier is None else samples.since(earlier)
    window_s = None if earlier is None else seconds
    requests = _requests(counted, window_s)
    return {
        "window_s": None if window_s is None else round(window_s, 1),
        "all": _together(counted, requests, window_s),
        "requests": requests,
        "errors": [
            {
                "error_type": labels["error_type"],
                "component": labels["component"],
                "count": int(value),
            }
            for labels, value in counted.all("neuroplay_errors_total")
            if value
        ],
        "games": _games(counted, window_s),
        "syncs": _totals(counted.all("neuroplay_game_syncs_total"), "status"),
        "inbox": _totals(samples.all("neuroplay_inbox_items"), "state"),
        "oldest_pending_s": samples.one("neuroplay_inbox_oldest_seconds"),
        "queues": _totals(samples.all("neuroplay_queue_size"), "queue_name"),
        "active_users": _whole(samples.one("neuroplay_active_users")),
        "workers": _whole(samples.one("neuroplay_workers")),
        "devices": {
            "holding": _whole(samples.one("neuroplay_devices_holding")),
            "sessions": _whole(samples.one("neuroplay_device_sessions")),
            "oldest_s": samples.one("neuroplay_device_oldest_seconds"),
        },
        "cache_hit_rate": samples.one("neuroplay_cache_hit_rate"),
        "host": {
            part: samples.one(f"neuroplay_host_{part}_ratio") for part in ("cpu", "memory", "disk")
        },
        "sources": _totals(samples.all("neuroplay_source_up"), "source"),
    }


def quantile(buckets: Mapping[float, float], q: float) -> float | None:
    """The `q` quantile, in seconds, of cumulative histogram `buckets` (upper bound -> count).

    Interpolated linearly within a bucket. If it is above the last finite bound, that bound. None
    without samples.
    """
    bounds = sorted(buckets)
    total = buckets[bounds[-1]] if bounds else 0
    if not total:
        return None
    rank, lower, below = q * total, 0.0, 0.0
    for bound in bounds:
        if buckets[bound] >= rank:
            if math.isinf(bound):
                return lower
            inside = buckets[bound] - below
            return lower + (bound - lower) * ((rank - below) / inside if inside else 1.0)
        lower, below = bound, buckets[bound]
    return lower


def _requests(samples: Samples, window_s: float | None) -> list[dict[str, Any]]:
    counts: dict[str, dict[str, int]] = defaultdict(lambda: {"count": 0, "failed": 0})
    for labels, value in samples.all("neuroplay_api_requests_total"):
        row = counts[labels["endpoint"]]
        row["count"] += int(value)
        row["failed"] += int(value) if labels["status"].startswith("5") else 0
    buckets = _buckets(samples)
    return [
        {
            "endpoint": endpoint,
            **row,
            "per_second": _rate(row["count"], window_s),
            **_percentiles(buckets.get(endpoint, {})),
        }
        for endpoint, row in sorted(counts.items(), key=lambda item: (-item[1]["count"], item[0]))
        if row["count"]
    ]


def _together(
    samples: Samples, requests: Iterable[Mapping[str, Any]], window_s: float | None
) -> dict[str, Any]:
    work = [row for row in requests if row["endpoint"] not in OURS]
    count, failed = (sum(row[name] for row in work) for name in ("count", "failed"))
    summed: dict[float, float] = defaultdict(float)
    for endpoint, buckets in _buckets(samples).items():
        for bound, value in buckets.items() if endpoint not in OURS else ():
            summed[bound] += value
    return {
        "count": count,
        "failed": failed,
        "per_second": _rate(count, window_s),
        "failed_share": failed / count if count else None,
        **_percentiles(summed),
    }


def _buckets(samples: Samples) -> dict[str, dict[float, float]]:
    found: dict[str, dict[float, float]] = defaultdict(lambda: defaultdict(float))
    for labels, value in samples.all("neuroplay_api_response_seconds_bucket"):
        found[labels["endpoint"]][float(labels["le"])] += value
    return found


def _percentiles(buckets: Mapping[float, float]) -> dict[str, float | None]:
    return {f"p{q * 100:.0f}_ms": _milliseconds(quantile(buckets, q)) for q in QUANTILES}


def _games(samples: Samples, window_s: float | None) -> list[dict[str, Any]]:
    """Accepted sessions by game."""
    counts: dict[str, int] = defaultdict(int)
    for labels, value in samples.all("neuroplay_game_syncs_total"):
        if labels["status"] == "accepted":
            counts[labels["game_type"]] += int(value)
    return [
        {"game_type": game, "count": count, "per_minute": _rate(count * 60, window_s)}
        for game, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if count
    ]


def _rate(count: float, window_s: float | None) -> float | None:
    return round(count / window_s, 2) if window_s else None


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _totals(samples: Iterable[tuple[Labels, float]], label: str) -> dict[str, int]:
    totals: dict[str, int] = defaultdict(int)
    for labels, value in samples:
        totals[labels[label]] += int(value)
    return dict(totals)
