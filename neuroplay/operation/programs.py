"""The programs of NeuroPlay: their command lines, start order and stop signals."""

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

STANDBY, API, WORKER, BEAT = "standby", "api", "worker", "beat"

RANKS = {name: rank for rank, name in enumerate((*SERVERS, STANDBY, API, WORKER))}
RANKS[BEAT] = RANKS[WORKER]
"""Programs start by ascending rank and stop by descending rank; those of a rank stop together."""

DISPENSABLE = (STANDBY, WORKER)
"""Programs without which games are accepted."""

ARENAS = "MALLOC_ARENA_MAX"
"""The number of memory arenas of the C library. By default threads fill up to eight per processor,
and memory that is freed in one arena cannot be used for another. Two are enough, since Python's
lock lets one thread allocate at a time. A value in the environment of `serve` takes precedence."""

UNPRIVILEGED_PORT = 1024
"""The first port that every user may listen on."""

CELERY = (sys.executable, "-m", "celery", "-A", "neuroplay.worker.app")
ALONE = ("--without-gossip", "--without-mingle", "--without-heartbeat")


def servers(settings: Settings) -> list[EmbeddedServer]:
    """The embedded servers that `settings` require, in start order."""
    wanted = (server_class(name).of(settings) for name in SERVERS)
    return [one for one in wanted if one is not None]


def programs(
    settings: Settings, pieces: Collection[str], servers: Sequence[EmbeddedServer]
) -> list[Program]:
    """The supervisor's programs: `servers`, and those of `pieces` (api, worker, beat)."""
    makers = {API: _api, WORKER: _worker, BEAT: _beat}
    return [
        *map(_server, servers),
        *([_standby()] if settings.has_standby else []),
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


def _standby() -> Program:
    """Waits for the database by itself. It ends before it: a stop waits for nobody's copy."""
    return Program(
        name=STANDBY,
        argv=_with_privileges([sys.executable, "-m", "neuroplay.operation.standby"], None),
        rank=RANKS[STANDBY],
        stop_patience_s=5,
    )


def _api(settings: Settings) -> Program:
    """Imports its modules while the database starts, and listens once the gate is open."""
    return Program(
        name=API,
        argv=_with_privileges([sys.executable, "-m", "neuroplay.api.server"], settings.port),
        rank=RANKS[API],
        stop_patience_s=8,
        at_once=True,
        environment={
            GATE: str(gate(settings)),
            ARENAS: os.environ.get(ARENAS, "2"),
        },
        heartbeats=settings.api_workers + 1,  # the last one is the master's
    )


def _worker(settings: Settings) -> Program:
    """Imports its modules while the database starts, and takes tasks once the gate is open."""
    processes = ("--concurrency", str(settings.task_workers), "-Q", QUEUE)
    argv = [*CELERY, "worker", *processes, "--loglevel", settings.log_level, *ALONE]
    return Program(
        name=WORKER,
        argv=_with_privileges(argv, settings.worker_metrics_port),
        rank=RANKS[WORKER],
        stop_patience_s=8,
        at_once=True,
        environment={GATE: str(gate(settings))},
    )


def _beat(settings: Settings) -> Program:
    """Keeps its schedule in memory, since a file could become corrupt."""
    schedule = ("--scheduler", "celery.beat:Scheduler")
    argv = [*CELERY, "beat", *schedule, "--loglevel", settings.log_level]
    return Program(
        name=BEAT,
        argv=_with_privileges(argv, settings.beat_metrics_port),
        rank=RANKS[BEAT],
        stop_patience_s=3,
    )


def _with_privileges(argv: Sequence[str], port: int | None) -> Sequence[str]:
    """The command line of a program that keeps the privileges it needs, if `serve` has them; `port`
    is where it listens."""
    below = port is not None and port < UNPRIVILEGED_PORT
    privileges = [child.REACH, child.BIND] if below else [child.REACH]
    return wrapped(argv, options=[f"--{privilege}" for privilege in privileges])


def gate(settings: Settings) -> Path:
    return settings.runtime_dir / "gate"
