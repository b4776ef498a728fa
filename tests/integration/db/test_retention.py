"""Retention beside others at work, on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from neuroplay.core.entities.retention import (
    Cutoff,
    Cutoffs,
    Removed,
    RetentionPass,
    RetentionPolicy,
)
from neuroplay.core.entities.sync_item import InboxOutcome, InboxState
from neuroplay.core.use_cases.accept_sync import AcceptSync
from neuroplay.core.use_cases.drain_inbox import DrainInbox
from neuroplay.core.use_cases.recompute import Recompute
from neuroplay.core.use_cases.retain import Retain, Retained
from neuroplay.infra.payloads import hash_payload
from tests.builders import SmallClass, a_class
from tests.contract.inbox_steps import NOW, claim, finish, insert, item
from tests.integration.db.test_erase import PATIENCE_S, wait_until_somebody_waits
from tests.unit.core.samples import record, session_id

FAR_OFF = datetime(2200, 1, 1, tzinfo=UTC)
ALL = Cutoffs(usual=Cutoff(traces=FAR_OFF, raw=FAR_OFF))
"""Later than the store's own clock, whenever the test runs."""
NOTHING_KEPT = RetentionPolicy(trace_days=1, raw_days=1, keep_months=3)


@pytest.fixture
def school(open_uow) -> SmallClass:
    return a_class(open_uow)


def send(open_uow, school, *records):
    accept = AcceptSync(
        uow=open_uow, clock=lambda: NOW, hash_payload=hash_payload, wake_up=lambda: None
    )
    receipts = accept.execute(
        school.principal(), sessions=records, sent_at=NOW, outbox=None, request_id=None
    )
    return [one.status.value for one in receipts]


def drain(open_uow):
    return DrainInbox(uow=open_uow, clock=lambda: NOW, release="2.6.0").execute()


def older(engine, days):
    """Everything in the inbox arrived and was decided that many days ago, by the store's clock."""
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE sync_inbox SET received_at = now() - make_interval(days => %s), "
            "processed_at = now() - make_interval(days => %s) WHERE state = 'processed'",
            (days, days),
        )
        connection.exec_driver_sql("UPDATE retention_pass SET whole_since = '-infinity'")


def retain(open_uow):
    return Retain(uow=open_uow, retention=NOTHING_KEPT).execute(budget_s=PATIENCE_S)


def test_from_the_tablet_to_the_opening_balance(engine, open_uow, school):
    records = [record(n, ended=NOW - timedelta(days=400, minutes=9 * n)) for n in range(6)]
    assert set(send(open_uow, school, *records)) == {"accepted"}
    drain(open_uow)
    older(engine, 2)
    found = retain(open_uow)
    assert (found.removed.raw, found.removed.sessions, found.whole) == (6, 6, True)
    assert send(open_uow, school, *records) == ["duplicate"] * 6
    with open_uow() as uow:
        assert uow.students.get(school.ana).progress.sessions == 6
        assert uow.sessions.opening_balance(school.ana).games["cyber_runner"].plays == 6
        assert uow.sessions.of_student(school.ana) == []
    recompute = Recompute(uow=open_uow, clock=lambda: NOW)
    assert recompute.execute(school.ana, correct=False) == []


def test_two_workers_do_not_do_it_twice(engine, open_uow, school):
    older(engine, 0)
    with open_uow() as uow:
        assert uow.retention.take_pass() is not None
        assert retain(open_uow) == Retained(removed=Removed())
        uow.commit()
    assert retain(open_uow).whole


def test_a_session_sent_again_while_its_record_goes_does_not_count_twice(engine, open_uow, school):
    """The tablet's statement began before the record was gone, and waits for it."""
    sent = record(0, ended=NOW - timedelta(days=400))
    send(open_uow, school, sent)
    drain(open_uow)
    older(engine, 2)
    with ThreadPoolExecutor(1) as thread:
        with open_uow() as uow:
            uow.retention.settle([school.ana], ALL, limit=9)
            again = thread.submit(send, open_uow, school, sent)
            wait_until_somebody_waits(engine)
            uow.commit()
        assert again.result(PATIENCE_S) in (["accepted"], ["duplicate"])
    drain(open_uow)
    with open_uow() as uow:
        assert uow.students.get(school.ana).progress.sessions == 1
        assert [one.state for one in uow.inbox.by_session(UUID(session_id(0)))] in (
            [],
            ["conflict"],
        )


def test_an_erasure_waits_for_what_removes_the_students_records(engine, open_uow, school):
    send(open_uow, school, record(0))
    drain(open_uow)

    def erase():
        with open_uow() as uow:
            removed = dict(uow.students.erase(school.ana))
            uow.commit()
        return removed

    with ThreadPoolExecutor(1) as thread:
        with open_uow() as uow:
            uow.retention.hold([school.ana])
            erasing = thread.submit(erase)
            wait_until_somebody_waits(engine)
            assert uow.retention.settle([school.ana], ALL, limit=9) == 1
            uow.commit()
        removed = erasing.result(PATIENCE_S)
    assert (removed["sync_inbox"], removed["settled_sessions"]) == (0, 1)


def test_the_ages_are_those_of_the_last_pass_and_of_the_oldest_undecided_item(open_uow, school):
    day = timedelta(days=1)
    with open_uow() as uow:
        place = RetentionPass(after_student=0, began_at=None, whole_since=NOW - 3 * day)
        uow.retention.save_pass(place)
        uow.commit()
    with open_uow() as uow:
        assert uow.retention.ages(now=NOW) == {"lag_s": 3 * 86_400.0, "undecided_s": 0.0}
    for number, state in enumerate(("rejected", "processed", "held", "failed"), start=1):
        insert(open_uow, school.principal(), item(number), at=NOW - (9 - number) * day)
        (one,) = claim(open_uow)
        finish(open_uow, InboxOutcome(inbox_id=one.inbox_id, state=InboxState(state)))
    with open_uow() as uow:
        assert uow.retention.ages(now=NOW)["undecided_s"] == 6 * 86_400.0
        (held,) = uow.inbox.by_session(UUID(int=3))
        uow.inbox.dismiss([held.inbox_id], now=NOW, release="x", who="eva", reason="old")
        assert uow.retention.ages(now=NOW)["undecided_s"] == 5 * 86_400.0
