"""Time of `neuroplay serve` until it is ready and until it has stopped, and its idle memory."""

from __future__ import annotations

import psutil

from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.harness.system import System


def proportional_set_mb(pid: int) -> float:
    """Proportional set size of a process and its descendants, in MB."""
    top = psutil.Process(pid)
    return sum(p.memory_full_info().pss for p in [top, *top.children(recursive=True)]) / 1e6


def ready_to_accept(system: System) -> None:
    """Check that a sync is accepted, the second part of being ready. Raises if it is not."""
    student = system.students(1)[0]
    status, answer = system.post(
        "/api/v1/gameplay/sync",
        {"device_id": student["device_id"], "sessions": []},
        student["token"],
    )
    if status != 202:
        raise RuntimeError(f"sync answered {status}: {answer}")


def measure(options: Options) -> list[Figure]:
    fresh, old, stops, memory = [], [], [], []
    with System.temporary() as warm_up:
        warm_up.start()
        ready_to_accept(warm_up)
    for _ in range(options.runs):
        with System.temporary() as system:
            fresh.append(system.start())
            ready_to_accept(system)
            system.wait_until_complete()
            assert system.process is not None
            memory.append(proportional_set_mb(system.process.pid))
            stops.append(system.stop())
            old.append(system.start())
            stops.append(system.stop())
    return [
        Figure(name="serve ready, fresh home", unit="s", aim=4, values=tuple(fresh)),
        Figure(name="serve ready, old home", unit="s", aim=2, values=tuple(old)),
        Figure(name="stop", unit="s", aim=3, values=tuple(stops)),
        Figure(name="memory, all processes idle", unit="MB", aim=350, values=tuple(memory)),
    ]
