"""The programs of NeuroPlay: what runs, in which order, and how each is asked to end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from neuroplay.infra.embedded import postgres as database
from neuroplay.infra.embedded import redis as queue
from neuroplay.infra.embedded.program import wrapped
from neuroplay.infra.queue import QUEUE
from neuroplay.infra.supervision import child
from neuroplay.infra.supervision.gate import GATE
from neuroplay.infra.supervision.supervisor import Program

if TYPE_CHECKING:
    from neuroplay.config import Settings
    from neuroplay.infra.embedded.postgres import EmbeddedPostgres
    from neuroplay.infra.embedded.redis import EmbeddedValkey

POSTGRES, REDIS, API, WORKER, BEAT = "postgres", "redis", "api", "worker", "beat"

RANKS = {POSTGRES: 0, REDIS: 1, API: 2, WORKER: 3, BEAT: 3}
"""Started in this order, stopped in the opposite one; equal ones end together."""

ARENAS = "MALLOC_ARENA_MAX"
"""Of the C library: pools of memory that threads share. By default 32 threads fill eight a
processor, and what one of them has freed is of no use to the others. Python's lock lets one
thread allocate at a time, so two are enough; who names a number for `serve` gets that."""

UNPRIVILEGED_PORT = 1024
"""The first port that every user may listen on."""

CELERY = (sys.executable, "-m", "celery", "-A", "neuroplay.worker.app")
ALONE = ("--without-gossip", "--without-mingle", "--without-heartbeat")


def programs(
    settings: Settings,
    pieces: Collection[str],
    postgres: EmbeddedPostgres | None,
    redis: EmbeddedValkey | None,
) -> list[Program]:
    """What the supervisor keeps: the servers that are given, and `pieces` of api, worker and
    beat."""
    found = []
    if postgres is not None:
        found.append(_server(POSTGRES, postgres.command(), database.STOP_SIGNAL, patience_s=20))
    if redis is not None:
        found.append(_server(REDIS, redis.command(), queue.STOP_SIGNAL, patience_s=10))
    makers = {API: _api, WORKER: _worker, BEAT: _beat}
    return found + [make(settings) for name, make in makers.items() if name in pieces]


def _server(
    name: str, command: Sequence[str], stop_signal: signal.Signals, *, patience_s: float
) -> Program:
    return Program(
        name=name,
        argv=command,
        rank=RANKS[name],
        stop_signal=stop_signal,
        stop_patience_s=patience_s,
    )


def _api(settings: Settings) -> Program:
    """It loads at once, in parallel with the database, and listens when the gate is open."""
    return Program(
        name=API,
        argv=_ours([sys.executable, "-m", "neuroplay.api.server"], settings.port),
        rank=RANKS[API],
        stop_patience_s=8,
        at_once=True,
        environment={
            GATE: str(gate(settings)),
            ARENAS: os.environ.get(ARENAS, "2"),
        },
        heartbeats=settings.api_workers,
    )


def _worker(settings: Settings) -> Program:
    """It loads at once, too, and takes tasks when the gate is open."""
    processes = ("--concurrency", str(settings.task_workers), "-Q", QUEUE)
    argv = [*CELERY, "worker", *processes, "--loglevel", settings.log_level, *ALONE]
    return Program(
        name=WORKER,
        argv=_ours(argv, settings.worker_metrics_port),
        rank=RANKS[WORKER],
        stop_patience_s=8,
        at_once=True,
        environment={GATE: str(gate(settings))},
    )


def _beat(settings: Settings) -> Program:
    """Its schedule stays in memory: a file of it would only be one more thing to corrupt."""
    schedule = ("--scheduler", "celery.beat:Scheduler")
    argv = [*CELERY, "beat", *schedule, "--loglevel", settings.log_level]
    return Program(
        name=BEAT,
        argv=_ours(argv, settings.beat_metrics_port),
        rank=RANKS[BEAT],
        stop_patience_s=3,
    )


def _ours(argv: Sequence[str], port: int | None) -> Sequence[str]:
    """A program of ours with what it keeps of the powers that `serve` was given, if it was."""
    below = port is not None and port < UNPRIVILEGED_PORT
    powers = [child.REACH, child.BIND] if below else [child.REACH]
    return wrapped(argv, options=[f"--{power}" for power in powers])


def gate(settings: Settings) -> Path:
    return settings.runtime_dir / "gate"
