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
        "celery.app.amqp",
        "celery.app.routes",
        "celery.apps.worker",
        "celery.backends.base",
        "celery.beat",
        "celery.concurrency.solo",
        "celery.events.receiver",
        "celery.worker.autoscale",
        "celery.worker.consumer",
        "kombu.transport.redis",
        "neuroplay.core.use_cases.opening_balance",
        "neuroplay.infra.broker",
        "neuroplay.infra.monitoring.measured",
        "neuroplay.infra.monitoring.unforeseen",
        "neuroplay.worker.default",
    ),
}
"""What takes a program long to import. The fork server imports it once for all of them."""

SEVERAL_IMPORTS = (
    "billiard.heap",
    "billiard.popen_fork",
    "billiard.sharedctypes",
    "celery.concurrency.prefork",
    "cffi.cparser",  # billiard's
)
"""What a worker with several processes needs in addition."""

_RUN = (sys.executable, "-m", "neuroplay.worker.run")


def servers(settings: Settings) -> list[EmbeddedServer]:
    """The embedded servers that `settings` require, in start order."""
    wanted = (server_class(name).of(settings) for name in SERVERS)
    return [one for one in wanted if one is not None]


def programs(
    settings: Settings, pieces: Collection[str], servers: Sequence[EmbeddedServer]
) -> list[Program]:
    """The supervisor's programs: `servers`, and those of `pieces` (api, worker, beat). A worker has
    beat in its own process if both are wanted."""
    tasks = [name for name in (WORKER, BEAT) if name in pieces]
    return [
        *map(_server, servers),
        *([_standby()] if settings.has_standby else []),
        *([_api(settings)] if API in pieces else []),
        *([_tasks(settings, tasks)] if tasks else []),
    ]


def forked(settings: Settings, pieces: Collection[str]) -> Forked | None:
    """What the fork server imports and starts; None if one program alone would be forked. The API
    comes first: it is what people wait for."""
    if len(pieces) == 1:
        return None
    needed = IMPORTS[WORKER] + (SEVERAL_IMPORTS if settings.task_workers > 1 else ())
    ports = (settings.port, settings.worker_metrics_port, settings.beat_metrics_port)
    return Forked(
        launcher=_with_privileges([], *ports),
        stages=[([API], IMPORTS[API]), ([WORKER], needed)],
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
        argv=_with_privileges([sys.executable, "-m", "neuroplay.operation.standby"]),
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


def _tasks(settings: Settings, names: Sequence[str]) -> Program:
    """A worker, beat, or a worker with beat, which has the worker's name. Imports its modules while
    the database starts, and takes or sends tasks once the gate is open."""
    ports = {WORKER: settings.worker_metrics_port, BEAT: settings.beat_metrics_port}
    return Program(
        name=names[0],
        argv=_with_privileges([*_RUN, *names], *(ports[name] for name in names)),
        rank=RANKS[names[0]],
        stop_patience_s=8 if WORKER in names else 3,
        at_once=True,
        environment={GATE: str(gate(settings))},
    )


def _with_privileges(argv: Sequence[str], *ports: int | None) -> Sequence[str]:
    """The command line of a program that keeps the privileges it needs, if `serve` has them; it
    listens on `ports`."""
    below = any(port is not None and port < UNPRIVILEGED_PORT for port in ports)
    privileges = [child.REACH, child.BIND] if below else [child.REACH]
    return wrapped(argv, options=[f"--{privilege}" for privilege in privileges])


def gate(settings: Settings) -> Path:
    return settings.runtime_dir / "gate"
