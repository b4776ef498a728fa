"""Units of work: one for each call, rolled back unless a use case commits it."""

from __future__ import annotations

from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from neuroplay.core.interfaces.adult_repository import AdultReading, AdultRepository
from neuroplay.core.interfaces.audit import AuditReading, AuditRepository
from neuroplay.core.interfaces.classes import ClassReading, ClassRepository
from neuroplay.core.interfaces.figures import FiguresReading
from neuroplay.core.interfaces.inbox import BudgetRepository, InboxReading, InboxRepository
from neuroplay.core.interfaces.passkey_repository import PasskeyReading, PasskeyRepository
from neuroplay.core.interfaces.retention import EpochReading, RetentionRepository
from neuroplay.core.interfaces.rosters import RosterLookup, RosterRepository
from neuroplay.core.interfaces.sessions import (
    AchievementRepository,
    GameSessionRepository,
    SessionReading,
)
from neuroplay.core.interfaces.sign_ins import (
    DeviceReading,
    DeviceRepository,
    TokenReading,
    TokenRepository,
)
from neuroplay.core.interfaces.students import StudentReading, StudentRepository


class Reading(Protocol):
    """A unit of work that only reads: `with reading() as uow: ...`.

    Raises StoreUnavailable if the store cannot be reached or does not answer in time.
    """

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
    @property
    def epochs(self) -> EpochReading: ...
    @property
    def adults(self) -> AdultReading: ...
    @property
    def passkeys(self) -> PasskeyReading: ...
    @property
    def figures(self) -> FiguresReading: ...
    @property
    def rosters(self) -> RosterLookup: ...

    def now(self) -> datetime:
        """The store's own time. Stored times (due, leased until) are compared with this one, never
        with a machine's, because machines' clocks differ."""

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
    def retention(self) -> RetentionRepository: ...
    @property
    def audit(self) -> AuditRepository: ...
    @property
    def adults(self) -> AdultRepository: ...
    @property
    def passkeys(self) -> PasskeyRepository: ...
    @property
    def rosters(self) -> RosterRepository: ...

    def commit(self) -> None:
        """Write and keep all changes. Raises NotFound if one of the students was erased."""

    def rehearse(self) -> None:
        """Write all changes, let the store check them, and roll back. Raises as `commit` would."""

    def rollback(self) -> None: ...


class ReadingFactory(Protocol):
    def __call__(self, *, in_steps: bool = False) -> Reading:
        """`in_steps` is as in UnitOfWorkFactory."""


class UnitOfWorkFactory(Protocol):
    def __call__(self, *, in_steps: bool = False) -> UnitOfWork:
        """Open a unit of work. With `in_steps` it is not one transaction, which saves messages.

        Each query then sees what is committed at that time, and is itself committed at once,
        together with pending writes; `commit` commits the rest. This suits code that only reads,
        and code that can be repeated from its start if it is interrupted.
        """
