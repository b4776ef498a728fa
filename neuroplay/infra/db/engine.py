"""Connections to PostgreSQL that never wait forever, and whose failures are ours."""

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
from neuroplay.infra.db.failures import raise_ours
from neuroplay.infra.db.outage import Outage
from neuroplay.infra.db.way import read_url, way_to

ANSWER_TIMEOUT_S = 4.0
"""Longest wait for one answer in a process that serves requests."""

POOLED = "neuroplay_pooled"


def make_engine(
    url: str,
    *,
    pool_size: int = 5,
    answer_timeout_s: float = ANSWER_TIMEOUT_S,
    by_index: bool = False,
    pooled: bool = False,
) -> Engine:
    """An engine for `url`, which libpq reads, to be made after any fork. Raises SettingsError.

    What `url` says under `options` and else is kept. `pooled`: a pooler that gives each transaction
    another server's session is between, so that nothing is left in one.

    Every failure to reach the server, and every answer that takes longer than `answer_timeout_s`,
    is raised as StoreUnavailable; the next call tries again. While the server hangs, calls fail at
    once. `by_index` is for a process that looks up single rows as long as it runs, see BY_INDEX.
    """
    outage = Outage(lambda: _answers(way.arguments))
    way = way_to(
        url,
        answer_timeout_s=answer_timeout_s,
        by_index=by_index,
        pooled=pooled,
        on_late=outage.begin,
    )
    engine = create_engine(
        _name(read_url(url)),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=answer_timeout_s,
        pool_use_lifo=True,
        json_deserializer=from_json,
        execution_options={POOLED: pooled},
    )

    @event.listens_for(engine, "do_connect")
    def use(_: Any, __: Any, positional: list[Any], named: dict[str, Any]) -> None:
        """Connect by these parameters and no others."""
        outage.check()
        positional.clear()
        named.clear()
        named.update(way.arguments)

    @event.listens_for(engine, "connect")
    def set_up(connection: ServerConnection, _: Any) -> None:
        way.set_up(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if pooled:
            connection.exec_driver_sql(way.at_begin)

    event.listen(engine, "checkout", outage.check_connection)
    event.listen(engine, "invalidate", outage.lost)
    event.listen(engine, "handle_error", _translate)
    return engine


def is_pooled(engine: Engine) -> bool:
    """Whether a pooler of transactions is between."""
    return bool(engine.get_execution_options()[POOLED])


def _name(asked: Mapping[str, str]) -> URL:
    """The same for SQLAlchemy, which only tells others of it."""
    told = {name: value for name, value in asked.items() if name not in ("user", "dbname")}
    return URL.create(
        "postgresql+psycopg2",
        username=asked.get("user"),
        database=asked.get("dbname"),
        query=told,
    )


def _answers(connect_args: Mapping[str, Any]) -> bool:
    """Whether the server says anything in time; a refusal is an answer, too."""
    try:
        with closing(psycopg2.connect(**connect_args)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error as error:
        return not isinstance(error, AnswerTimeout)
    return True


@contextmanager
def patient(connection: Connection) -> Iterator[None]:
    """Answers on this connection may take PATIENT_TIMEOUT_S meanwhile."""
    driver: Any = connection.connection.dbapi_connection
    usual = driver.answer_timeout_s
    driver.answer_timeout_s = PATIENT_TIMEOUT_S
    try:
        yield
    finally:
        driver.answer_timeout_s = usual


def _translate(context: ExceptionContext) -> None:
    """Of SQLAlchemy's own connections: of migrations, commands and checks."""
    error = context.original_exception
    if isinstance(error, AnswerTimeout):
        context.is_disconnect = True
    # Raised, not assigned: SQLAlchemy replaces its own error by what a handler raises.
    raise_ours(error)
