"""Connections to PostgreSQL that never wait for ever, and whose failures are ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg2
from psycopg2 import extensions
from pydantic_core import from_json
from sqlalchemy import Connection, Engine, ExceptionContext, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from neuroplay.core.errors import StoreUnavailable
from neuroplay.infra.db.deadlines import (
    PATIENT_TIMEOUT_S,
    AnswerTimeout,
    DeadlineConnection,
    WatchedConnection,
    wait,
    whole_s,
)
from neuroplay.infra.db.hang import Hang, WatchedPool

ANSWER_TIMEOUT_S = 4.0
"""Longest wait for one answer in a process that serves requests."""

IDLE_IN_TRANSACTION_S = 30
"""A process that does nothing for this long within a transaction was stopped; PostgreSQL then ends
it and gives its locks to others, before the lease of what it had claimed runs out."""

BY_INDEX = " -c enable_seqscan=off -c jit=off"
"""On a new installation tables are small, and reading them whole is the cheapest plan. A prepared
statement keeps that plan until the next ANALYZE, while the tables grow under it."""

READ_ONLY, DISK_FULL = "25006", "53100"


def make_engine(
    url: str,
    *,
    pool_size: int = 5,
    answer_timeout_s: float = ANSWER_TIMEOUT_S,
    by_index: bool = False,
    many_threads: bool = False,
) -> Engine:
    """An engine for `url` (postgresql+psycopg2), to be made after any fork.

    Every failure to reach the server, and every answer that takes longer than `answer_timeout_s`,
    is raised as StoreUnavailable; the next call tries anew. While the server hangs, calls fail at
    once. `by_index` is for a process that looks up single rows as long as it runs, see BY_INDEX;
    `many_threads` for one whose threads keep Python's lock busy: a watch keeps its deadlines, not
    the wait callback, which the first engine without it sets for the whole process.
    """
    kind = WatchedConnection if many_threads else DeadlineConnection
    factory = type(kind.__name__, (kind,), {"answer_timeout_s": answer_timeout_s})
    if not many_threads:
        extensions.set_wait_callback(wait)
    connect_args = {
        "connection_factory": factory,
        "connect_timeout": whole_s(factory),
        "application_name": "neuroplay",
        "options": "-c timezone=UTC "
        f"-c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_S}s"
        + (BY_INDEX if by_index else ""),
    }
    engine = create_engine(
        url,
        poolclass=WatchedPool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=answer_timeout_s,
        pool_use_lifo=True,
        json_deserializer=from_json,
        connect_args=connect_args,
    )
    asking = create_engine(url, poolclass=NullPool, connect_args=connect_args)
    hang = Hang(lambda: _answers(asking))
    cast("WatchedPool", engine.pool).hang = hang

    def translate(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, AnswerTimeout):
            hang.begin()
        _as_store_unavailable(context)

    event.listen(engine, "handle_error", translate)
    return engine


def _answers(engine: Engine) -> bool:
    """Whether the server says anything in time; a refusal is an answer, too."""
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    except DBAPIError as error:
        return not isinstance(error.orig, AnswerTimeout)
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


def _as_store_unavailable(context: ExceptionContext) -> None:
    """The one place where a driver's error becomes ours."""
    error = context.original_exception
    if isinstance(error, AnswerTimeout):
        context.is_disconnect = True
    code = getattr(error, "pgcode", None)
    if isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError) or code == READ_ONLY:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        what = "has no room to write" if code == DISK_FULL else "is not reachable"
        # Raised, not assigned: SQLAlchemy replaces its own error by what a handler raises.
        raise StoreUnavailable(f"the database {what}: {reason}") from error
