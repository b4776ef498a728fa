"""Results of `neuroplay loadtest` for several profiles, each against a new server.

The load generator runs on the same processors. It is always this tree's, also for a baseline.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.harness.place import client
from benchmarks.harness.system import System

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSED, FAILED, VOID = 0, 1, 3
"""Exit codes of `neuroplay loadtest`."""


@dataclass(frozen=True, kw_only=True)
class Sought:
    """A figure of a result, and its aim."""

    key: str
    name: str
    unit: str = ""
    aim: float | None = None
    more_is_better: bool = False


BOOKS = (
    Sought(key="failures", name="failed requests", aim=0),
    Sought(key="lost", name="lost sessions", aim=0),
    Sought(key="counted_twice", name="sessions counted twice", aim=0),
)
MACHINE = (
    Sought(key="cpu", name="CPU of the servers, of all processors"),
    Sought(key="generator_cpu", name="busiest generator, of one processor"),
    Sought(key="generator_late_p99_ms", name="generator late, p99", unit="ms"),
)


def times(
    *, rps: float | None, p99: float, avg: float | None = None, p95: float | None = None
) -> tuple[Sought, ...]:
    """The figures of an HTTP client, with these aims."""
    return (
        Sought(key="rps", name="requests", unit="req/s", aim=rps, more_is_better=True),
        Sought(key="avg_ms", name="average", unit="ms", aim=avg),
        Sought(key="p95_ms", name="p95", unit="ms", aim=p95),
        Sought(key="p99_ms", name="p99", unit="ms", aim=p99),
    )


QUEUE = Sought(key="queue", name="longest queue", aim=999)

SOUGHT: Mapping[str, tuple[Sought, ...]] = {
    "spike": (*times(rps=950, avg=10, p95=25, p99=100), QUEUE, *BOOKS, *MACHINE),
    "stress": (*times(rps=500, p99=50), QUEUE, *BOOKS, *MACHINE),
    "normal": (*times(rps=500, p99=50), QUEUE, *BOOKS, *MACHINE),
    "monday": (
        Sought(key="drained_s", name="drained after the last came back", unit="s", aim=60),
        *times(rps=None, p99=1000),
        Sought(key="queue", name="longest queue"),
        Sought(key="undelivered", name="tablets that hold their backlog", aim=0),
        *BOOKS,
        *MACHINE,
    ),
}


def measure(options: Options) -> list[Figure]:
    profiles = options.profiles or tuple(SOUGHT)
    results: dict[str, list[dict[str, Any]]] = {profile: [] for profile in profiles}
    for _ in range(options.runs):
        for profile in profiles:
            with System.temporary() as system:
                system.start()
                system.wait_until_complete()
                with begun(system, profile, options) as process:
                    results[profile].append(ended(process))
    return [figure for name, found in results.items() for figure in figures_of(name, found)]


@contextmanager
def begun(system: System, profile: str, options: Options) -> Iterator[subprocess.Popen[str]]:
    """Run `neuroplay loadtest` against a system within the block."""
    command, environment = client(system.environment)
    with tempfile.TemporaryDirectory(prefix="neuroplay-bench-load-") as folder:
        roster = Path(folder, "roster.json")
        roster.write_text(json.dumps(system.roster(options.users or _users(profile))))
        command += ["loadtest", profile, "--json", "--host", f"http://127.0.0.1:{system.port}"]
        command += ["--roster", str(roster), "--out", folder]
        if options.users:
            command += ["--users", str(options.users)]
        if options.run_time_s:
            command += ["--run-time", f"{options.run_time_s:g}"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(60)


def ended(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for a load test; returns its result. Raises RuntimeError if there is none."""
    output, _ = process.communicate()
    if process.returncode not in (PASSED, FAILED, VOID) or not output.strip():
        raise RuntimeError(f"neuroplay loadtest ended with {process.returncode}")
    found: dict[str, Any] = json.loads(output)
    return found


def figures_of(profile: str, results: Sequence[Mapping[str, Any]]) -> list[Figure]:
    """The figures of all runs. A run may lack a figure; the ledger's aim is then not reached."""
    verdicts = tuple(float(result["verdict"] == "pass") for result in results)
    reasons = dict.fromkeys(
        f"{result['verdict']}: {reason}" for result in results for reason in result["reasons"]
    )
    return [
        Figure(
            name=f"{profile}, verdict pass",
            unit="",
            aim=1,
            more_is_better=True,
            values=verdicts,
            note="; ".join(reasons),
        ),
        *(_figure(profile, sought, results) for sought in SOUGHT.get(profile, (*BOOKS, *MACHINE))),
    ]


def _figure(profile: str, sought: Sought, results: Sequence[Mapping[str, Any]]) -> Figure:
    seen = [result["figures"].get(sought.key) for result in results]
    return Figure(
        name=f"{profile}, {sought.name}",
        unit=sought.unit,
        aim=sought.aim,
        more_is_better=sought.more_is_better,
        values=() if None in seen else tuple(float(value) for value in seen),
    )


def _users(profile: str) -> int:
    from loadprofiles.profiles import PROFILES

    return PROFILES[profile].users
