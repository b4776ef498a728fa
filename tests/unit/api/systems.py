"""A system on the in-memory store, for the API's tests; and a client that is signed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar
from uuid import UUID, uuid4

from prometheus_client.registry import Collector

from neuroplay.core.entities.allowance import Allowance
from neuroplay.core.entities.sync_item import InboxCounts
from neuroplay.core.use_cases.accept_sync import AcceptSync
from neuroplay.core.use_cases.drain_inbox import DrainInbox
from neuroplay.core.use_cases.manage_classes import CreateClass, CreatedClass
from neuroplay.core.use_cases.manage_students import EraseStudent
from neuroplay.core.use_cases.read_progress import ReadLeaderboard, ReadProgress, ReadSessions
from neuroplay.core.use_cases.sign_in import Authenticate, SignIn, SignOut
from neuroplay.core.use_cases.sync_budget import SyncBudget
from neuroplay.infra.monitoring.backlog import (
    DatabaseFigures,
    HostFigures,
    QueueFigures,
    StoreFigures,
    SystemCollector,
    UnsentFigures,
)
from neuroplay.infra.monitoring.health import Health
from tests.fakes.services import (
    FakeCache,
    FakeClock,
    FakeRateLimiter,
    FakeSecrets,
    FakeWakeUp,
    fake_hash_payload,
)
from tests.fakes.unit_of_work import FakeStore


@dataclass
class FakeSystem:
    """What the API uses of a container, on fakes. `broken` names health's failing parts."""

    settings: Any = field(
        default_factory=lambda: SimpleNamespace(
            app_version="2.5.0",
            trusted_proxies=(),
            ops_token="",
            home=Path("/nowhere"),
            faces_public=False,
            over_tls=False,
        )
    )
    store: FakeStore = field(default_factory=FakeStore)
    clock: FakeClock = field(default_factory=FakeClock)
    secrets: FakeSecrets = field(default_factory=FakeSecrets)
    wake_up: FakeWakeUp = field(default_factory=FakeWakeUp)
    workers: int = 3
    broken: set[str] = field(default_factory=set)

    @cached_property
    def cache(self) -> FakeCache:
        return FakeCache(self.clock)

    def _check(self, name: str) -> None:
        if name in self.broken:
            raise ConnectionError(f"{name} at 10.0.0.7 refused password hunter2")

    @cached_property
    def health(self) -> Health:
        return Health(
            database=lambda: self._check("database"),
            schema=lambda: self._check("schema"),
            redis=lambda: self._check("redis"),
            workers=lambda: self.workers,
        )

    @cached_property
    def figures(self) -> Collector:
        return SystemCollector(
            database=lambda: StoreFigures(
                counts=InboxCounts(pending=2),
                active_users=1,
                unsent=UnsentFigures(devices=1, sessions=3, oldest_s=60.0),
                database=DatabaseFigures(
                    connections=3, most_connections=100, size_bytes=8, commits=5, rollbacks=1
                ),
            ),
            redis=lambda: QueueFigures(
                queue_name="neuroplay",
                queued=0,
                workers=self.workers,
                memory_bytes=1_000_000,
                clients=4,
            ),
            host=lambda: HostFigures(cpu=0.25, memory=0.5, disk=0.75),
        )

    @cached_property
    def sign_in(self) -> SignIn:
        return SignIn(
            uow=self.store,
            clock=self.clock,
            new_id=uuid4,
            secrets=self.secrets,
            rate_limiter=FakeRateLimiter(),
        )

    @cached_property
    def sign_out(self) -> SignOut:
        return SignOut(uow=self.store, clock=self.clock)

    @cached_property
    def authenticate(self) -> Authenticate:
        return Authenticate(uow=self.store, secrets=self.secrets, cache=self.cache)

    allowance: ClassVar[Allowance] = Allowance(sessions=2_000, size=32 << 20, sessions_a_day=500)

    @cached_property
    def accept_sync(self) -> AcceptSync:
        return AcceptSync(
            uow=self.store,
            clock=self.clock,
            hash_payload=fake_hash_payload,
            wake_up=self.wake_up,
            budget=SyncBudget(uow=self.store, allowance=self.allowance),
        )

    @cached_property
    def drain_inbox(self) -> DrainInbox:
        return DrainInbox(uow=self.store, clock=self.clock, release="2.5.0")

    @cached_property
    def read_progress(self) -> ReadProgress:
        return ReadProgress(uow=self.store, clock=self.clock)

    @cached_property
    def read_sessions(self) -> ReadSessions:
        return ReadSessions(uow=self.store)

    @cached_property
    def read_leaderboard(self) -> ReadLeaderboard:
        return ReadLeaderboard(uow=self.store, clock=self.clock)

    def erase(self, student_id: int) -> None:
        EraseStudent(uow=self.store).execute(student_id)
        self.cache.values.clear()

    def new_class(self, students: int = 3) -> CreatedClass:
        return CreateClass(uow=self.store, clock=self.clock, secrets=self.secrets).execute(
            "3A", students, language="en"
        )


def session(**changes: Any) -> dict[str, Any]:
    """A good session's record, with a new id."""
    return {
        "session_id": str(uuid4()),
        "game_type": "cyber_runner",
        "game_version": "1",
        "started_at": "2026-11-25T11:50:00Z",
        "ended_at": "2026-11-25T11:52:00Z",
        "utc_offset_minutes": -180,
        "score": 500,
        "duration": 120,
        "accuracy": 0.85,
        "completed": True,
        "metadata": {"difficulty": 2, "seed": 123},
    } | changes


def batch(device_id: UUID, /, *sessions: Any, **changes: Any) -> dict[str, Any]:
    return {
        "device_id": str(device_id),
        "sent_at": "2026-11-25T12:00:00Z",
        "outbox": {"pending": 0, "oldest": None},
        "sessions": list(sessions),
    } | changes
