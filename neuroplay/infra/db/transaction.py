"""Statements of one caller, in as few messages to PostgreSQL as can be.

A trip costs a busy API more than its time: at each, threads hand Python's lock around. So BEGIN
goes with a transaction's first statement, and what needs no answer waits for the next message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol, cast

import psycopg2
from psycopg2 import extensions
from psycopg2.extras import NamedTupleCursor

from neuroplay.core.errors import StoreUnavailable
from neuroplay.infra.db.connection import ServerConnection
from neuroplay.infra.db.failures import raise_ours
from neuroplay.infra.db.statements import Statement

Values = Mapping[str, Any] | Sequence[Any]
Row = Any
"""A named tuple of a statement's columns."""


class Taken(Protocol):
    """A connection that a pool lends."""

    @property
    def driver_connection(self) -> Any: ...
    @property
    def is_valid(self) -> bool: ...
    def invalidate(self, error: BaseException | None = None) -> None:
        """It is lost."""

    def close(self) -> None:
        """Give it back."""


class Pool(Protocol):
    """Where connections are from: SQLAlchemy's engine, or `lone`."""

    def raw_connection(self) -> Taken: ...


class Transaction:
    """One connection of the pool, from the first line to `close`; rolled back unless committed.

    Raises psycopg2's errors, and StoreUnavailable where the server does not answer. `in_steps`:
    each message is a transaction of its own, with what was sent ahead of it.
    """

    def __init__(self, pool: Pool, *, in_steps: bool = False) -> None:
        try:
            self._pooled = pool.raw_connection()
        except psycopg2.Error as error:
            raise_ours(error)
            raise
        except Exception as error:
            _raise_busy(error)
            raise
        self._driver = cast("ServerConnection", self._pooled.driver_connection)
        self._driver.autocommit = True  # for psycopg2: transactions are begun here
        self._cursor: extensions.cursor = self._driver.cursor(cursor_factory=NamedTupleCursor)
        self._in_steps = in_steps
        self._is_begun = False
        self._ahead = b""

    def rows(self, statement: str, values: Values | None = None) -> list[Row]:
        """All rows of a statement that returns some."""
        self._send(self._message(statement, values))
        return self._cursor.fetchall()

    def row(self, statement: str, values: Values | None = None) -> Row | None:
        """The first row, or None."""
        found = self.rows(statement, values)
        return found[0] if found else None

    def one(self, statement: str, values: Values | None = None) -> Row:
        """The row of a statement that always returns one."""
        return self.rows(statement, values)[0]

    def column(self, statement: str, values: Values | None = None) -> list[Any]:
        """The first column of all rows."""
        return [row[0] for row in self.rows(statement, values)]

    def run(self, statement: str, values: Values | None = None) -> int:
        """How many rows it wrote."""
        self._send(self._message(statement, values))
        return self._cursor.rowcount

    def send_ahead(self, statement: str, values: Values | None = None) -> None:
        """Send it together with the next one, or with `commit`; its errors are raised there."""
        self._ahead += self._message(statement, values) + b";"

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
        """Give the connection back."""
        try:
            with suppress(StoreUnavailable):  # whoever asks next is told
                self.rollback()
        finally:
            if self._pooled.is_valid:
                self._driver.autocommit = False
            self._pooled.close()

    def _message(self, statement: str, values: Values | None) -> bytes:
        if isinstance(statement, Statement) and self._driver.prepares:
            if statement.name not in self._driver.prepared:
                # Not with the message that uses it: a failure would not say which of both failed.
                self._execute(statement.prepare.encode())
                self._driver.prepared.add(statement.name)
            statement = statement.execute
        return self._cursor.mogrify(statement, values)

    def _send(self, message: bytes) -> None:
        if not self._in_steps and not self._is_begun:
            # Whatever becomes of it: a transaction that failed at once is rolled back, too.
            self._is_begun = True
            message = self._driver.begin + self._ahead + message
        else:
            message = self._ahead + message
        self._ahead = b""
        self._execute(message)

    def _execute(self, message: bytes) -> None:
        try:
            self._cursor.execute(message)
        except psycopg2.Error as error:
            if self._driver.closed:
                self._lose(error)
            raise_ours(error)
            raise
        except BaseException as error:  # Ctrl+C: an answer may still come
            self._lose(error)
            raise

    def _lose(self, error: BaseException) -> None:
        self._is_begun = False
        if self._pooled.is_valid:
            self._pooled.invalidate(error)


def _raise_busy(error: Exception) -> None:
    """Raise StoreUnavailable where all of an engine's connections are in use."""
    from sqlalchemy.exc import TimeoutError as PoolTimeout

    if isinstance(error, PoolTimeout):
        raise StoreUnavailable("all connections to the database are busy") from error
