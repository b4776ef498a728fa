"""One unit of work a call: rolled back unless a use case commits it."""

from __future__ import annotations

from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from neuroplay.core.interfaces.repositories import (
    AchievementRepository,
    AuditReading,
    AuditRepository,
    BudgetRepository,
    ClassReading,
    ClassRepository,
    DeviceReading,
    DeviceRepository,
    GameSessionRepository,
    InboxReading,
    InboxRepository,
    SessionReading,
    StudentReading,
    StudentRepository,
    TokenReading,
    TokenRepository,
)


class Reading(Protocol):
    """`with reading() as uow: ...`: what only reads. Raises StoreUnavailable where the store cannot
    be reached or does not answer in time."""

    @property
    def students(self) -> StudentReading: ...
    @property
    def classes(self) -> ClassReading: ...
    @property
    def sessions(self) -> SessionReading: ...
    @property
    def inbox(self) -> InboxReading: ...
    @property
    def tokens(self) -> TokenReading: ...
    @property
    def devices(self) -> DeviceReading: ...
    @property
    def audit(self) -> AuditReading: ...

    def now(self) -> datetime:
        """The store's own time, the same for every machine: what is compared with times that are
        stored (due, leased until) is this one, never a machine's."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class UnitOfWork(Reading, Protocol):
    """`with uow: ...; uow.commit()`."""

    @property
    def students(self) -> StudentRepository: ...
    @property
    def classes(self) -> ClassRepository: ...
    @property
    def sessions(self) -> GameSessionRepository: ...
    @property
    def achievements(self) -> AchievementRepository: ...
    @property
    def inbox(self) -> InboxRepository: ...
    @property
    def tokens(self) -> TokenRepository: ...
    @property
    def devices(self) -> DeviceRepository: ...
    @property
    def budgets(self) -> BudgetRepository: ...
    @property
    def audit(self) -> AuditRepository: ...

    def commit(self) -> None:
        """Keep everything. Raises NotFound where a student of it is gone."""

    def rehearse(self) -> None:
        """Write everything, have the store check all of it, and take it back: raises what `commit`
        would."""

    def rollback(self) -> None: ...


class ReadingFactory(Protocol):
    def __call__(self, *, in_steps: bool = False) -> Reading:
        """`in_steps` as of UnitOfWorkFactory."""


class UnitOfWorkFactory(Protocol):
    def __call__(self, *, in_steps: bool = False) -> UnitOfWork:
        """`in_steps`: there is no transaction to begin or to end. Each question sees what is
        committed when it is asked, and is committed at once, together with what was written and not
        yet sent before it; `commit` keeps the rest. For what only reads, and for what may end in
        the middle and is then done again from its start."""
