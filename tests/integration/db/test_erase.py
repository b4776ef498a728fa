"""Erasing a student while others work on it."""

from __future__ import annotations

import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.entities.student import GameProgress, Progress
from neuroplay.core.entities.sync_item import Delivery, InboxOutcome, InboxState, NewInboxItem
from neuroplay.core.errors import NotFound
from tests.builders import a_principal

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
PATIENCE_S = 20.0


@pytest.fixture
def ana(open_uow) -> StudentPrincipal:
    """A student who has played, with one item in the inbox."""
    with open_uow() as uow:
        class_id = uow.classes.add("3A", "A1B2C").class_id
        student = uow.students.add(class_id, "Ana", "fox")
        uow.students.save(played(student, 1))
        principal = a_principal(student.student_id, class_id)
        uow.inbox.insert(
            [Delivery(principal=principal, items=[item(1)], received_at=NOW, request_id=None)]
        )
        uow.commit()
    return principal


def item(number: int) -> NewInboxItem:
    return NewInboxItem(
        session_id=UUID(int=number),
        payload={"n": number},
        payload_hash=hashlib.sha256(str(number).encode()).digest(),
        clock_shift_s=0.0,
    )


def played(student, plays: int):
    game = GameProgress(game_type="cyber_runner", plays=plays)
    return replace(student, progress=Progress(xp=plays, games={"cyber_runner": game}))


def wait_until_somebody_waits(engine) -> None:
    """Return when a statement waits for another one's lock."""
    ends = time.monotonic() + PATIENCE_S
    waiting = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while True:
        with engine.connect() as connection:
            if connection.exec_driver_sql(waiting).scalar_one():
                return
        assert time.monotonic() < ends, "nothing waited"
        time.sleep(0.01)


def erase(open_uow, student_id: int) -> dict[str, int]:
    with open_uow() as uow:
        removed = dict(uow.students.erase(student_id))
        uow.commit()
    return removed


def test_an_erasure_waits_for_the_drain_that_counts_the_students_games(engine, open_uow, ana):
    with ThreadPoolExecutor(1) as thread:
        with open_uow() as uow:
            (claimed,) = uow.inbox.claim(10, now=NOW, lease_s=60)
            uow.commit()
            uow.students.lock([ana.student_id])
            erasing = thread.submit(erase, open_uow, ana.student_id)
            wait_until_somebody_waits(engine)
            uow.students.save(played(uow.students.get(ana.student_id), 2))
            outcome = InboxOutcome(inbox_id=claimed.inbox_id, state=InboxState.PROCESSED)
            uow.inbox.finish([outcome], now=NOW, release="2.5.0")
            uow.commit()
        assert erasing.result(PATIENCE_S)["students"] == 1
    with open_uow() as uow:
        assert uow.students.get(ana.student_id) is None
        assert uow.inbox.list() == []


def test_a_batch_that_comes_during_an_erasure_is_refused_and_leaves_nothing(engine, open_uow, ana):
    refused = threading.Event()

    def send() -> None:
        with open_uow() as uow:
            try:
                uow.inbox.insert(
                    [Delivery(principal=ana, items=[item(2)], received_at=NOW, request_id=None)]
                )
                uow.commit()
            except NotFound:
                refused.set()

    with ThreadPoolExecutor(1) as thread:
        with open_uow() as uow:
            uow.students.erase(ana.student_id)
            sending = thread.submit(send)
            wait_until_somebody_waits(engine)
            uow.commit()
        sending.result(PATIENCE_S)
    assert refused.is_set()
    with open_uow() as uow:
        assert uow.inbox.list() == []


def test_erasing_nobody_removes_nothing(open_uow, ana):
    assert set(erase(open_uow, ana.student_id + 1).values()) == {0}
    with open_uow() as uow:
        assert uow.students.get(ana.student_id) is not None
