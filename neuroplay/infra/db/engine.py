"""SQLAlchemy engines with deadlines, outage detection and NeuroPlay's own errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
from pydantic_core import from_json
from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event

from neuroplay.infra.db.connection import (
    PATIENT_TIMEOUT_S,
    AnswerTimeout,
    ServerConnection,
)
from neuroplay.infra.db.connection_settings import connection_settings, read_url
from neuroplay.infra.db.failures import is_demoted, raise_ours
from neuroplay.infra.db.hosts import Hosts
from neuroplay.infra.db.outage import Outage

ANSWER_TIMEOUT_S = 4.0
"""Deadline for one response in a process that serves requests."""

POOLED = "neuroplay_pooled"


def make_engine(
    url: str,
    *,
    pool_size: int = 5,
    overflow: int = 0,
    answer_timeout_s: float = ANSWER_TIMEOUT_S,
    by_index: bool = False,
    pooled: bool = False,
) -> Engine:
    """An engine for `url`. Create it after any fork. Raises SettingsError.

    It keeps up to `pool_size` connections, and opens up to `overflow` more while they are used.
    libpq parses `url`; its `options` and other parameters are kept. With `pooled`, a pooler in
    transaction mode is in between, and no state is left in a session. `by_index` is for a process
    that looks up single rows for as long as it runs, see BY_INDEX.

    The engine raises StoreUnavailable if the server cannot be reached or takes longer than
    `answer_timeout_s` to respond; the next call tries again. While the server hangs, calls fail
    immediately.
    """
    outage = Outage(lambda: _responds(settings.hosts))
    settings = connection_settings(
        url,
        answer_timeout_s=answer_timeout_s,
        by_index=by_index,
        pooled=pooled,
        on_late=outage.begin,
    )
    engine = create_engine(
        _name(read_url(url)),
        pool_size=pool_size,
        max_overflow=overflow,
        pool_timeout=answer_timeout_s,
        pool_use_lifo=True,
        json_deserializer=from_json,
        execution_options={POOLED: pooled},
    )

    @event.listens_for(engine, "do_connect")
    def connect(*_: Any) -> ServerConnection:
        outage.check()
        return settings.hosts.connect()

    @event.listens_for(engine, "connect")
    def set_up(connection: ServerConnection, _: Any) -> None:
        settings.set_up(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if pooled:
            connection.exec_driver_sql(settings.at_begin)

    event.listen(engine, "checkout", outage.check_connection)
    event.listen(engine, "invalidate", outage.lost)
    event.listen(engine, "handle_error", _translate)
    return engine


def is_pooled(engine: Engine) -> bool:
    """Whether the engine connects through a pooler in transaction mode."""
    return bool(engine.get_execution_options()[POOLED])


def _name(parameters: Mapping[str, str]) -> URL:
    """The engine's URL. SQLAlchemy does not connect by it; backups and messages read it."""
    query = {name: value for name, value in parameters.items() if name not in ("user", "dbname")}
    return URL.create(
        "postgresql+psycopg2",
        username=parameters.get("user"),
        database=parameters.get("dbname"),
        query=query,
    )


def _responds(hosts: Hosts) -> bool:
    """Whether the server responds in time; a refusal is a response, too."""
    try:
        with closing(hosts.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error as error:
        return not isinstance(error, AnswerTimeout)
    return True


@contextmanager
def patient(connection: Connection) -> Iterator[None]:
    """Raise this connection's deadline to PATIENT_TIMEOUT_S within the block."""
    driver: Any = connection.connection.dbapi_connection
    usual = driver.answer_timeout_s
    driver.answer_timeout_s = PATIENT_TIMEOUT_S
    try:
        yield
    finally:
        driver.answer_timeout_s = usual


def _translate(context: ExceptionContext) -> None:
    """Translate errors of SQLAlchemy's own statements: migrations, commands and checks."""
    error = context.original_exception
    if isinstance(error, AnswerTimeout) or is_demoted(error):
        context.is_disconnect = True
    # Raised, not assigned: SQLAlchemy replaces its own error by what a handler raises.
    raise_ours(error)
