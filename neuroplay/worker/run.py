"""Run a worker, beat, or both in one process: python -m neuroplay.worker.run [worker] [beat]

Celery's own command line does the same, but imports a terminal editor for it, 10 MB.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from neuroplay.infra.queue import QUEUE
from neuroplay.worker.default import app, settings

SCHEDULER = "celery.beat:Scheduler"
"""Keeps the schedule in memory, since a file could become corrupt."""


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
    """Send tasks until SIGTERM, which ends the process."""
    app.Beat(scheduler=SCHEDULER, loglevel=settings.log_level).run()
    return 0


def main(names: Sequence[str]) -> int:
    """Run the programs `names`; returns the exit code."""
    if "worker" not in names:
        return run_beat()
    if "beat" in names:
        from neuroplay.worker.beat_thread import add_beat

        add_beat(app, SCHEDULER)
    return run_worker()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
