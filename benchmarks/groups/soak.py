"""Memory growth: that of all processes, sampled while the soak profile runs."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping, Sequence

from benchmarks.groups import load
from benchmarks.harness.figures import Figure, amount
from benchmarks.harness.options import Options
from benchmarks.harness.slope import Slope, slope, steady
from benchmarks.harness.system import System

PROFILE = "soak"
SECONDS = 3600.0
"""Default of --run-time."""

EVERY_S = 10.0
LEAST_SAMPLES = 60
"""A short run is sampled more often, to get about this many."""

STEADY_AFTER = 0.25
"""Share of the run before it is steady: students start, pools and caches fill, and PostgreSQL uses
its shared buffers for the first time."""

AIM_MB = 600

Sample = tuple[float, dict[str, float]]
"""Seconds since the start of the load, and MB by program."""


def measure(options: Options) -> list[Figure]:
    seconds = options.run_time_s or SECONDS
    runs, results = [], []
    for _ in range(options.runs):
        with System.temporary() as system:
            # One of its students plays as much as a hundred children.
            system.environment["NEUROPLAY_SYNC_BURST"] = "0"
            system.start()
            system.wait_until_complete()
            asked = Options(runs=1, run_time_s=seconds, users=options.users)
            with load.begun(system, PROFILE, asked) as process:
                runs.append(_sampled(system, process, seconds))
                results.append(load.ended(process))
    return [*figures_of(runs), *load.figures_of(PROFILE, results)]


def _sampled(system: System, load: subprocess.Popen[str], seconds: float) -> list[Sample]:
    """Samples from the start of the load for `seconds`, or to its end."""
    every = min(EVERY_S, max(1.0, seconds / LEAST_SAMPLES))
    begun = time.monotonic()
    samples: list[Sample] = []
    while (now := time.monotonic() - begun) < seconds and load.poll() is None:
        samples.append((now, system.memory_mb()))
        time.sleep(every)
    return samples


def figures_of(runs: Sequence[Sequence[Sample]]) -> list[Figure]:
    """The highest total, its slope, and the slope of each program."""
    totals = [[(at, sum(parts.values())) for at, parts in run] for run in runs]
    slopes = [per_hour(total) for total in totals]
    programs = sorted({name for run in runs for _, parts in run for name in parts})
    return [
        Figure(
            name="memory of all processes, highest",
            unit="MB",
            aim=AIM_MB,
            values=tuple(max(mb for _, mb in total) for total in totals),
        ),
        Figure(
            name="memory of all processes, at the end",
            unit="MB",
            values=tuple(total[-1][1] for total in totals),
        ),
        Figure(
            name="memory's slope",
            unit="MB/h",
            values=tuple(one.value for one in slopes),
            note="standard error "
            + ", ".join(amount(one.standard_error) for one in slopes)
            + f" MB/h; of the run after its first {STEADY_AFTER:.0%}",
        ),
        *(
            Figure(
                name=f"memory's slope, {name}",
                unit="MB/h",
                values=tuple(per_hour(_of(run, name)).value for run in runs),
            )
            for name in programs
        ),
    ]


def per_hour(samples: Sequence[tuple[float, float]]) -> Slope:
    """The slope of the steady part of (seconds, MB), in MB per hour."""
    part = steady(samples, after=STEADY_AFTER)
    return slope([(at / 3600, mb) for at, mb in part])


def _of(run: Sequence[tuple[float, Mapping[str, float]]], name: str) -> list[tuple[float, float]]:
    return [(at, parts.get(name, 0.0)) for at, parts in run]
