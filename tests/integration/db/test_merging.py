"""Merging two students while others work on them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from neuroplay.core.entities.sync_item import Delivery
from neuroplay.core.errors import NotFound
from neuroplay.core.use_cases.drain_inbox import DrainInbox
from neuroplay.core.use_cases.merge_students import MergeStudents
from neuroplay.core.use_cases.recompute import Recompute
from neuroplay.infra.db.repositories.merging import MOVED
from tests.builders import a_principal
from tests.fakes.services import FakeClock
from tests.integration.db.test_erase import NOW, PATIENCE_S, item, wait_until_somebody_waits
from tests.merging import Pair, Round

WITH_THE_STUDENT = {"student_games", "sync_budgets", "import_changes"}
"""Tables whose rows are not moved: games are counted again, a budget is forgiven, and an import is
not undone for the merged student."""

KEEPS_BOTH = {"merged_students"}


@pytest.fixture
def pair(open_uow) -> Pair:
    return Pair(open_uow)


def played(pair: Pair, number: int, *, first: bool = True) -> Round:
    return Round(
        first=first,
        hours=number,
        game_type="cyber_runner",
        score=100,
        accuracy=0.9,
        difficulty=1,
        next_difficulty=2,
        offset=0,
        kind="counted",
    )


def merge(open_uow, pair: Pair):
    return MergeStudents(uow=open_uow, clock=FakeClock()).execute(pair.first, into=pair.second)


def test_every_table_about_a_student_is_moved(engine):
    with engine.connect() as connection:
        about_students = connection.exec_driver_sql(
            "SELECT conrelid::regclass::text FROM pg_constraint "
            "WHERE contype = 'f' AND confrelid = 'students'::regclass"
        ).scalars()
        assert set(about_students) - WITH_THE_STUDENT - KEEPS_BOTH == MOVED - {"audit"}


def test_a_merge_waits_for_the_drain_that_counts_the_childs_games(engine, open_uow, pair):
    pair.play([played(pair, 1), played(pair, 2, first=False)], drained=False)
    drain = DrainInbox(uow=open_uow, clock=FakeClock(), release="2.5.0")
    with ThreadPoolExecutor(2) as threads:
        with open_uow() as uow:
            uow.students.lock([pair.second])  # so that the drain stops halfway
            draining = threads.submit(drain.execute)
            wait_until_somebody_waits(engine)
            merging = threads.submit(merge, open_uow, pair)
            wait_until_somebody_waits(engine)
            uow.rollback()
        draining.result(PATIENCE_S)
        merging.result(PATIENCE_S)
    drain.execute()
    with open_uow() as uow:
        assert uow.students.get(pair.second).progress.sessions == 2
        assert uow.inbox.counts_of(pair.second).processed == 2
        assert uow.inbox.counts_of(pair.second).failed == 0
    recompute = Recompute(uow=open_uow, clock=FakeClock())
    assert recompute.execute(pair.second, correct=False) == []


def test_a_drain_that_waits_for_a_merge_leaves_the_games_to_the_next_one(engine, open_uow, pair):
    pair.play([played(pair, 1), played(pair, 2, first=False)], drained=False)
    drain = DrainInbox(uow=open_uow, clock=FakeClock(), release="2.5.0")
    with ThreadPoolExecutor(1) as thread:
        with open_uow() as uow:
            uow.students.lock([pair.first, pair.second])
            draining = thread.submit(drain.execute)  # has claimed both
            wait_until_somebody_waits(engine)
            uow.students.absorb(pair.first, pair.second, now=NOW)
            uow.commit()
        draining.result(PATIENCE_S)
    drain.execute()
    with open_uow() as uow:
        assert uow.students.get(pair.second).progress.sessions == 2
        counts = uow.inbox.counts_of(pair.second)
        assert (counts.processed, counts.pending, counts.failed) == (2, 0, 0)


def test_a_batch_that_comes_during_a_merge_is_refused_and_can_be_sent_again(engine, open_uow, pair):
    refused = threading.Event()
    batch = [item(77)]

    def send(student_id: int) -> None:
        with open_uow() as uow:
            principal = a_principal(student_id, pair.class_id)
            uow.inbox.insert(
                [Delivery(principal=principal, items=batch, received_at=NOW, request_id=None)]
            )
            uow.commit()

    def send_late() -> None:
        try:
            send(pair.first)
        except NotFound:
            refused.set()

    with ThreadPoolExecutor(1) as thread:
        with open_uow() as uow:
            uow.students.lock([pair.first, pair.second])
            uow.students.absorb(pair.first, pair.second, now=NOW)
            sending = thread.submit(send_late)
            wait_until_somebody_waits(engine)
            uow.commit()
        sending.result(PATIENCE_S)
    assert refused.is_set()
    send(pair.second)
    with open_uow() as uow:
        assert uow.inbox.counts_of(pair.second).pending == 1
