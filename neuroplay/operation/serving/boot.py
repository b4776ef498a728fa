"""The boot process: starts the servers, the API and the workers in order, and waits for each."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from neuroplay.core.errors import StoreUnavailable
from neuroplay.infra.embedded import folders
from neuroplay.infra.embedded.server import last_message
from neuroplay.infra.standby.status import read_status
from neuroplay.infra.supervision import BACKOFF, RUNNING, STOPPED
from neuroplay.infra.supervision.client import ProcessState, SupervisorAway, SupervisorClient
from neuroplay.infra.supervision.errors import CannotStart
from neuroplay.infra.supervision.supervisor import Program
from neuroplay.operation import programs
from neuroplay.operation.running import remember

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.config import Settings
    from neuroplay.core.use_cases.adults import Invitation
    from neuroplay.core.use_cases.cards import CreatedClass

DEMO_CLASS = "Demo"
DEMO_TEACHER = "Demo"

SERVER_PATIENCE_S = 60.0
"""Long enough for PostgreSQL's crash recovery and for a large append-only file of Valkey."""

API_PATIENCE_S = 60.0
SUPERVISOR_PATIENCE_S = 20.0
RUNNING_PATIENCE_S = 10.0
WORKERS_PATIENCE_S = 20.0
STANDBY_PATIENCE_S = 10.0

POLL_S = 0.02
CHECK_EVERY_S = 0.2


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What `serve` starts. `pieces` are some of api, worker and beat; `sources` has the origin of
    each setting, `originals` the original paths of copied files, both by field; `who` is the
    operator. `shows_link`: what is said of the start goes to somebody, not to a log, so it may have
    a link that lets in."""

    settings: Settings
    pieces: Sequence[str]
    demo: bool
    sources: Mapping[str, str] = field(default_factory=dict)
    originals: Mapping[str, str] = field(default_factory=dict)
    new_secret: bool = False
    who: str = "operator"
    shows_link: bool = False


class Boot:
    """Carries out a plan with the running supervisor; `say` prints progress."""

    def __init__(self, plan: Plan, *, say: Callable[[str], None]) -> None:
        self._plan, self._settings, self._say = plan, plan.settings, say
        self._client = SupervisorClient(plan.settings.runtime_dir)
        self._servers = programs.servers(plan.settings)
        self._checked_at = 0.0
        self.cards_are_void = False
        """Whether this start replaced the secret."""

        self.invitation: Invitation | None = None
        """That of the demo class's teacher, if this start made it."""

        self._redis_refuses = False
        self.warnings: list[str] = []
        """Warnings for the operator; they do not prevent the start."""

    def programs(self) -> list[Program]:
        """The programs for the supervisor."""
        return programs.programs(self._settings, self._plan.pieces, self._servers)

    def run(self) -> CreatedClass | None:
        """Start everything and wait until it is ready; returns the demo class if there is one.
        Raises CannotStart, StoreUnavailable, SettingsError."""
        importing = threading.Thread(target=_import_database_modules, daemon=True)
        importing.start()
        self._client.wait_up(SUPERVISOR_PATIENCE_S)
        self._start_servers()
        importing.join()
        from neuroplay.bootstrap import build

        with closing(build(self._settings)) as container:
            demo = self._start_programs(container)
        self._wait_running()
        self._client.ready(
            {
                "url": self._settings.url,
                "local_url": self._settings.local_url,
                "sources": dict(self._plan.sources),
                "lent": dict(self._plan.originals),
            }
        )
        remember(self._settings)
        return demo

    def _start_servers(self) -> None:
        for server in self._servers:
            if server.preparing:
                self._say(server.preparing)
            server.prepare()
            self._client.start(server.name)
        for server in self._servers:
            self._say(server.starting)
            server.wait_ready(SERVER_PATIENCE_S, check=self._check)
            self.warnings += server.complete()

    def _start_programs(self, container: Container) -> CreatedClass | None:
        """The steps after the servers: schema, API, demo class and workers."""
        self._prepare_schema(container)
        self.cards_are_void = container.keep_secret(new=self._plan.new_secret, who=self._plan.who)
        if not self._settings.embedded_redis:
            self._check_redis(container)
        if self._settings.has_standby:
            self._wait_for_standby(container)
        programs.gate(self._settings).touch(mode=0o600)
        if programs.API in self._plan.pieces:
            self._say("Starting the API")
            self._wait_for_api()
        self._say("Starting the workers")
        demo = None
        if self._plan.demo and self._settings.embedded_database:
            demo = demo_class(container)
            if demo is not None and self._plan.shows_link:
                self.invitation = invited_teacher(container, demo, who=self._plan.who)
        if programs.WORKER in self._plan.pieces and not self._redis_refuses:
            self._wait_for_workers(container)
        return demo

    def _check_redis(self, container: Container) -> None:
        """Raise CannotStart if Redis cannot be used. If it is only temporary, add a warning: games
        do not need Redis."""
        from redis.exceptions import RedisError

        from neuroplay.infra.redis.heartbeat import count_workers
        from neuroplay.infra.redis.refusals import refusal

        try:
            container.redis.ping()
            count_workers(container.redis)
        except (RedisError, OSError) as error:
            found = refusal(error)
            if found is None:
                raise CannotStart(
                    f"Redis is not reachable: {str(error).strip().rstrip('.')}",
                    hint="Check REDIS_URL and that the server is running",
                ) from None
            if not found.passes:
                raise CannotStart(f"Redis cannot be used: {found.why}", hint=found.hint) from None
            self._redis_refuses = True
            self.warnings.append(
                f"Redis cannot be used yet: {found.why}. Games are accepted, and processed some "
                f"seconds later than usual. {found.hint}"
            )

    def _wait_for_standby(self, container: Container) -> None:
        """Wait until accepted games can be copied. If that takes too long, add a warning: children
        can play, and the standby continues to start."""
        self._say("Starting the standby")
        self._client.start(programs.STANDBY)
        deadline = time.monotonic() + STANDBY_PATIENCE_S
        while problem := container.standby_problem():
            self._check()
            if time.monotonic() > deadline:
                status = read_status(self._settings.home)
                why = (status and status.error) or problem
                self.warnings.append(
                    f"The standby in {self._settings.wal_dir} is not ready after "
                    f"{STANDBY_PATIENCE_S:.0f} s: {why}. Games are accepted without a copy until "
                    "it is. See: neuroplay logs standby"
                )
                return
            time.sleep(POLL_S)

    def _wait_for_workers(self, container: Container) -> None:
        """Wait for the worker's first heartbeat, so that `health` is correct from now on. If that
        takes too long, add a warning; the worker continues to start."""
        self._say("Waiting for the workers")
        begun = time.monotonic()
        while True:
            worker = next(p for p in self._processes() if p.name == programs.WORKER)
            if worker.pid is not None and container.heartbeat.lives(worker.pid):
                return
            waited_s = time.monotonic() - begun
            if worker.failures or waited_s > WORKERS_PATIENCE_S:
                self.warnings.append(
                    f"The workers are not ready after {waited_s:.0f} s; games are "
                    "accepted and will be processed later. See: neuroplay logs worker"
                )
                return
            time.sleep(POLL_S)

    def _prepare_schema(self, container: Container) -> None:
        from neuroplay.infra.db.suitability import UnsuitableDatabase
        from neuroplay.operation import schema

        embedded = self._settings.embedded_database
        try:
            if not embedded:
                schema.check_database(container)
            found = schema.look(container)
        except UnsuitableDatabase as error:
            raise CannotStart(error.message, hint=error.hint) from None
        except StoreUnavailable as error:
            if embedded:
                raise
            raise CannotStart(
                error.message, hint="Check DATABASE_URL and that the server is running"
            ) from None
        if found.is_newer:
            raise CannotStart(
                f"the schema of the database ({found.current}) is newer than this release "
                f"({found.head})",
                hint="Install the newer release again, or restore a backup",
            )
        if found.steps and not embedded:
            raise CannotStart(
                f"the schema of the database is behind: it is at {found.current or 'none'}, "
                f"this release needs {found.head}",
                hint="Run: neuroplay db migrate",
            )
        if found.steps:
            self._say("Migrating the database")
            schema.migrate(container, found, lambda step: self._say(f"Migrating: {step}"))

    def _wait_for_api(self) -> None:
        deadline = time.monotonic() + API_PATIENCE_S
        while (answer := ask_ready(self._settings)) != "ready":
            self._check()
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"the API was not ready after {API_PATIENCE_S:.0f} s: {answer}",
                    hint="See: neuroplay logs api",
                )
            time.sleep(POLL_S)

    def _wait_running(self) -> None:
        """Wait until all programs run, and name those that do not. The supervisor continues to
        start them, and games are accepted meanwhile."""
        names = [process.name for process in self._processes()]
        self._client.wait_for(names, (RUNNING, BACKOFF, STOPPED), RUNNING_PATIENCE_S)
        for process in self._processes():
            if process.state != RUNNING:
                self._say(f"{process.name} is not running yet; see: neuroplay logs {process.name}")

    def _processes(self) -> list[ProcessState]:
        """All programs; raises KeyboardInterrupt if the supervisor is stopping or has ended."""
        try:
            if not self._client.is_stopping():
                return self._client.processes()
        except SupervisorAway:
            pass
        raise KeyboardInterrupt

    def _check(self) -> None:
        """Raise CannotStart if a program that others need has failed to start. The worker and the
        standby are none: the supervisor continues to start them."""
        if time.monotonic() - self._checked_at < CHECK_EVERY_S:
            return
        self._checked_at = time.monotonic()
        for process in self._processes():
            if process.failures and process.name not in programs.DISPENSABLE:
                folders.check_disk(self._settings.home)
                log = self._settings.home / "logs" / f"{process.name}.log"
                raise CannotStart(
                    f"{process.name} cannot start: {last_message(log)}", hint=f"See {log}"
                )


def demo_class(container: Container) -> CreatedClass | None:
    """The demo class with its cards, created if the database has no class at all; None if it has
    only other classes."""
    classes = container.list_classes.execute()
    if not classes:
        created = container.make_up_play.execute(DEMO_CLASS)
        return container.class_cards.execute(f"id:{created.class_id}")
    demo = min(
        (one for one, _ in classes if one.name == DEMO_CLASS),
        key=lambda one: one.class_id,
        default=None,
    )
    return None if demo is None else container.class_cards.execute(f"id:{demo.class_id}")


def invited_teacher(container: Container, demo: CreatedClass, *, who: str) -> Invitation | None:
    """The invitation of a teacher of the demo class; None if there are adults already."""
    from neuroplay.core.entities.adult import AdultRole

    if container.list_adults.execute():
        return None
    return container.invite_adult.execute(
        DEMO_TEACHER,
        role=AdultRole.TEACHER,
        classes=[f"id:{demo.school_class.class_id}"],
        who=who,
    )


def ask_ready(settings: Settings) -> str:
    """'ready', or why not, according to GET /health/ready of this machine's API."""
    import http.client  # not while the supervisor is still to be started
    import ssl

    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    connection: http.client.HTTPConnection
    if settings.tls_cert is None:
        connection = http.client.HTTPConnection(host, settings.port, timeout=5)
    else:
        trusting = ssl._create_unverified_context()  # noqa: S323 - our own server, on this machine
        connection = http.client.HTTPSConnection(host, settings.port, timeout=5, context=trusting)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return f"no response ({error})"
    finally:
        connection.close()
    if answer.status == 200:
        return "ready"
    try:
        checks = json.loads(body)["checks"]
        return ", ".join(f"{name}: {state}" for name, state in checks.items() if state != "ok")
    except (ValueError, KeyError, AttributeError):
        return f"HTTP {answer.status}"


def _import_database_modules() -> None:
    """Import what the later steps need while the servers start."""
    import sqlalchemy.dialects.postgresql.psycopg2  # noqa: F401
