"""A transaction in PostgreSQL with the repositories on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Self, cast

from psycopg2 import errors as pg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from neuroplay.core.errors import NotFound, StoreUnavailable
from neuroplay.infra.db.repositories.budgets import SqlBudgetRepository
from neuroplay.infra.db.repositories.inbox import SqlInboxRepository
from neuroplay.infra.db.repositories.people import (
    SqlAuditRepository,
    SqlClassRepository,
    SqlDeviceRepository,
    SqlTokenRepository,
)
from neuroplay.infra.db.repositories.sessions import (
    SqlAchievementRepository,
    SqlGameSessionRepository,
)
from neuroplay.infra.db.repositories.students import SqlStudentRepository
from neuroplay.infra.db.rows import driver


class SqlUnitOfWork:
    """Opens a connection on entry and gives it back on exit; rolled back unless committed."""

    # `reads`: in autocommit, as PostgreSQL's default isolation sees no difference: each statement
    # has a snapshot of its own, within a transaction too. `in_steps`: in autocommit, where one
    # message is one transaction.

    students: SqlStudentRepository
    classes: SqlClassRepository
    sessions: SqlGameSessionRepository
    achievements: SqlAchievementRepository
    inbox: SqlInboxRepository
    tokens: SqlTokenRepository
    devices: SqlDeviceRepository
    budgets: SqlBudgetRepository
    audit: SqlAuditRepository

    def __init__(self, engine: Engine, *, reads: bool = False, in_steps: bool = False) -> None:
        self._engine = engine
        self._reads = reads
        self._autocommit = reads or in_steps
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        try:
            connection = self._engine.connect()
        except PoolTimeout as error:
            raise StoreUnavailable("all connections to the database are busy") from error
        self._connection = connection
        if self._autocommit:
            driver(connection).autocommit = True
        self.students = SqlStudentRepository(connection)
        self.classes = SqlClassRepository(connection)
        self.sessions = SqlGameSessionRepository(connection)
        self.achievements = SqlAchievementRepository(connection)
        self.inbox = SqlInboxRepository(connection)
        self.tokens = SqlTokenRepository(connection)
        self.devices = SqlDeviceRepository(connection)
        self.budgets = SqlBudgetRepository(connection)
        self.audit = SqlAuditRepository(connection)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._autocommit and not connection.invalidated:
            driver(connection).autocommit = False
        connection.close()

    def now(self) -> datetime:
        found = self._open.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        return cast("datetime", found)

    def commit(self) -> None:
        """Write what the repositories still hold, and commit."""
        if self._reads:
            raise RuntimeError("this unit of work is read-only")
        self._flush()
        connection = self._open
        if self._autocommit and not driver(connection).is_ahead:
            return
        # SQLAlchemy knows of no transaction where all was sent ahead, and would not commit.
        if not connection.in_transaction():
            connection.begin()
        with _naming_who_is_gone():
            connection.commit()

    def rehearse(self) -> None:
        try:
            self._flush()
            with _naming_who_is_gone():
                # With it goes whatever was sent ahead.
                self._open.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        finally:
            self.rollback()

    def _flush(self) -> None:
        self.students.flush()
        self.sessions.flush()
        self.achievements.flush()

    def rollback(self) -> None:
        self.students.forget()
        self.sessions.forget()
        self.achievements.forget()
        self._open.rollback()

    @property
    def _open(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("this unit of work is not open")
        return self._connection


@contextmanager
def _naming_who_is_gone() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if isinstance(error.orig, pg.ForeignKeyViolation):
            raise NotFound("no such student") from error
        raise
