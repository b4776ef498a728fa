"""The result of a run as a document: figures, verdict, endpoints, timeline."""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import psutil

from loadprofiles.judge.generators import unequal
from loadprofiles.judge.run import Run
from loadprofiles.judge.settling import DRAIN_PATIENCE_S
from loadprofiles.judge.speed import needed_rps, offered_rps
from loadprofiles.judge.verdict import Verdict, generator_faults, judge
from loadprofiles.record.recorder import OWN_FAULT, Histogram
from loadprofiles.record.samples import highest, longest_unseen, mean


def result_of(run: Run) -> dict[str, Any]:
    """Judge a run. The document is described in docs/load.md."""
    seen = figures(run)
    verdict = judge(
        run.profile,
        run.users,
        seen,
        judged=run.judged,
        speed=run.speed,
        void=_void(run, seen),
        notes=_faults(run),
    )
    found = run.findings
    return {
        "profile": run.profile.name,
        "verdict": verdict.verdict,
        "reasons": list(verdict.reasons),
        "judged": run.judged,
        "chaos": run.chaos or None,
        "host": run.host,
        "began_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(run.began_at)),
        "users": run.users,
        "profile_users": run.profile.users,
        "run_time_s": run.run_time_s,
        "ramp_s": None if run.ramp_ended is None else round(run.ramp_ended, 1),
        "figures": dict(seen),
        "machine": {
            **run.speed.document(),
            "offered_rps": offered_rps(run.profile, run.users),
            "needed_bare_rps": needed_rps(run.profile, run.users),
        },
        "thresholds": threshold_rows(verdict),
        "sessions": {
            "acknowledged": found.acknowledged,
            "stored": found.stored,
            "lost": found.lost,
            "counted_twice": found.counted_twice,
            "duplicates_sent": run.total.counts["duplicates_sent"],
            "connections_dropped": run.total.counts["dropped_connections"],
        },
        "endpoints": [
            {
                "name": name,
                "requests": count,
                "failures": failures,
                **times.percentiles(),
            }
            for name, (count, failures, times) in sorted(run.total.by_name.items())
        ],
        "errors": dict(sorted(run.total.errors.items(), key=lambda item: -item[1])),
        "generator": _generator(),
        "timeline": run.timeline,
    }


def threshold_rows(verdict: Verdict) -> list[dict[str, Any]]:
    """The thresholds with their measured values, as JSON types."""
    return [
        {
            "name": row.threshold.name,
            "limit": row.threshold.limit,
            "sense": row.threshold.sense,
            "value": row.value,
            "ok": row.status in ("ok", "warn"),
            "status": row.status,
            "note": row.threshold.note,
        }
        for row in verdict.thresholds
    ]


def figures(run: Run) -> dict[str, Any]:
    """The key `figures` of the document; None means not measured."""
    counts, steady = run.total.counts, run.total.steady
    begin, end = run.steady or (0.0, 0.0)
    took = end - begin
    seen = counts["steady_requests"]
    looks = [one for one in run.samples if run.steady and begin <= one.at <= end]
    cpu, memory = mean(one.cpu for one in looks), highest(one.memory for one in looks)
    own_cpu, own_memory = _own_steady_share(run)
    known = run.findings.acknowledged > 0 and not run.findings.unread
    return {
        "steady_s": round(took, 1),
        "requests": counts["requests"],
        "failures": counts["failures"],
        "steady_requests": seen,
        "rps": seen / took if seen and took else None,
        "answered_rps": (seen - counts["steady_failures"]) / took if seen and took else None,
        "refused": counts["refused"],
        "refused_rate": counts["steady_refused"] / seen if seen else None,
        "refused_p99_ms": run.total.refusals.percentile(0.99),
        "failed_otherwise_rate": _failure_rate(counts, but="refused"),
        "failure_rate": _failure_rate(counts),
        "avg_ms": steady.mean(),
        **steady.percentiles(),
        "max_ms": steady.percentile(1.0),
        "cpu": None if cpu is None else max(cpu - own_cpu, 0.0),
        "cpu_with_generator": cpu,
        "generator_cpu_share": own_cpu,
        "memory": None if memory is None else max(memory - own_memory, 0.0),
        "generator_memory_share": own_memory,
        "queue": highest(one.queue for one in looks),
        "samples": len(looks),
        "unseen_s": longest_unseen(looks, begin, end) if run.steady else None,
        "generator_cpu": _busiest(run),
        "generator_late_ms": run.total.lateness.mean(),
        "generator_late_p99_ms": run.total.lateness.percentile(0.99),
        "generator_processes": sum(one.plays for one in run.processes.values()),
        "drained_s": drained_s(run),
        "undelivered": run.users - counts["delivered_backlogs"]
        if run.profile.comes_back_within_s is not None
        else None,
        "lost": run.findings.lost if known or run.findings.lost else None,
        "counted_twice": run.findings.counted_twice
        if known or run.findings.counted_twice
        else None,
    }


def drained_s(run: Run) -> float | None:
    """Seconds from the moment by which all tablets are back online until nothing was pending; None
    if that was not observed, or the profile has no such moment."""
    within = run.profile.comes_back_within_s
    if within is None or run.ramp_ended is None:
        return None
    back = run.ramp_ended + within
    since = max(back, run.last_delivered)
    empty = [one.at for one in run.samples if one.queue == 0 and one.at >= since]
    return round(max(min(empty) - back, 0.0), 1) if empty else None


def _own_steady_share(run: Run) -> tuple[float, float]:
    beside = [one for one in run.processes.values() if one.beside and one.wall_s]
    cores = sum(one.cpu_s / one.wall_s for one in beside)
    return run.of_reported_cpu(cores), run.own_share()[1]


def _busiest(run: Run) -> float | None:
    return max(
        (one.cpu_s / one.wall_s for one in run.processes.values() if one.wall_s), default=None
    )


def _void(run: Run, figures: Mapping[str, Any]) -> list[str]:
    """Reasons why the run is void."""
    reasons = _generator_faults(run, figures)
    reasons += [one for one in run.total.errors if one.startswith(OWN_FAULT)]
    if run.lost_workers:
        reasons.append(f"{run.lost_workers} of the load generator's workers went away")
    elif run.interrupted:
        reasons.append(f"it was stopped manually after {run.stopped or run.now:.0f} s")
    elif run.most_users < run.users:
        reasons.append(f"only {run.most_users} of {run.users} students ever played")
    if run.judged != "ledger" and not run.lost_workers:
        reasons += unequal(_steady_by_generator(run))
    return reasons


def _steady_by_generator(run: Run) -> dict[str, Histogram]:
    """By the name of its host; with a number where a host has several."""
    found: dict[str, Histogram] = {}
    for name, process in run.processes.items():
        if process.plays:
            host = name.rpartition("_")[0] or name  # Locust's id: the host's name and a UUID
            known = sum(one.partition(" (")[0] == host for one in found)
            found[f"{host} ({known + 1})" if known else host] = process.steady
    return found


def _generator_faults(run: Run, figures: Mapping[str, Any]) -> list[str]:
    busy = max(
        (one.busy_looks / one.looks for one in run.processes.values() if one.looks),
        default=0.0,
    )
    mean_ms, p99_ms = figures["generator_late_ms"], figures["generator_late_p99_ms"]
    if run.judged != "all" and None not in (mean_ms, p99_ms):
        # A late generator distorts response times, but not the counts of failures and sessions.
        mean_ms = p99_ms = 0.0
    beside = any(one.beside for one in run.processes.values() if one.plays)
    return generator_faults(figures["generator_cpu"], busy, mean_ms, p99_ms, beside=beside)


def _faults(run: Run) -> list[str]:
    """Reasons to fail, apart from thresholds."""
    faults, found = [], run.findings
    if not run.total.counts["requests"]:
        faults.append("no request was made at all")
    elif not run.total.counts["steady_requests"]:
        faults.append("no request was made after the ramp: let it run for longer")
    if not run.samples and run.judged == "all":
        faults.append(f"the server's CPU, memory and queue are unknown: {run.metrics_fault}")
    if refused := run.total.counts["sessions_refused"]:
        faults.append(f"{refused} sessions were refused, of games that were played fairly")
    if run.drain_failed or found.waiting:
        faults.append(
            f"the queue was not drained {DRAIN_PATIENCE_S:.0f} s after the stop: "
            f"{found.waiting} acknowledged sessions still wait"
        )
    return [*faults, *found.faults()]


def _failure_rate(counts: Mapping[str, int], *, but: str = "") -> float | None:
    """The failure rate of all requests or of those in the steady time, whichever is higher, so that
    requests of the ramp cannot dilute later failures. `but`: failures that are left out."""
    shares = [
        (counts[f"{kind}failures"] - (counts[f"{kind}{but}"] if but else 0))
        / counts[f"{kind}requests"]
        for kind in ("", "steady_")
        if counts[f"{kind}requests"]
    ]
    return max(shares, default=None)


def _generator() -> dict[str, Any]:
    """Machine and versions of the load generator."""
    return {
        "machine": f"{psutil.cpu_count()} cores, "
        f"{psutil.virtual_memory().total / 2**30:.0f} GiB, {platform.system()} "
        f"{platform.release()}",
        "python": platform.python_version(),
        "locust": _version("locust"),
        "neuroplay": _version("neuroplay"),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
