"""Is it well? Each server is asked on its own, side by side, with a second's time at most.

    healthy     database and Redis answer, and at least one worker beats
    ready       database answers and its schema is the one this release wants; requests are served.
                Redis away: `degraded`, still ready (games are accepted, the sweep finds them)
    alive       this process answers

A database whose cards were made with another secret is none that can be used.

Answers hold words of our own only: never an address, a name or an exception's text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuroplay.core.errors import SettingsError
from neuroplay.disk import why_full
from neuroplay.infra.monitoring.probes import TIMEOUT_S, Answer, NoAnswer, Probe, ask_all

if TYPE_CHECKING:
    from redis import Redis
    from sqlalchemy import Engine

    from neuroplay.config import Settings

Document = dict[str, Any]


class Unwell(Exception):  # noqa: N818 - a noun of the domain
    """A check that failed; its words may be shown to anyone."""


class Health:
    """The checks of one system. Calling it gives the document of GET /health."""

    def __init__(
        self,
        *,
        database: Callable[[], Any],
        schema: Callable[[], Any],
        redis: Callable[[], Any],
        workers: Callable[[], int],
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """`database`, `schema` and `redis` raise where something is wrong (Unwell: with words to
        show); `workers` counts the worker processes that beat."""
        self._timeout_s = timeout_s
        self._probes = {
            "database": Probe("database", database),
            "redis": Probe("redis", redis),
            "celery": Probe("celery", lambda: _counted(workers())),
            "schema": Probe("schema", schema),
        }

    def __call__(self) -> Document:
        """{"status": "healthy" | "unhealthy", "checks": {"database", "redis", "celery"}}."""
        checks = self._ask("database", "redis", "celery")
        return {"status": "healthy" if _all_well(checks) else "unhealthy", "checks": checks}

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
        return {name: in_words(answer) for name, answer in answers.items()}


def in_words(answer: Answer) -> str:
    """A check's answer for anyone to read."""
    if answer.error is None:
        return f"ok ({answer.value})" if isinstance(answer.value, str) else "ok"
    if isinstance(answer.error, Unwell):
        return str(answer.error)
    return "no answer in time" if isinstance(answer.error, NoAnswer) else "unreachable"


def health_of(
    engine: Engine,
    redis: Redis,
    settings: Settings,
    *,
    disk: Path | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Health:
    """The health of a real system. `disk` is where the database keeps its data, if that is on this
    machine. `engine` should be one of its own with time-outs under
    `timeout_s`: the requests' engine may have all its connections in a server that hangs."""
    from neuroplay.infra.redis.heartbeat import count_workers

    return Health(
        database=lambda: check_database(engine, settings, disk),
        schema=lambda: check_schema(engine),
        redis=lambda: _told(lambda: redis.ping() and None),
        workers=lambda: _told(lambda: count_workers(redis)),
        timeout_s=timeout_s,
    )


def check_database(engine: Engine, settings: Settings, disk: Path | None = None) -> None:
    """Raise where the database does not answer, could not store what is sent to it, or is of
    another secret, so that nobody could sign in."""
    from sqlalchemy import text

    from neuroplay.infra.db import secret_mark
    from neuroplay.infra.secrets import HmacSecrets, check_mark, load_secret

    if disk is not None and why_full(disk):
        raise Unwell("the disk is full")
    with engine.connect() as connection:
        if connection.execute(text("SHOW transaction_read_only")).scalar_one() == "on":
            raise Unwell("read-only")
    try:
        check_mark(HmacSecrets(load_secret(settings)), secret_mark.stored(engine), settings)
    except SettingsError:
        raise Unwell("its cards are another secret's; run: neuroplay doctor") from None


def check_schema(engine: Engine) -> None:
    from neuroplay.infra.db.migrations import current, head

    if current(engine) != head():
        raise Unwell("not this release's; run: neuroplay db migrate")


def _told(ask: Callable[[], Any]) -> Any:
    """What Redis answers; where it refuses, in words."""
    from redis.exceptions import RedisError

    from neuroplay.infra.redis.refusals import refusal

    try:
        return ask()
    except RedisError as error:
        if found := refusal(error):
            raise Unwell(found.why) from None
        raise


def _counted(workers: int) -> str:
    if workers < 1:
        raise Unwell("no workers")
    return "1 worker" if workers == 1 else f"{workers} workers"


def _all_well(checks: Mapping[str, str]) -> bool:
    return all(state.startswith("ok") for state in checks.values())
