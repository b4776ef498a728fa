"""The supervised programs: what runs, in which order, and how each is asked to end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from neuroplay.infra.embedded.program import wrapped
from neuroplay.infra.queue import QUEUE
from neuroplay.infra.supervision import child
from neuroplay.infra.supervision.gate import GATE

if TYPE_CHECKING:
    from neuroplay.config import Settings
    from neuroplay.infra.embedded.postgres import EmbeddedPostgres
    from neuroplay.infra.embedded.redis import EmbeddedValkey

POSTGRES, REDIS, API, WORKER, BEAT = "postgres", "redis", "api", "worker", "beat"

IN_ORDER = (POSTGRES, REDIS, API, WORKER, BEAT)
"""Started in this order, stopped in the opposite one."""

LIVE, LIVE_SOCKET = "NEUROPLAY_LIVE_SOCKET", "api.{}.sock"
"""Environment variable of the API, and where each of its processes answers the supervisor."""

ARENAS = "MALLOC_ARENA_MAX"
"""Of the C library: pools of memory that threads share. By default 32 threads fill eight a
processor, and what one of them has freed is of no use to the others. Python's lock lets one
thread allocate at a time, so two are enough; who names a number for `serve` gets that."""

UNPRIVILEGED_PORT = 1024
"""The first port that every user may listen on."""

STOP_SIGNALS = {POSTGRES: signal.SIGINT}
"""Where not TERM. INT has PostgreSQL end its sessions and leave everything on disk."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """One supervised program. `stop_patience_s` is how long it may take to end before KILL."""

    name: str
    argv: Sequence[str]
    stop_patience_s: int
    at_once: bool = False
    """Started with the supervisor; the others when what they need is ready."""
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def stop_signal(self) -> signal.Signals:
        return STOP_SIGNALS.get(self.name, signal.SIGTERM)

    @property
    def priority(self) -> int:
        """The order of starts, and of stops backwards; equal ones end together."""
        return min(IN_ORDER.index(self.name), IN_ORDER.index(WORKER))


def postgres(server: EmbeddedPostgres) -> Program:
    return Program(name=POSTGRES, argv=server.command(), stop_patience_s=20)


def redis(server: EmbeddedValkey) -> Program:
    return Program(name=REDIS, argv=server.command(), stop_patience_s=10)


def api(settings: Settings) -> Program:
    """It loads at once, in parallel with the database, and listens when the gate is open."""
    return Program(
        name=API,
        argv=wrapped(
            [sys.executable, "-m", "neuroplay.api.server"], options=_powers(settings.port)
        ),
        stop_patience_s=8,
        at_once=True,
        environment={
            GATE: str(gate(settings)),
            LIVE: str(settings.runtime_dir / LIVE_SOCKET),
            ARENAS: os.environ.get(ARENAS, "2"),
        },
    )


def worker(settings: Settings) -> Program:
    """It loads at once, too, and takes tasks when the gate is open."""
    argv = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "neuroplay.worker.app",
        "worker",
        "--concurrency",
        str(settings.task_workers),
        "-Q",
        QUEUE,
        "--loglevel",
        settings.log_level,
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ]
    options = _powers(settings.worker_metrics_port)
    return Program(
        name=WORKER,
        argv=wrapped(argv, options=options),
        stop_patience_s=8,
        at_once=True,
        environment={GATE: str(gate(settings))},
    )


def beat(settings: Settings) -> Program:
    """Its schedule stays in memory: a file of it would only be one more thing to corrupt."""
    argv = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "neuroplay.worker.app",
        "beat",
        "--scheduler",
        "celery.beat:Scheduler",
        "--loglevel",
        settings.log_level,
    ]
    options = _powers(settings.beat_metrics_port)
    return Program(name=BEAT, argv=wrapped(argv, options=options), stop_patience_s=3)


def _powers(port: int | None) -> list[str]:
    """What a program of ours keeps of the powers that `serve` was given, if it was."""
    needed = [child.REACH]
    if port is not None and port < UNPRIVILEGED_PORT:
        needed.append(child.BIND)
    return [f"--{power}" for power in needed]


def gate(settings: Settings) -> Path:
    return settings.runtime_dir / "gate"
