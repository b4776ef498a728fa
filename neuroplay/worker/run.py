"""Run a worker, or beat: python -m neuroplay.worker.run worker|beat

Celery's own command line does the same, but imports a terminal editor for it, 10 MB.
"""

from __future__ import annotations

import sys

from neuroplay.infra.queue import QUEUE
from neuroplay.worker.default import app, settings


def run_worker() -> int:
    """Do tasks until SIGTERM; returns the exit code."""
    from celery.utils.nodenames import default_nodename

    worker = app.Worker(
        hostname=default_nodename(None),
        concurrency=settings.task_workers,
        queues=[QUEUE],
        loglevel=settings.log_level,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


def run_beat() -> int:
    """Send tasks until SIGTERM, which ends the process. The schedule is kept in memory, since a
    file could become corrupt."""
    app.Beat(scheduler="celery.beat:Scheduler", loglevel=settings.log_level).run()
    return 0


PROGRAMS = {"worker": run_worker, "beat": run_beat}


def main(name: str) -> int:
    """Run the program `name` of PROGRAMS; returns the exit code."""
    return PROGRAMS[name]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
