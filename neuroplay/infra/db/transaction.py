"""Transactions with as few messages to PostgreSQL as possible.

Each round trip makes a busy API's threads pass Python's lock around. So BEGIN travels with the
first statement, and statements whose result is not needed travel with the next one.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, Protocol, cast

import psycopg2
from psycopg2 import extensions

from neuroplay.core.errors import StoreUnavailable
from neuroplay.infra.db.connection import ServerConnection
from neuroplay.infra.db.failures import is_demoted, raise_ours
from neuroplay.infra.db.standby_wait import StandbyWait
from neuroplay.infra.db.statements import Statement

Values = Mapping[str, Any] | Sequence[Any]
Row = Any
"""A named tuple of a statement's columns."""


class PooledConnection(Protocol):
    """A connection checked out of a pool."""

    @property
    def driver_connection(self) -> Any: ...
    @property
    def is_valid(self) -> bool: ...
    def invalidate(self, error: BaseException | None = None) -> None:
        """Mark it as lost."""

    def close(self) -> None:
        """Return it to the pool."""


class Pool(Protocol):
    """SQLAlchemy's engine, or LoneConnections."""

    def raw_connection(self) -> PooledConnection: ...


class Transaction:
    """A transaction on one connection of the pool. `close` rolls back what is not committed.

    With `in_steps`, each message is a transaction of its own, together with what `send_ahead`
    queued before it. Raises StoreUnavailable if the server does not respond, otherwise psycopg2's
    errors.
    """

    def __init__(
        self, pool: Pool, *, in_steps: bool = False, standby: StandbyWait | None = None
    ) -> None:
        try:
            self._pooled = pool.raw_connection()
        except psycopg2.Error as error:
            raise_ours(error)
            raise
        except Exception as error:
            _raise_busy(error)
            raise
        self._driver = cast("ServerConnection", self._pooled.driver_connection)
        self._driver.autocommit = True  # this class sends BEGIN itself
        self._cursor: extensions.cursor = self._driver.cursor()
        self._in_steps = in_steps
        self._standby = standby
        self._is_begun = False
        self._ahead = b""

    def rows(self, statement: str, values: Values | None = None) -> list[Row]:
        """All rows of a statement that returns rows, each a named tuple."""
        self.run(statement, values)
        return self.found(statement)

    def row(self, statement: str, values: Values | None = None) -> Row | None:
        """The first row, or None."""
        found = self.rows(statement, values)
        return found[0] if found else None

    def one(self, statement: str, values: Values | None = None) -> Row:
        """The row of a statement that always returns one row."""
        return self.rows(statement, values)[0]

    def column(self, statement: str, values: Values | None = None) -> list[Any]:
        """The first column of all rows."""
        return [row[0] for row in self.rows(statement, values)]

    def run(self, statement: str, values: Values | None = None) -> int:
        """Execute a statement; returns how many rows it wrote or, if it returns rows, found."""
        self._send(self._message(statement, values))
        return self._cursor.rowcount

    def found(self, statement: str) -> list[Row]:
        """The rows of the statement that was run last. To read them costs time, so who need not
        know them leaves them."""
        rows = self._cursor.fetchall()
        return list(map(self._to_row(statement), rows)) if rows else []

    def send_ahead(self, statement: str, values: Values | None = None) -> None:
        """Queue a statement for the next message or `commit`, which raises its errors."""
        self._ahead += self._message(statement, values) + b";"

    def await_standby(self, sessions: int) -> None:
        """Let the transaction of the next message wait until the standby has it, too, if there is
        one that answers; `sessions` is how many sessions it accepts."""
        if self._standby is not None:
            self._driver.waiting = self._standby.begin(sessions)
            if self._driver.waiting is not None:
                self.send_ahead("SET LOCAL synchronous_commit = on")

    def commit(self) -> None:
        if self._in_steps:
            if self._ahead:
                self._send(b"")
        elif self._is_begun or self._ahead:
            self._send(b"COMMIT")
            self._is_begun = False

    def rollback(self) -> None:
        self._ahead = b""
        if self._is_begun:
            self._is_begun = False
            self._execute(b"ROLLBACK")

    def close(self) -> None:
        """Roll back, and return the connection to the pool."""
        try:
            with suppress(StoreUnavailable):  # the next statement would raise it again
                self.rollback()
        finally:
            self._driver.waiting = None
            if self._pooled.is_valid:
                self._driver.autocommit = False
            self._pooled.close()

    def _to_row(self, statement: str) -> Callable[[Iterable[Any]], Row]:
        if not isinstance(statement, Statement):
            return _named(self._cursor)
        if statement.to_row is None:
            statement.to_row = _named(self._cursor)
        return statement.to_row

    def _message(self, statement: str, values: Values | None) -> bytes:
        if isinstance(statement, Statement) and self._driver.prepares:
            if statement.name not in self._driver.prepared:
                # In a message of its own, so that an error belongs to one statement.
                self._execute(statement.prepare.encode())
                self._driver.prepared.add(statement.name)
            statement = statement.execute
        return self._cursor.mogrify(statement, values)

    def _send(self, message: bytes) -> None:
        message = self._ahead + message
        if not self._is_begun:
            message = self._driver.local_settings + message
            if not self._in_steps:
                # Set before sending: if the message fails, the transaction still needs a ROLLBACK.
                self._is_begun = True
                message = b"BEGIN;" + message
        self._ahead = b""
        self._execute(message)

    def _execute(self, message: bytes) -> None:
        try:
            self._cursor.execute(message)
        except psycopg2.Error as error:
            if self._driver.closed or is_demoted(error):
                self._lose(error)
            raise_ours(error)
            raise
        except BaseException as error:  # Ctrl+C: the response may still arrive later
            self._lose(error)
            raise

    def _lose(self, error: BaseException) -> None:
        self._is_begun = False
        if self._pooled.is_valid:
            self._pooled.invalidate(error)


def _named(cursor: extensions.cursor) -> Callable[[Iterable[Any]], Row]:
    """Makes a named tuple of a row of the cursor's result."""
    made: Callable[[Iterable[Any]], Row] = _row_type(
        tuple([column[0] for column in cursor.description or ()])
    )._make
    return made


@lru_cache(512)
def _row_type(columns: tuple[str, ...]) -> Any:
    return namedtuple("Row", columns, rename=True)


def _raise_busy(error: Exception) -> None:
    """Raise StoreUnavailable if all connections of the engine are in use."""
    from sqlalchemy.exc import TimeoutError as PoolTimeout

    if isinstance(error, PoolTimeout):
        raise StoreUnavailable("all connections to the database are busy") from error
