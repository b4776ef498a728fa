"""A system on the in-memory store for the API's tests, and a client that is signed in."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from prometheus_client.registry import Collector

from neuroplay.core.entities.allowance import Allowance
from neuroplay.core.entities.sync_item import InboxCounts
from neuroplay.core.system import UseCases
from neuroplay.core.use_cases.cards import CreatedClass
from neuroplay.infra.db.upkeep import Ages
from neuroplay.infra.monitoring.backlog import (
    DatabaseFigures,
    HostFigures,
    QueueFigures,
    RetentionFigures,
    StandbyFigures,
    StoreFigures,
    SystemCollector,
    UnsentFigures,
)
from neuroplay.infra.monitoring.health import Health
from neuroplay.infra.monitoring.saturation import Saturation
from tests.fakes.ports import fake_ports
from tests.fakes.services import FakeCache, FakeClock, FakeSecrets, FakeWakeUp
from tests.fakes.unit_of_work import FakeStore


class FakeSystem(UseCases):
    """The parts of a container that the API uses, on fakes. `broken` are failing health checks."""

    allowance: Allowance
    cache: FakeCache
    secrets: FakeSecrets
    wake_up: FakeWakeUp

    def __init__(self) -> None:
        self.settings: Any = SimpleNamespace(
            app_version="2.5.0",
            trusted_proxies=(),
            ops_token="",
            url="https://play.school.example",
            home=Path("/nowhere"),
            faces_public=False,
            over_tls=False,
            public_url="",
        )
        self.store, self.clock = FakeStore(), FakeClock()
        self.workers = 3
        self.saturation = Saturation()
        self.broken: set[str] = set()
        self.figures: Collector = SystemCollector(
            database=lambda: StoreFigures(
                counts=InboxCounts(pending=2),
                active_users=1,
                unsent=UnsentFigures(devices=1, sessions=3, oldest_s=60.0),
                database=DatabaseFigures(
                    connections=3, most_connections=100, size_bytes=8, commits=5, rollbacks=1
                ),
                clock_ahead_s=0.01,
                retention=RetentionFigures(lag_s=1800.0, undecided_s=0.0),
                upkeep=Ages(backup_s=3600.0, drill_s=None, in_use_s=86400.0),
                standby=StandbyFigures(answers=True, behind_bytes=0.0, base_age_s=3600.0),
            ),
            redis=lambda: QueueFigures(
                queue_name="neuroplay",
                queued=0,
                workers=self.workers,
                memory_bytes=1_000_000,
                clients=4,
            ),
            host=lambda: HostFigures(cpu=0.25, memory=0.5, disk=0.75, processors=2.0),
        )
        self.health = Health(
            database=lambda: self._check("database"),
            schema=lambda: self._check("schema"),
            redis=lambda: self._check("redis"),
            workers=lambda: self.workers,
            backups=lambda: "backed up 1 h ago, restored in a drill never",
            saturated=lambda: bool(self.saturation),
        )
        super().__init__(fake_ports(self.store, self.clock))

    def _check(self, name: str) -> None:
        if name in self.broken:
            raise ConnectionError(f"{name} at 10.0.0.7 refused password hunter2")

    def erase(self, student_id: int) -> None:
        self.erase_student.execute(student_id)
        self.cache.values.clear()

    def new_class(self, students: int = 3) -> CreatedClass:
        return self.create_class.execute("3A", students, language="en")


def session(**changes: Any) -> dict[str, Any]:
    """The record of a valid session with a new id."""
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
