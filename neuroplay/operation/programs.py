"""The programs of NeuroPlay: what runs, in which order, and how each is asked to end."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from neuroplay.infra.embedded import SERVERS, server_class
from neuroplay.infra.embedded.server import EmbeddedServer, wrapped
from neuroplay.infra.queue import QUEUE
from neuroplay.infra.supervision import child
from neuroplay.infra.supervision.gate import GATE
from neuroplay.infra.supervision.supervisor import Program

if TYPE_CHECKING:
    from neuroplay.config import Settings

API, WORKER, BEAT = "api", "worker", "beat"

RANKS = {name: rank for rank, name in enumerate((*SERVERS, API, WORKER))}
RANKS[BEAT] = RANKS[WORKER]
"""Started in this order, stopped in the opposite one; equal ones end together."""

ARENAS = "MALLOC_ARENA_MAX"
"""Of the C library: pools of memory that threads share. By default 32 threads fill eight a
processor, and what one of them has freed is of no use to the others. Python's lock lets one
thread allocate at a time, so two are enough; who names a number for `serve` gets that."""

UNPRIVILEGED_PORT = 1024
"""The first port that every user may listen on."""

CELERY = (sys.executable, "-m", "celery", "-A", "neuroplay.worker.app")
ALONE = ("--without-gossip", "--without-mingle", "--without-heartbeat")


def servers(settings: Settings) -> list[EmbeddedServer]:
    """The embedded servers that `settings` want, in the order of their starts."""
    wanted = (server_class(name).of(settings) for name in SERVERS)
    return [one for one in wanted if one is not None]


def programs(
    settings: Settings, pieces: Collection[str], servers: Sequence[EmbeddedServer]
) -> list[Program]:
    """What the supervisor keeps: the servers that are given, and `pieces` of api, worker and
    beat."""
    makers = {API: _api, WORKER: _worker, BEAT: _beat}
    return [
        *map(_server, servers),
        *(make(settings) for name, make in makers.items() if name in pieces),
    ]


def _server(server: EmbeddedServer) -> Program:
    return Program(
        name=server.name,
        argv=server.command(),
        rank=RANKS[server.name],
        stop_signal=server.stop_signal,
        stop_patience_s=server.stop_patience_s,
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
