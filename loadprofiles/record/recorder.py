"""The measurements of a generator process: response times, errors, its CPU time and lateness."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

OWN_FAULT = "the load generator: "
"""Prefix of errors of the generator itself."""

REFUSED = "refused, with the time to try again"
"""Of a request that the server could not answer in time: 503 with Retry-After."""


class Histogram:
    """Times in milliseconds, rounded to 0.1 ms below 100 ms and to 1 ms above."""

    def __init__(self, counts: Mapping[float, int] | None = None, total: float = 0.0) -> None:
        self.counts: dict[float, int] = dict(counts or {})
        self.total = total

    def __len__(self) -> int:
        return sum(self.counts.values())

    def add(self, ms: float) -> None:
        key = round(ms, 1) if ms < 100 else float(round(ms))
        self.counts[key] = self.counts.get(key, 0) + 1
        self.total += ms

    def merge(self, other: Histogram) -> None:
        for key, count in other.counts.items():
            self.counts[key] = self.counts.get(key, 0) + count
        self.total += other.total

    def mean(self) -> float | None:
        count = len(self)
        return self.total / count if count else None

    def percentile(self, share: float) -> float | None:
        """The smallest recorded time that at least `share` (0 to 1) of all do not exceed; None if
        there are none."""
        count = len(self)
        if not count:
            return None
        rank = max(math.ceil(share * count), 1)
        for key in sorted(self.counts):
            rank -= self.counts[key]
            if rank <= 0:
                return key
        raise AssertionError("a rank lies within the count")

    def percentiles(self) -> dict[str, float | None]:
        """p50, p95 and p99 under their names in documents and the timeline."""
        shares = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
        return {name: self.percentile(share) for name, share in shares.items()}

    def to_wire(self) -> dict[str, Any]:
        return {"counts": list(self.counts.items()), "total": self.total}

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Histogram:
        return cls({float(key): count for key, count in wire["counts"]}, wire["total"])


class Notes:
    """Measurements of a period, which can be merged.

    `steady`, `refusals` and `by_name` cover the requests of the steady time, `times` and `errors`
    all requests. The times of refused requests are in `refusals` and nowhere else.
    """

    COUNTS = (
        "requests",
        "failures",
        "steady_requests",
        "steady_failures",
        "refused",
        "steady_refused",
        "sessions_sent",
        "sessions_refused",
        "duplicates_sent",
        "dropped_connections",
        "delivered_backlogs",
    )

    def __init__(self) -> None:
        self.counts = dict.fromkeys(self.COUNTS, 0)
        self.times = Histogram()
        self.steady = Histogram()
        self.refusals = Histogram()
        self.lateness = Histogram()
        self.by_name: dict[str, tuple[int, int, Histogram]] = {}
        self.errors: dict[str, int] = {}
        self.cpu_s = 0.0
        self.wall_s = 0.0

    def request(
        self, name: str, ms: float, error: str | None, *, steady: bool, refused: bool = False
    ) -> None:
        """`refused`: the error is REFUSED."""
        failed = error is not None
        self.counts["requests"] += 1
        self.counts["failures"] += failed
        self.counts["refused"] += refused
        if not refused:
            self.times.add(ms)
        if error is not None:
            self.errors[error] = self.errors.get(error, 0) + 1
        if steady:
            self.counts["steady_requests"] += 1
            self.counts["steady_failures"] += failed
            self.counts["steady_refused"] += refused
            (self.refusals if refused else self.steady).add(ms)
            count, failures, times = self.by_name.get(name) or (0, 0, Histogram())
            if not refused:
                times.add(ms)
            self.by_name[name] = (count + 1, failures + failed, times)

    def count(self, what: str, by: int = 1) -> None:
        self.counts[what] += by

    def merge(self, other: Notes) -> None:
        for name, value in other.counts.items():
            self.counts[name] += value
        self.times.merge(other.times)
        self.steady.merge(other.steady)
        self.refusals.merge(other.refusals)
        self.lateness.merge(other.lateness)
        for name, (count, failures, times) in other.by_name.items():
            had, had_failures, all_times = self.by_name.get(name) or (0, 0, Histogram())
            all_times.merge(times)
            self.by_name[name] = (had + count, had_failures + failures, all_times)
        for error, count in other.errors.items():
            self.errors[error] = self.errors.get(error, 0) + count
        self.cpu_s += other.cpu_s
        self.wall_s += other.wall_s

    def to_wire(self) -> dict[str, Any]:
        return {
            "counts": dict(self.counts),
            "times": self.times.to_wire(),
            "steady": self.steady.to_wire(),
            "refusals": self.refusals.to_wire(),
            "lateness": self.lateness.to_wire(),
            "by_name": [
                [name, count, failures, times.to_wire()]
                for name, (count, failures, times) in self.by_name.items()
            ],
            "errors": dict(self.errors),
            "cpu_s": self.cpu_s,
            "wall_s": self.wall_s,
        }

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Notes:
        notes = cls()
        notes.counts.update(wire["counts"])
        notes.times = Histogram.from_wire(wire["times"])
        notes.steady = Histogram.from_wire(wire["steady"])
        notes.refusals = Histogram.from_wire(wire["refusals"])
        notes.lateness = Histogram.from_wire(wire["lateness"])
        notes.by_name = {
            name: (count, failures, Histogram.from_wire(times))
            for name, count, failures, times in wire["by_name"]
        }
        notes.errors = dict(wire["errors"])
        notes.cpu_s, notes.wall_s = wire["cpu_s"], wire["wall_s"]
        return notes
