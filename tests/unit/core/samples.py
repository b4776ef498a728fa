"""Sessions and a small school for the core's tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.student import Student
from neuroplay.core.entities.sync_item import InboxItem, ItemToDrain, Receipt
from neuroplay.core.use_cases.accept_sync import AcceptSync
from neuroplay.core.use_cases.create_class import CreateClass
from neuroplay.core.use_cases.drain_batch import DrainBatch
from neuroplay.core.use_cases.drain_inbox import DrainInbox, DrainReport
from neuroplay.core.use_cases.process_game_completion import Gained, ProcessGameCompletion
from neuroplay.core.use_cases.sync_budget import SyncBudget
from tests.builders import a_class
from tests.fakes.services import (
    NOON,
    FakeClock,
    FakeLedger,
    FakeSecrets,
    FakeWakeUp,
    fake_hash_payload,
)
from tests.fakes.unit_of_work import FakeStore

SEED_EXAMPLE: dict[str, Any] = {
    "session_id": "uuid-123",
    "student_id": 1,
    "game_type": "cyber_runner",
    "score": 500,
    "duration": 120,
    "accuracy": 0.85,
    "completed": True,
    "metadata": {},
}


def session_id(number: int) -> str:
    return str(UUID(int=number + 1))


def session(**changes: Any) -> GameSession:
    """A valid session without times."""
    return GameSession(**{**SEED_EXAMPLE, **changes})


def wire_time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def record(number: int = 0, *, ended: Any = None, **changes: Any) -> dict[str, Any]:
    """A valid wire record. Each number is played two minutes after the previous one."""
    duration = changes.get("duration", 120)
    seconds = duration if isinstance(duration, (int, float)) and 0 <= duration < 1e6 else 120
    ended = ended or NOON - timedelta(days=1) + timedelta(minutes=4 * number)
    return {
        "session_id": session_id(number),
        "game_type": "cyber_runner",
        "game_version": "1",
        "started_at": wire_time(ended - timedelta(seconds=seconds)),
        "ended_at": wire_time(ended),
        "utc_offset_minutes": -180,
        "score": 300,
        "duration": duration,
        "accuracy": 0.8,
        "completed": True,
        "metadata": {"difficulty": 2},
        **changes,
    }


class School:
    """One class of two children on a fake store, and the use cases that process sessions."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = FakeStore(self.clock)
        self.secrets = FakeSecrets()
        self.ledger = FakeLedger()
        self.wake_up = FakeWakeUp(lambda: len(self.store.tables.inbox))
        made = a_class(self.store)
        self.class_id, self.ana, self.bia = made.class_id, made.ana, made.bia
        self.principal = made.principal

    @property
    def accept(self) -> AcceptSync:
        return self.accepting()

    def accepting(self, budget: SyncBudget | None = None) -> AcceptSync:
        return AcceptSync(
            uow=self.store,
            clock=self.clock,
            hash_payload=fake_hash_payload,
            wake_up=self.wake_up,
            budget=budget,
        )

    def send(
        self, *records: Any, student: int | None = None, sent_at: datetime | None = None
    ) -> list[Receipt]:
        return self.accept.execute(
            self.principal(student),
            sessions=records,
            sent_at=sent_at,
            outbox=None,
            request_id="r-1",
        )

    def drain(self, limit: int = 500, **changes: Any) -> DrainReport:
        return DrainInbox(
            uow=self.store,
            clock=self.clock,
            release="2.5.0",
            **{"random": lambda: 0.0, **changes},
        ).execute(limit)

    def drain_claimed(self, claimed: Sequence[ItemToDrain]) -> None:
        """What a worker does with items that it claimed earlier."""
        with self.store() as uow:
            batch = DrainBatch(uow, clock=self.clock, timer=lambda: 0.0)
            batch.apply(claimed)
            uow.inbox.finish(batch.outcomes, now=self.clock(), release="2.5.0")
            uow.commit()

    def process(self, data: Any) -> Gained:
        with self.store() as uow:
            result = ProcessGameCompletion(
                student_repo=uow.students,
                game_repo=uow.sessions,
                achievement_repo=uow.achievements,
                clock=self.clock,
            ).execute(data)
            uow.commit()
        return result

    def student(self, student_id: int | None = None) -> Student:
        found = self.store.tables.student(student_id or self.ana)
        assert found is not None
        return found

    def items(self) -> list[InboxItem]:
        return [self.store.tables.inbox[i] for i in sorted(self.store.tables.inbox)]

    def states(self) -> list[str]:
        return [item.state.value for item in self.items()]


def create(school: School, **changes: Any) -> CreateClass:
    """Makes classes there, with the same nicknames in each test."""
    return CreateClass(
        uow=school.store, clock=school.clock, secrets=school.secrets, random=Random(1), **changes
    )
