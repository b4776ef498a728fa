"""Health checks. They run in parallel, with a timeout of 1 s.

    healthy     the database and Redis respond, at least one worker has a heartbeat, and the
                standby, if there is one, has every accepted game
    saturated   healthy, but more requests arrive than can be answered in time, and some were
                refused within the last 10 s; to restart it, or to send it none, makes it worse
    ready       the database responds and has this release's schema or a newer one, so requests are
                served;
                `degraded`, but still ready, without Redis (the sweep finds what was accepted)
    alive       this process responds

A database whose cards were made with another secret counts as failed. Results never contain an
address, a name or the text of an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from neuroplay.core.errors import SettingsError
from neuroplay.disk import why_full
from neuroplay.infra.monitoring.probes import TIMEOUT_S, Answer, NoAnswer, Probe, ask_all

if TYPE_CHECKING:
    from redis import Redis
    from sqlalchemy import Engine

    from neuroplay.config import Settings
    from neuroplay.infra.monitoring.saturation import Saturation


SATURATED = "saturated; some are refused"


class Document(TypedDict):
    """What an endpoint of health answers: `checks` by name, as `ok…` or what is wrong."""

    status: str
    checks: dict[str, str]


class CheckFailed(Exception):  # noqa: N818 - it names what happened
    """A check has failed. The message is public."""


class Health:
    """The checks of one system. Calling it returns the document of GET /health."""

    def __init__(
        self,
        *,
        database: Callable[[], object],
        schema: Callable[[], object],
        redis: Callable[[], object],
        workers: Callable[[], int],
        backups: Callable[[], str],
        standby: Callable[[], object] | None = None,
        saturated: Callable[[], bool] = lambda: False,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """`database`, `schema`, `redis` and `standby` raise if they fail: CheckFailed with a public
        message, or any other error. `workers` returns the number of worker processes, `backups`
        when the last good backup and drill were. `saturated` waits for nothing."""
        self._saturated, self._timeout_s = saturated, timeout_s
        self._probes = {
            "database": Probe("database", database),
            "redis": Probe("redis", redis),
            "celery": Probe("celery", lambda: _counted(workers())),
            "schema": Probe("schema", schema),
            "backups": Probe("backups", backups),
        }
        self._needed = ["database", "redis", "celery"]
        if standby is not None:
            self._probes["standby"] = Probe("standby", standby)
            self._needed.append("standby")

    def __call__(self) -> Document:
        """{"status": "healthy" | "saturated" | "unhealthy", "checks": {"database", "redis",
        "celery", "backups", "requests"}}; also "standby", if there is one. However old backups are,
        they are no reason to be unhealthy."""
        checks, saturated = self._ask(*self._needed, "backups"), self._saturated()
        status = "healthy"
        if not _all_well({name: checks[name] for name in self._needed}):
            status = "unhealthy"
        elif saturated:
            status = "saturated"
        requests = SATURATED if saturated else "ok"
        return {"status": status, "checks": {**checks, "requests": requests}}

    def ready(self) -> Document:
        """{"status": "ready" | "degraded" | "not ready", "checks": {"database", "schema",
        "redis"}}."""
        checks = self._ask("database", "schema", "redis")
        if not _all_well({name: checks[name] for name in ("database", "schema")}):
            status = "not ready"
        else:
            status = "ready" if _all_well(checks) else "degraded"
        return {"status": status, "checks": checks}

    def _ask(self, *names: str) -> dict[str, str]:
        answers = ask_all({name: self._probes[name] for name in names}, timeout_s=self._timeout_s)
        return {name: _result(answer) for name, answer in answers.items()}


def _result(answer: Answer) -> str:
    """A check's result in the document."""
    if answer.error is None:
        return f"ok ({answer.value})" if isinstance(answer.value, str) else "ok"
    if isinstance(answer.error, CheckFailed):
        return str(answer.error)
    return "no answer in time" if isinstance(answer.error, NoAnswer) else "unreachable"


def health_of(
    engine: Engine,
    redis: Redis,
    settings: Settings,
    *,
    saturation: Saturation | None = None,
    disk: Path | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Health:
    """The health checks for these servers.

    `disk` is the folder with the database's data, if it is on this machine. `engine` should be a
    separate one with timeouts below `timeout_s`: all connections of the engine for requests may be
    waiting for a server that hangs.
    """
    from neuroplay.infra.db.upkeep import ages
    from neuroplay.infra.redis.heartbeat import count_workers

    return Health(
        database=lambda: check_database(engine, settings, disk),
        schema=lambda: check_schema(engine),
        redis=lambda: _explained(lambda: redis.ping() and None),
        workers=lambda: _explained(lambda: count_workers(redis)),
        backups=lambda: str(ages(engine)),
        standby=(lambda: check_standby(engine, settings.home)) if settings.has_standby else None,
        saturated=lambda: bool(saturation),
        timeout_s=timeout_s,
    )


def check_database(engine: Engine, settings: Settings, disk: Path | None = None) -> None:
    """Raise if the database does not respond, cannot be written to, or belongs to another secret,
    with which nobody could sign in."""
    from sqlalchemy import text

    from neuroplay.infra.db import secret_mark
    from neuroplay.infra.secrets import check_mark, load_secrets

    if disk is not None and why_full(disk):
        raise CheckFailed("the disk is full")
    with engine.connect() as connection:
        if connection.execute(text("SHOW transaction_read_only")).scalar_one() == "on":
            raise CheckFailed("read-only")
    try:
        check_mark(load_secrets(settings), secret_mark.stored(engine), settings)
    except SettingsError:
        raise CheckFailed(
            "its cards were made with another secret; run: neuroplay doctor"
        ) from None


def check_standby(engine: Engine, home: Path) -> None:
    """Raise if accepted games have no copy, or if it could not be restored."""
    from datetime import UTC, datetime

    from neuroplay.infra.db.standby_state import standby_state
    from neuroplay.infra.standby.status import read_status

    if problem := standby_state(engine).problem:
        raise CheckFailed(f"{problem}; games are accepted without a copy")
    status = read_status(home)
    if status is None or (problem := status.base_problem(datetime.now(UTC))):
        raise CheckFailed("no recent base backup; run: neuroplay doctor")


def check_schema(engine: Engine) -> None:
    """Raise if a migration of this release is missing. A newer schema is right: during an upgrade
    this release serves on until the next one is ready."""
    from neuroplay.infra.db.migrations import current, head

    found = current(engine)
    if found is None or found < head():
        raise CheckFailed("older than this release; run: neuroplay db migrate")


def _explained(ask: Callable[[], Any]) -> Any:
    """The result of `ask`. Raises CheckFailed with the explanation if Redis responds with an
    error."""
    from redis.exceptions import RedisError

    from neuroplay.infra.redis.refusals import refusal

    try:
        return ask()
    except RedisError as error:
        if found := refusal(error):
            raise CheckFailed(found.why) from None
        raise


def _counted(workers: int) -> str:
    if workers < 1:
        raise CheckFailed("no workers")
    return "1 worker" if workers == 1 else f"{workers} workers"


def _all_well(checks: Mapping[str, str]) -> bool:
    return all(state.startswith("ok") for state in checks.values())
