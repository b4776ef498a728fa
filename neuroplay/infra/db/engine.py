"""Connections to PostgreSQL that never wait forever, and whose failures are ours."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import psycopg2
from psycopg2 import extensions
from pydantic_core import from_json
from sqlalchemy import URL, Connection, Engine, ExceptionContext, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from neuroplay.core.errors import SettingsError, StoreUnavailable
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

READ_ONLY, DISK_FULL, NOT_ALLOWED = "25006", "53100", "42501"

_REFUSALS = {
    DISK_FULL: ("has no room to write", ""),
    READ_ONLY: (
        "takes no writes",
        "It is a standby, or default_transaction_read_only is on: name the primary in DATABASE_URL",
    ),
    NOT_ALLOWED: (
        "refuses",
        "Let its owner GRANT that to the role of DATABASE_URL, or make the role the owner",
    ),
}

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
    many_threads: bool = False,
    pooled: bool = False,
) -> Engine:
    """An engine for `url`, which libpq reads, to be made after any fork. Raises SettingsError.

    What `url` says under `options` and else is kept. `pooled`: a pooler that gives each transaction
    another server's session is between, so that nothing is left in one.

    Every failure to reach the server, and every answer that takes longer than `answer_timeout_s`,
    is raised as StoreUnavailable; the next call tries again. While the server hangs, calls fail at
    once. `by_index` is for a process that looks up single rows as long as it runs, see BY_INDEX;
    `many_threads` for one whose threads keep Python's lock busy: a watch keeps its deadlines, not
    the wait callback, which the first engine without it sets for the whole process.
    """
    kind = WatchedConnection if many_threads else DeadlineConnection
    usual = {"idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_S}s"}
    if by_index and not pooled:  # only what is prepared keeps its plan
        usual |= BY_INDEX
    own: dict[str, Any] = {"answer_timeout_s": answer_timeout_s}
    if pooled:
        local = "".join(f"SET LOCAL {name}='{value}';" for name, value in usual.items())
        own |= {"prepares": False, "at_begin": local}
    factory = type(kind.__name__, (kind,), own)
    if not many_threads:
        extensions.set_wait_callback(wait)
    # Of a connection's first message; libpq has no parameter for it. Poolers know it, and refuse
    # what stands in `options`.
    os.environ["PGTZ"] = "UTC"
    asked = read_url(url)
    connect_args = {
        "application_name": "neuroplay",
        **asked,
        "client_encoding": "UTF8",
        "connection_factory": factory,
        "connect_timeout": whole_s(factory),
    }

    def make_usual(connection: Any, _: Any) -> None:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("".join(f"SET {name}='{value}';" for name, value in usual.items()))
        connection.autocommit = False

    name = _name(asked)
    engine = create_engine(
        name,
        poolclass=WatchedPool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=answer_timeout_s,
        pool_use_lifo=True,
        json_deserializer=from_json,
    )
    if not pooled:
        event.listen(engine, "connect", make_usual)
    asking = create_engine(name, poolclass=NullPool)
    for one in (engine, asking):
        event.listen(one, "do_connect", _by(connect_args))
    hang = Hang(lambda: _answers(asking))
    cast("WatchedPool", engine.pool).hang = hang

    def translate(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, AnswerTimeout):
            hang.begin()
        _as_store_unavailable(context)

    event.listen(engine, "handle_error", translate)
    engine.pooled = pooled  # type: ignore[attr-defined]
    return engine


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


def _by(connect_args: Mapping[str, Any]) -> Callable[..., None]:
    """Have an engine connect by these parameters and no others."""

    def replace(_: Any, __: Any, positional: list[Any], named: dict[str, Any]) -> None:
        positional.clear()
        named.clear()
        named.update(connect_args)

    return replace


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
    away = isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError)
    if away or code in _REFUSALS:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        what, hint = _REFUSALS.get(str(code), ("is not reachable", ""))
        # Raised, not assigned: SQLAlchemy replaces its own error by what a handler raises.
        raise StoreUnavailable(f"the database {what}: {reason}", hint=hint) from error
