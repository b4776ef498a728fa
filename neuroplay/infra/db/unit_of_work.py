"""The unit of work on PostgreSQL: a transaction and its repositories."""

from __future__ import annotations

from datetime import datetime
from types import TracebackType
from typing import Self

from neuroplay.infra.db.repositories.adult_reading import SqlFiguresReading
from neuroplay.infra.db.repositories.adults import SqlAdultRepository
from neuroplay.infra.db.repositories.budgets import SqlBudgetRepository
from neuroplay.infra.db.repositories.epochs import SqlEpochRepository
from neuroplay.infra.db.repositories.inbox import SqlInboxRepository
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


class SqlUnitOfWork:
    """Takes a connection from the pool on entry, and returns it on exit. Rolled back unless
    committed."""

    students: SqlStudentRepository
    classes: SqlClassRepository
    sessions: SqlGameSessionRepository
    achievements: SqlAchievementRepository
    inbox: SqlInboxRepository
    tokens: SqlTokenRepository
    devices: SqlDeviceRepository
    budgets: SqlBudgetRepository
    retention: SqlRetentionRepository
    audit: SqlAuditRepository
    epochs: SqlEpochRepository
    adults: SqlAdultRepository
    figures: SqlFiguresReading
    rosters: SqlRosterRepository

    def __init__(
        self, pool: Pool, *, in_steps: bool = False, standby: StandbyWait | None = None
    ) -> None:
        """`standby` is where accepted sessions are copied to, if anywhere."""
        self._pool = pool
        self._standby = standby
        self._in_steps = in_steps
        self._transaction: Transaction | None = None

    def __enter__(self) -> Self:
        self._transaction = transaction = Transaction(
            self._pool, in_steps=self._in_steps, standby=self._standby
        )
        self.students = SqlStudentRepository(transaction)
        self.classes = SqlClassRepository(transaction)
        self.sessions = SqlGameSessionRepository(transaction)
        self.achievements = SqlAchievementRepository(transaction)
        self.inbox = SqlInboxRepository(transaction)
        self.tokens = SqlTokenRepository(transaction)
        self.devices = SqlDeviceRepository(transaction)
        self.budgets = SqlBudgetRepository(transaction)
        self.retention = SqlRetentionRepository(transaction)
        self.audit = SqlAuditRepository(transaction)
        self.epochs = SqlEpochRepository(transaction)
        self.adults = SqlAdultRepository(transaction)
        self.figures = SqlFiguresReading(transaction)
        self.rosters = SqlRosterRepository(transaction)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        transaction, self._transaction = self._transaction, None
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
        self.students.flush()
        self.sessions.flush()
        self.achievements.flush()

    def rollback(self) -> None:
        self.students.forget()
        self.sessions.forget()
        self.achievements.forget()
        self._open.rollback()

    @property
    def _open(self) -> Transaction:
        if self._transaction is None:
            raise RuntimeError("this unit of work is not open")
        return self._transaction
