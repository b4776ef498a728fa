"""An in-memory store and its units of work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.errors import StoreUnavailable
from tests.fakes.adults import FakeAdults
from tests.fakes.budgets import FakeBudgets
from tests.fakes.epochs import FakeEpochs
from tests.fakes.figures import FakeFigures
from tests.fakes.inbox import FakeInbox
from tests.fakes.passkeys import FakePasskeyRepository
from tests.fakes.people import FakeAudit, FakeClasses, FakeDevices, FakeStudents, FakeTokens
from tests.fakes.retention import FakeRetention
from tests.fakes.rosters import FakeRosters
from tests.fakes.services import FakeClock
from tests.fakes.sessions import FakeAchievements, FakeSessions
from tests.fakes.tables import Tables


class FakeStore:
    """A UnitOfWorkFactory: a call opens a unit of work. `opened` has all of them.

    `clock` is the store's own. `away` makes every unit of work raise StoreUnavailable;
    `commits_until_away` does so after that many successful commits. `fault` may raise an error for
    a session that is added, `refusal` for a commit.
    """

    def __init__(self, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.tables = Tables()
        self.opened: list[FakeUnitOfWork] = []
        self.away = False
        self.commits_until_away: int | None = None
        self.fault: Callable[[GameSession], None] = lambda _: None
        self.refusal: Callable[[Tables], None] = lambda _: None

    def __call__(self, *, in_steps: bool = False) -> FakeUnitOfWork:
        uow = FakeUnitOfWork(self)
        self.opened.append(uow)
        return uow


class FakeUnitOfWork:
    """Works on a copy of the tables, with which `commit` replaces the store's."""

    def __init__(self, store: FakeStore) -> None:
        self._store = store
        self.committed = False
        self._work_on(store.tables)

    def _work_on(self, tables: Tables) -> None:
        self.tables = tables
        self.students = FakeStudents(tables)
        self.classes = FakeClasses(tables)
        self.sessions = FakeSessions(tables, self._store.fault)
        self.achievements = FakeAchievements(tables)
        self.inbox = FakeInbox(tables)
        self.tokens = FakeTokens(tables, self._store.clock)
        self.devices = FakeDevices(tables)
        self.budgets = FakeBudgets(self._store)
        self.retention = FakeRetention(tables)
        self.audit = FakeAudit(tables)
        self.epochs = FakeEpochs(tables)
        self.adults = FakeAdults(tables, self._store.clock)
        self.passkeys = FakePasskeyRepository(tables, self._store.clock)
        self.figures = FakeFigures(tables)
        self.rosters = FakeRosters(tables, self.students)

    def __enter__(self) -> Self:
        if self._store.away:
            raise StoreUnavailable("the fake store is away", reason="FATAL: it ended")
        self._work_on(self._store.tables.copy())
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # The repositories stay: tests look at what was asked of them.
        self.tables = self._store.tables.copy()

    def now(self) -> datetime:
        return self._store.clock()

    def commit(self) -> None:
        self._store.refusal(self.tables)
        left = self._store.commits_until_away
        if self._store.away or left == 0:
            raise StoreUnavailable("the fake store is away", reason="FATAL: it ended")
        if left is not None:
            self._store.commits_until_away = left - 1
        self._store.tables = self.tables.copy()
        self.committed = True

    def rehearse(self) -> None:
        try:
            self._store.refusal(self.tables)
        finally:
            self.rollback()

    def rollback(self) -> None:
        self._work_on(self._store.tables.copy())
