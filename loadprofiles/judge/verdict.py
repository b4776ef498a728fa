"""The verdict: thresholds for the figures, and the conditions of a valid measurement.

    fail       a threshold is exceeded, or there is no data to judge it by
    graceful   the machine is too slow for the profile, and the server dealt with it as it should:
               what it could not answer it refused in time, the rest it answered in time, and it
               lost nothing
    void       not a valid measurement: the generator, not the server, was at its limit
    pass       none of these

`void` takes precedence over `fail`, except if the ledger shows lost or doubly counted sessions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from loadprofiles.judge.speed import PROCESSORS, UNKNOWN, Speed, needed_rps, offered_rps
from loadprofiles.profiles import Profile

Status = Literal["ok", "warn", "fail", "not judged"]

NEAR = 0.8
"""A value above this share of its limit is marked `warn`."""

MOST_FAILURES = 0.01
GENERATOR_CPU = 0.9
LATE_MEAN_MS, LATE_P99_MS = 50.0, 250.0
DRAINED_WITHIN_S = 60.0

ELSEWHERE = (
    "its students share the processors of the server, so run it on another machine, with --host"
)

LEAST_REQUESTS = MappingProxyType({"p95_ms": 20, "p99_ms": 100})
"""Minimum number of requests for these percentiles."""

LONGEST_UNSEEN_S = 15.0
"""Longest acceptable interval between two samples of the server's CPU, memory and queue."""

ANSWERED_WITHIN_MS = 1000.0
"""p99 of what is answered, and of what is refused, if more is asked than can be answered."""

OF_SPEED = frozenset({"rps", "failure_rate", "avg_ms", "p95_ms", "cpu", "queue", "drained_s"})
"""Thresholds that a slow machine misses though the server does what it can."""

JUDGED = {
    "all": frozenset({"time", "failures", "ledger"}),
    "failures": frozenset({"failures", "ledger"}),
    "ledger": frozenset({"ledger"}),
}
"""Kinds of thresholds that are judged; the others are only shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Threshold:
    """The limit of one figure, which must be `below` it, `above` it, or `at_most` equal to it."""

    name: str
    kind: Literal["time", "failures", "ledger"]
    sense: Literal["below", "above", "at_most"]
    limit: float
    unit: str = ""
    note: str = ""

    def kept(self, value: float | None) -> bool:
        # No figure can be negative or infinite.
        if value is None or not math.isfinite(value) or value < 0:
            return False
        if self.sense == "below":
            return value < self.limit
        return value > self.limit if self.sense == "above" else value <= self.limit

    def near(self, value: float) -> bool:
        if self.sense == "above":
            return value < self.limit / NEAR
        return self.limit > 0 and value > self.limit * NEAR


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A threshold with the measured value."""

    threshold: Threshold
    value: float | None
    status: Status
    too_few: int | None = None
    """Number of requests, if too few for this percentile."""

    @property
    def reason(self) -> str:
        """Why the threshold fails."""
        limit = self.threshold
        if self.value is None:
            return f"{limit.name}: there is no data to judge it by"
        if self.too_few is not None:
            return (
                f"{limit.name}: it takes {LEAST_REQUESTS[limit.name]} requests to judge it by, and "
                f"{self.too_few} were seen"
            )
        words = {"below": "not below", "above": "not above", "at_most": "more than"}[limit.sense]
        return f"{limit.name} is {self.value:.4g}{limit.unit}, {words} {limit.limit:g}{limit.unit}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    verdict: Literal["pass", "graceful", "fail", "void"]
    reasons: tuple[str, ...]
    thresholds: tuple[Judged, ...]


def thresholds_of(profile: Profile, users: int) -> list[Threshold]:
    """The thresholds of a run with `users` students. With fewer students than the profile has, the
    required requests per second decrease in proportion."""
    limits = []
    if profile.least_rps is not None:
        share = min(users / profile.users, 1.0)
        limits.append(
            Threshold(
                name="rps",
                kind="time",
                sense="above",
                limit=profile.least_rps * share,
                unit="/s",
                note="" if share == 1 else f"{profile.least_rps:g} at {profile.users} students",
            )
        )
    limits += [
        Threshold(name="failure_rate", kind="failures", sense="below", limit=MOST_FAILURES),
        Threshold(name="avg_ms", kind="time", sense="below", limit=100, unit=" ms"),
        Threshold(name="p95_ms", kind="time", sense="below", limit=500, unit=" ms"),
        Threshold(name="p99_ms", kind="time", sense="below", limit=1000, unit=" ms"),
        Threshold(name="cpu", kind="time", sense="below", limit=0.8),
        Threshold(name="memory", kind="time", sense="below", limit=0.8),
    ]
    if profile.comes_back_within_s is None:
        limits.append(Threshold(name="queue", kind="time", sense="below", limit=1000))
    else:
        limits += [
            Threshold(
                name="drained_s",
                kind="time",
                sense="at_most",
                limit=DRAINED_WITHIN_S,
                unit=" s",
                note="pending at 0 after the last tablet came back",
            ),
            Threshold(
                name="undelivered",
                kind="failures",
                sense="at_most",
                limit=0,
                note="tablets that still hold their backlog",
            ),
        ]
    return [
        *limits,
        Threshold(name="lost", kind="ledger", sense="at_most", limit=0),
        Threshold(name="counted_twice", kind="ledger", sense="at_most", limit=0),
    ]


def judge(
    profile: Profile,
    users: int,
    figures: Mapping[str, Any],
    *,
    judged: str = "all",
    speed: Speed = UNKNOWN,
    void: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Verdict:
    """The verdict on `figures`, by threshold name; None or absent means not measured.

    `speed` is that of the machine. `void` are reasons why the run is not a valid measurement,
    `notes` further reasons to fail.
    """
    kinds = JUDGED[judged]
    rows = [
        _judged(limit, figures, judged=limit.kind in kinds)
        for limit in thresholds_of(profile, users)
    ]
    failed = [row.reason for row in rows if row.status == "fail"]
    unseen = figures.get("unseen_s")
    if "time" in kinds and unseen is not None and unseen > LONGEST_UNSEEN_S:
        failed.append(f"the server told nothing of its CPU, memory and queue for {unseen:.0f} s")
    failed += notes
    broken = any(
        row.status == "fail" and row.threshold.kind == "ledger" and row.value for row in rows
    )
    # A lost game is the server's fault, however busy the generator was.
    if void and not broken:
        is_slow, why = _slowness(profile, users, speed)
        slow = (why,) if is_slow else ()
        return Verdict(verdict="void", reasons=(*void, *slow, *failed), thresholds=tuple(rows))
    if not failed:
        return Verdict(verdict="pass", reasons=tuple(void), thresholds=tuple(rows))
    missed = {row.threshold.name for row in rows if row.status == "fail"}
    # Whatever else is wrong has nothing to do with speed.
    by_figures = len(failed) == len(missed)
    timed = "time" in kinds
    too_much = _too_much(profile, users, figures, missed, timed=timed) if by_figures else None
    if too_much is None:
        return Verdict(verdict="fail", reasons=(*failed, *void), thresholds=tuple(rows))
    is_slow, why = _slowness(profile, users, speed)
    verdict: Literal["graceful", "fail"] = "graceful" if is_slow else "fail"
    reasons = (f"{why}; {too_much}", *failed)
    return Verdict(verdict=verdict, reasons=reasons, thresholds=tuple(rows))


def _too_much(
    profile: Profile, users: int, figures: Mapping[str, Any], missed: set[str], *, timed: bool
) -> str | None:
    """What the server did with more than it could answer; None if it did not deal with it as it
    should: it failed otherwise, too late (if times are judged), or lost something."""
    answered_ms, refused_ms = figures.get("p99_ms"), figures.get("refused_p99_ms")
    refused = figures.get("refused_rate") or 0.0
    otherwise = figures.get("failed_otherwise_rate")
    late = answered_ms is None or not answered_ms <= ANSWERED_WITHIN_MS
    late = late or (refused > 0 and not (refused_ms or 0.0) <= ANSWERED_WITHIN_MS)
    if not missed <= OF_SPEED or (timed and late):
        return None
    if otherwise is None or otherwise >= MOST_FAILURES:
        return None
    return (
        f"the server answered {figures.get('answered_rps') or 0.0:,.0f}/s of the "
        f"{offered_rps(profile, users):,.0f}/s that these students would ask, refused "
        f"{refused:.0%}{' in time' if timed else ''}, and lost nothing"
    )


def _slowness(profile: Profile, users: int, speed: Speed) -> tuple[bool, str]:
    """Whether the machine is too slow for a profile, and what that is known from."""
    found, needed = speed.of_two_processors, needed_rps(profile, users)
    if found is None:
        return False, "whether the machine or NeuroPlay is too slow was not measured"
    measured = f"its bare endpoint answers {found:,.0f}/s, and {needed:,.0f}/s are needed"
    if speed.processors is not None and speed.processors < PROCESSORS:
        measured += f"; it may use {speed.processors:g} processors of {PROCESSORS}"
    if found < needed:
        return True, f"the machine is too slow for this profile ({measured})"
    return False, f"NeuroPlay is slow on a machine that is fast enough ({measured})"


def _judged(limit: Threshold, figures: Mapping[str, Any], *, judged: bool) -> Judged:
    value, seen = figures.get(limit.name), figures.get("steady_requests") or 0
    if not judged:
        return Judged(threshold=limit, value=value, status="not judged")
    if value is not None and limit.name in LEAST_REQUESTS and seen < LEAST_REQUESTS[limit.name]:
        return Judged(threshold=limit, value=value, status="fail", too_few=seen)
    status: Status = "fail"
    if limit.kept(value):
        status = "warn" if value is not None and limit.near(value) else "ok"
    return Judged(threshold=limit, value=value, status=status)


def generator_faults(
    busiest: float | None,
    busy_looks: float,
    late_mean_ms: float | None,
    late_p99_ms: float | None,
    *,
    beside: bool = False,
) -> list[str]:
    """Reasons why the generator's measurements are not valid, and what to do. `beside`: it runs on
    the server's machine.

    `busiest` is the CPU of its busiest process in the steady time, as a share of one core;
    `busy_looks` the share of reports above the limit; lateness that of its timer. All are None if
    there was no steady time. If only some are, the generator was too busy to report them."""
    faults = []
    measured = (busiest, late_mean_ms, late_p99_ms)
    if None in measured and any(value is not None for value in measured):
        faults.append("the load generator did not report its load and delay")
    if busiest is not None and (busiest > GENERATOR_CPU or busy_looks > 0.1):
        faults.append(
            f"the load generator was saturated: {busiest:.0%} of a processor on average, above "
            f"{GENERATOR_CPU:.0%} at {busy_looks:.0%} of the looks; give it --workers"
        )
    mean, p99 = late_mean_ms or 0.0, late_p99_ms or 0.0
    if mean > LATE_MEAN_MS or p99 > LATE_P99_MS:
        faults.append(
            f"the load generator was behind its schedule: {mean:.0f} ms late on average, "
            f"{p99:.0f} ms at the 99th percentile" + (f"; {ELSEWHERE}" if beside else "")
        )
    return faults
