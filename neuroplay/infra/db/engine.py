"""Connections to PostgreSQL that never wait forever, and whose failures are ours."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
from psycopg2 import extensions
from pydantic_core import from_json
from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event

from neuroplay.core.errors import SettingsError
from neuroplay.infra.db.connection import (
    PATIENT_TIMEOUT_S,
    AnswerTimeout,
    ServerConnection,
    wait,
)
from neuroplay.infra.db.failures import raise_ours
from neuroplay.infra.db.outage import Outage

ANSWER_TIMEOUT_S = 4.0
"""Longest wait for one answer in a process that serves requests."""

POOLED = "neuroplay_pooled"

IDLE_IN_TRANSACTION_S = 30
"""A process that does nothing for this long within a transaction was stopped; PostgreSQL then ends
it and gives its locks to others, before the lease of what it had claimed runs out."""

BY_INDEX = {"enable_seqscan": "off", "jit": "off"}
"""On a new installation tables are small, and reading them whole is the cheapest plan. A prepared
statement keeps that plan until the next ANALYZE, while the tables grow under it."""


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
    settings = {"idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_S}s"}
    if by_index and not pooled:  # only what is prepared keeps its plan
        settings |= BY_INDEX
    local = "".join(f"SET LOCAL {name}='{value}';" for name, value in settings.items())
    outage = Outage(lambda: _answers(connect_args))
    attributes = {
        "answer_timeout_s": answer_timeout_s,
        "on_late": staticmethod(outage.begin),
        "prepares": not pooled,
        "begin": b"BEGIN;" + (local.encode() if pooled else b""),
    }
    asked = read_url(url)
    connect_args = {
        "application_name": "neuroplay",
        **asked,
        "client_encoding": "UTF8",
        "connection_factory": type("Connection", (ServerConnection,), attributes),
        "connect_timeout": math.ceil(answer_timeout_s),  # whole seconds, for libpq's own waiting
    }
    # Of a connection's first message; libpq has no parameter for it. Poolers know it, and refuse
    # what stands in `options`.
    os.environ["PGTZ"] = "UTC"
    extensions.set_wait_callback(wait)
    engine = create_engine(
        _name(asked),
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
        named.update(connect_args)

    @event.listens_for(engine, "connect")
    def set_up(connection: ServerConnection, _: Any) -> None:
        if not pooled:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(local.replace("SET LOCAL", "SET"))
            connection.autocommit = False

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if pooled:
            connection.exec_driver_sql(local)

    event.listen(engine, "checkout", outage.check_connection)
    event.listen(engine, "invalidate", outage.lost)
    event.listen(engine, "handle_error", _translate)
    return engine


def is_pooled(engine: Engine) -> bool:
    """Whether a pooler of transactions is between."""
    return bool(engine.get_execution_options()[POOLED])


def read_url(url: str) -> dict[str, str]:
    """What libpq finds in DATABASE_URL. Raises SettingsError, without quoting it."""
    _, _, rest = url.partition("://")
    try:
        found: dict[str, str] = extensions.parse_dsn(f"postgresql://{rest}")
    except psycopg2.ProgrammingError as error:
        why = str(error).strip().partition("\n")[0].removeprefix("invalid dsn: ")
        if "query parameter" not in why:  # else it may quote the password
            why = "it cannot be read"
        raise SettingsError(
            f"DATABASE_URL: {why}",
            hint="Write it as postgresql://user:password@host:5432/name, with the special "
            "characters of a password as %XX",
        ) from None
    ports = found.get("port", "").split(",")
    if not all(not port or (port.isdecimal() and 0 < int(port) < 65_536) for port in ports):
        raise SettingsError("DATABASE_URL: its port is not a number from 1 to 65535")
    encoding = found.get("client_encoding", "utf8").lower().replace("-", "")
    if encoding not in ("utf8", "auto"):
        raise SettingsError(
            f"DATABASE_URL: client_encoding={found['client_encoding']} does not hold all that "
            "children may be called",
            hint="Leave client_encoding out",
        )
    return found


def _name(asked: Mapping[str, str]) -> URL:
    """The same for SQLAlchemy, which only tells others of it."""
    told = {name: value for name, value in asked.items() if name not in ("user", "dbname")}
    return URL.create(
        "postgresql+psycopg2",
        username=asked.get("user"),
        database=asked.get("dbname"),
        query=told,
    )


def _answers(connect_args: dict[str, Any]) -> bool:
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
