"""What it costs that accepted games wait for a standby: the sync route of two systems in turns, one
with a standby on the same disk, and one without.

As in the group sync: 32 connections without pauses, 5 sessions per request, workers stopped.
"""

from __future__ import annotations

from benchmarks.groups.sync import CONNECTIONS, requests, standing_still
from benchmarks.harness import closed_loop
from benchmarks.harness.closed_loop import Answers
from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.harness.system import System

PATH = "/api/v1/gameplay/sync"


def measure(options: Options) -> list[Figure]:
    alone: list[Answers] = []
    copied: list[Answers] = []
    with System.temporary() as without, System.temporary() as with_one:
        with_one.environment["NEUROPLAY_WAL_DIR"] = str(with_one.home.parent / "standby")
        for system in (without, with_one):
            system.start()
            system.wait_until_complete()
        with standing_still(without, "worker"), standing_still(with_one, "worker"):
            for run in range(options.runs + 1):
                for system, answers in ((without, alone), (with_one, copied)):
                    students = system.students(CONNECTIONS)
                    asked = [(one["token"], one["device_id"]) for one in students]
                    answers.append(closed_loop.run(system.port, requests, PATH, asked, status=202))
                if not run:  # warm-up
                    alone.clear()
                    copied.clear()
    unexpected = sum(one.unexpected for one in alone + copied)
    if unexpected:
        raise RuntimeError(f"{unexpected} requests were not answered 202")
    ratios = [ours.per_second / bare.per_second for ours, bare in zip(copied, alone, strict=True)]
    return [
        *_figures("without a standby", alone),
        *_figures("with one on the same disk", copied),
        Figure(name="with against without", unit="", more_is_better=True, values=tuple(ratios)),
    ]


def _figures(what: str, answers: list[Answers]) -> list[Figure]:
    return [
        Figure(
            name=f"sync {what}",
            unit="req/s",
            more_is_better=True,
            values=tuple(one.per_second for one in answers),
        ),
        *(
            Figure(
                name=f"sync {what}, {name}",
                unit="ms",
                values=tuple(one.percentile_ms(share) for one in answers),
            )
            for name, share in (("p50", 0.5), ("p99", 0.99))
        ),
    ]
