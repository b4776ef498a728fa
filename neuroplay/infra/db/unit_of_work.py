"""The unit of work on PostgreSQL: a transaction and its repositories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from neuroplay.infra.db.repositories.adult_reading import SqlFiguresReading
from neuroplay.infra.db.repositories.adults import SqlAdultRepository
from neuroplay.infra.db.repositories.budgets import SqlBudgetRepository
from neuroplay.infra.db.repositories.epochs import SqlEpochRepository
from neuroplay.infra.db.repositories.inbox import SqlInboxRepository
from neuroplay.infra.db.repositories.passkeys import SqlPasskeyRepository
from neuroplay.infra.db.repositories.people import (
    SqlAuditRepository,
    SqlClassRepository,
    SqlDeviceRepository,
)
from neuroplay.infra.db.repositories.retention import SqlRetentionRepository
from neuroplay.infra.db.repositories.rosters import SqlRosterRepository
from neuroplay.infra.db.repositories.sessions import (
    SqlAchievementRepository,
    SqlGameSessionRepository,
)
from neuroplay.infra.db.repositories.sign_ins import SqlTokenRepository
from neuroplay.infra.db.repositories.students import SqlStudentRepository
from neuroplay.infra.db.standby_wait import StandbyWait
from neuroplay.infra.db.transaction import Pool, Transaction

Made = TypeVar("Made")


class _Repository(Generic[Made]):
    """A repository of a unit of work, made at its first use in it."""

    def __init__(self, make: Callable[[Transaction], Made]) -> None:
        self._make = make

    def __set_name__(self, _: type[SqlUnitOfWork], name: str) -> None:
        self._name = name

    def __get__(self, uow: SqlUnitOfWork, _: type[SqlUnitOfWork]) -> Made:
        made = self._make(uow._open)
        uow.__dict__[self._name] = made  # found before this descriptor from now on
        uow._made.append(self._name)
        return made


class SqlUnitOfWork:
    """Takes a connection from the pool on entry, and returns it on exit. Rolled back unless
    committed."""

    students = _Repository(SqlStudentRepository)
    classes = _Repository(SqlClassRepository)
    sessions = _Repository(SqlGameSessionRepository)
    achievements = _Repository(SqlAchievementRepository)
    inbox = _Repository(SqlInboxRepository)
    tokens = _Repository(SqlTokenRepository)
    devices = _Repository(SqlDeviceRepository)
    budgets = _Repository(SqlBudgetRepository)
    retention = _Repository(SqlRetentionRepository)
    audit = _Repository(SqlAuditRepository)
    epochs = _Repository(SqlEpochRepository)
    adults = _Repository(SqlAdultRepository)
    passkeys = _Repository(SqlPasskeyRepository)
    figures = _Repository(SqlFiguresReading)
    rosters = _Repository(SqlRosterRepository)

    def __init__(
        self, pool: Pool, *, in_steps: bool = False, standby: StandbyWait | None = None
    ) -> None:
        """`standby` is where accepted sessions are copied to, if anywhere."""
        self._pool = pool
        self._standby = standby
        self._in_steps = in_steps
        self._transaction: Transaction | None = None
        self._made: list[str] = []
        """Names of the repositories that this transaction has used."""

    def __enter__(self) -> Self:
        self._transaction = Transaction(self._pool, in_steps=self._in_steps, standby=self._standby)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        transaction, self._transaction = self._transaction, None
        while self._made:
            del self.__dict__[self._made.pop()]
        if transaction is not None:
            transaction.close()

    def now(self) -> datetime:
        found: datetime = self._open.one("SELECT clock_timestamp()")[0]
        return found

    def commit(self) -> None:
        """Write what the repositories have buffered, and commit."""
        self._flush()
        self._open.commit()

    def rehearse(self) -> None:
        try:
            self._flush()
            # Also sends what was queued by `send_ahead`.
            self._open.run("SET CONSTRAINTS ALL IMMEDIATE")
        finally:
            self.rollback()

    def _flush(self) -> None:
        for repository in self._buffering():
            repository.flush()

    def rollback(self) -> None:
        for repository in self._buffering():
            repository.forget()
        self._open.rollback()

    def _buffering(self) -> Iterator[Any]:
        """The repositories that were used and write late, in the order in which they write."""
        for name in ("students", "sessions", "achievements"):
            if name in self._made:
                yield self.__dict__[name]

    @property
    def _open(self) -> Transaction:
        if self._transaction is None:
            raise RuntimeError("this unit of work is not open")
        return self._transaction
