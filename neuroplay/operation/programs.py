"""The programs of NeuroPlay: their command lines, start order and stop signals."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from neuroplay.infra.embedded import SERVERS, server_class
from neuroplay.infra.embedded.server import EmbeddedServer, wrapped
from neuroplay.infra.supervision import child
from neuroplay.infra.supervision.forks import Forked
from neuroplay.infra.supervision.gate import GATE
from neuroplay.infra.supervision.supervisor import Program

if TYPE_CHECKING:
    from neuroplay.config import Settings

STANDBY, API, WORKER, BEAT = "standby", "api", "worker", "beat"

RANKS = {**dict.fromkeys(SERVERS, 0), STANDBY: 1, **dict.fromkeys((API, WORKER, BEAT), 2)}
"""Programs stop by descending rank; those of a rank stop together. A game that the API accepts
while the workers end is processed after the next start."""

DISPENSABLE = (STANDBY, WORKER)
"""Programs without which games are accepted."""

UNPRIVILEGED_PORT = 1024
"""The first port that every user may listen on."""

IMPORTS = {
    API: (
        "neuroplay.api.app",
        "neuroplay.api.door.front",
        "neuroplay.api.door.processes",
        "neuroplay.bootstrap",
        "neuroplay.config",
        "neuroplay.infra.db.engine",
        "neuroplay.infra.db.migrations",
        "neuroplay.infra.db.repositories",
        "neuroplay.infra.db.unit_of_work",
        "neuroplay.infra.monitoring.health",
        "neuroplay.infra.monitoring.system_figures",
        "neuroplay.infra.redis.client",
        "neuroplay.infra.redis.heartbeat",
        "neuroplay.infra.redis.refusals",
        "neuroplay.infra.secrets",
        "sqlalchemy.dialects.postgresql.psycopg2",
    ),
    WORKER: (  # and beat's
        "billiard.heap",
        "billiard.popen_fork",
        "billiard.sharedctypes",
        "celery.app.amqp",
        "celery.app.routes",
        "celery.apps.beat",
        "celery.apps.worker",
        "celery.backends.base",
        "celery.concurrency.prefork",
        "celery.events.receiver",
        "celery.worker.autoscale",
        "celery.worker.consumer",
        "cffi.cparser",  # billiard's
        "kombu.transport.redis",
        "neuroplay.core.use_cases.opening_balance",
        "neuroplay.infra.broker",
        "neuroplay.infra.monitoring.measured",
        "neuroplay.infra.monitoring.unforeseen",
        "neuroplay.worker.default",
    ),
}
"""What takes a program long to import. The fork server has it in memory once for all of them."""

_RUN = (sys.executable, "-m", "neuroplay.worker.run")


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


def forked(settings: Settings, pieces: Collection[str]) -> Forked | None:
    """What the fork server imports and starts; None if one program alone would be forked. The API
    comes first: it is what people wait for."""
    if len(pieces) == 1:
        return None
    ports = [settings.port, settings.worker_metrics_port, settings.beat_metrics_port]
    return Forked(
        launcher=_with_privileges([], min(port for port in ports if port is not None)),
        stages=[([API], IMPORTS[API]), ([WORKER, BEAT], IMPORTS[WORKER])],
    )


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
        environment={GATE: str(gate(settings))},
        # The last one is the master's: several processes have one, which starts the others.
        heartbeats=settings.api_workers + (settings.api_workers > 1),
    )


def _worker(settings: Settings) -> Program:
    """Imports its modules while the database starts, and takes tasks once the gate is open."""
    return Program(
        name=WORKER,
        argv=_with_privileges([*_RUN, WORKER], settings.worker_metrics_port),
        rank=RANKS[WORKER],
        stop_patience_s=8,
        at_once=True,
        environment={GATE: str(gate(settings))},
    )


def _beat(settings: Settings) -> Program:
    """Imports its modules while the database starts, and sends tasks once the gate is open."""
    return Program(
        name=BEAT,
        argv=_with_privileges([*_RUN, BEAT], settings.beat_metrics_port),
        rank=RANKS[BEAT],
        stop_patience_s=3,
        at_once=True,
        environment={GATE: str(gate(settings))},
    )


def _with_privileges(argv: Sequence[str], port: int | None) -> Sequence[str]:
    """The command line of a program that keeps the privileges it needs, if `serve` has them; `port`
    is where it listens."""
    below = port is not None and port < UNPRIVILEGED_PORT
    privileges = [child.REACH, child.BIND] if below else [child.REACH]
    return wrapped(argv, options=[f"--{privilege}" for privilege in privileges])


def gate(settings: Settings) -> Path:
    return settings.runtime_dir / "gate"
