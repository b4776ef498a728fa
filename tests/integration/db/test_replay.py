"""Replays beside workers and devices, on a real PostgreSQL: each session is counted once."""

from __future__ import annotations

import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from neuroplay.bootstrap import now
from neuroplay.core.entities.actor import Operator
from neuroplay.core.entities.inbox_filter import InboxFilter
from neuroplay.core.entities.sync_item import InboxState
from neuroplay.core.use_cases.accept_sync import AcceptSync
from neuroplay.core.use_cases.drain_inbox import DrainInbox
from neuroplay.core.use_cases.recompute import Recompute
from neuroplay.core.use_cases.replay_sync import ReplaySync
from neuroplay.infra.payloads import hash_payload
from tests.builders import a_principal
from tests.unit.core.samples import record

SESSIONS = 120
HELD = InboxFilter(states=(InboxState.HELD,))


@pytest.fixture
def principal(open_uow):
    with open_uow() as uow:
        class_id = uow.classes.add("3A", "A1B2C").class_id
        student = uow.students.add(class_id, "Ana", "fox")
        uow.commit()
    return a_principal(student.student_id, class_id)


def send(open_uow, principal, *records):
    return AcceptSync(
        uow=open_uow, clock=now, hash_payload=hash_payload, wake_up=lambda: None
    ).execute(principal, sessions=records, sent_at=None, outbox=None, request_id=None)


def inbox_states(open_uow):
    with open_uow() as uow:
        return [item.state for item in uow.inbox.list(limit=1000)]


def test_drains_replays_and_devices_at_once_count_each_session_once(open_uow, principal):
    records = [
        record(n, **({"duration": 3000} if n % 4 == 0 else {}), score=100 + n)
        for n in range(SESSIONS)
    ]

    def device(seed: int) -> None:
        order = random.Random(seed).sample(records, len(records))
        for start in range(0, len(order), 20):
            send(open_uow, principal, *order[start : start + 20])

    def worker() -> None:
        drain = DrainInbox(uow=open_uow, clock=now, release="2.5.0")
        for _ in range(20):
            drain.execute(17)

    def operator(seed: int) -> None:
        replays = ReplaySync(uow=open_uow, clock=now, release="2.6.0")
        chance = random.Random(seed)
        for _ in range(4):
            list(replays.replay(by=Operator("ana")))
            with open_uow() as uow:
                held = [
                    item.inbox_id for item in uow.inbox.list(InboxFilter(states=(InboxState.HELD,)))
                ]
            replays.approve(
                chance.sample(held, len(held) // 2),
                by=Operator("ana"),
                reason="seen",
                dry_run=False,
            )

    with ThreadPoolExecutor(5) as threads:
        jobs = [threads.submit(device, seed) for seed in (1, 2)]
        jobs += [threads.submit(worker)]
        jobs += [threads.submit(operator, seed) for seed in (3, 4)]
        for job in jobs:
            job.result(60)
    DrainInbox(uow=open_uow, clock=now, release="2.5.0").execute()
    replays = ReplaySync(uow=open_uow, clock=now, release="2.6.0")
    with open_uow() as uow:
        held = [
            item.inbox_id
            for item in uow.inbox.list(InboxFilter(states=(InboxState.HELD,)), limit=1000)
        ]
    replays.approve(held, by=Operator("ana"), reason="seen")

    assert inbox_states(open_uow) == [InboxState.PROCESSED] * SESSIONS
    with open_uow() as uow:
        student = uow.students.get(principal.student_id)
        assert student.progress.sessions == len(uow.sessions.of_student(student.student_id))
        assert student.progress.sessions == SESSIONS
    recompute = Recompute(uow=open_uow, clock=now)
    assert recompute.execute(principal.student_id, correct=False) == []


def test_a_conflict_never_breaks_a_replay(open_uow, principal):
    send(open_uow, principal, record(1), record(1, score=77), record(1, score=78))
    DrainInbox(uow=open_uow, clock=now, release="2.5.0").execute()
    replays = ReplaySync(uow=open_uow, clock=now, release="2.6.0")
    (done,) = replays.replay(by=Operator("ana"))
    assert [one.fate.value for one in done] == ["conflict", "conflict"]


def test_a_dry_run_leaves_no_trace(open_uow, principal):
    send(open_uow, principal, record(1, duration=3000))
    DrainInbox(uow=open_uow, clock=now, release="2.5.0").execute()
    replays = ReplaySync(uow=open_uow, clock=now, release="2.6.0")
    with open_uow() as uow:
        (before,) = uow.inbox.list()
    done = replays.approve([before.inbox_id], by=Operator("ana"), reason="seen", dry_run=True)
    assert [one.fate.value for one in done] == ["applied"]
    with open_uow() as uow:
        assert uow.inbox.list() == [before]
        assert len(uow.inbox.attempts_of(before.inbox_id)) == 1
        assert uow.sessions.of_student(principal.student_id) == []


BOOM = """
CREATE FUNCTION boom() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF new.score = 777 THEN RAISE EXCEPTION 'boom'; END IF; RETURN new; END $$;
"""


@pytest.mark.parametrize(
    "trigger",
    [
        "CREATE TRIGGER boom BEFORE INSERT",
        "CREATE CONSTRAINT TRIGGER boom AFTER INSERT",
        "CREATE CONSTRAINT TRIGGER late AFTER INSERT",
    ],
)
def test_a_dry_run_tells_what_the_database_refuses(open_uow, engine, principal, trigger):
    late = " DEFERRABLE INITIALLY DEFERRED" if "late" in trigger else ""
    send(open_uow, principal, record(1, score=777, duration=3000), record(2, duration=3000))
    DrainInbox(uow=open_uow, clock=now, release="2.5.0").execute()
    with engine.begin() as connection:
        connection.exec_driver_sql(BOOM)
        connection.exec_driver_sql(
            f"{trigger} ON game_sessions{late} FOR EACH ROW EXECUTE FUNCTION boom()"
        )
    replays = ReplaySync(uow=open_uow, clock=now, release="2.6.0")
    with open_uow() as uow:
        before = uow.inbox.list()
    ids = [item.inbox_id for item in before]
    rehearsed = replays.approve(ids, by=Operator("ana"), reason="seen", dry_run=True)
    assert sorted(one.fate.value for one in rehearsed) == ["applied", "failed"]
    assert any("boom" in one.reason for one in rehearsed)
    with open_uow() as uow:
        assert uow.inbox.list() == before
    done = replays.approve(ids, by=Operator("ana"), reason="seen")
    assert [(one.inbox_id, one.fate) for one in done] == [
        (one.inbox_id, one.fate) for one in rehearsed
    ]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("decision", ["approve", "reject", "dismiss"])
def test_a_command_that_dies_leaves_a_decision_with_its_reason_or_none(
    open_uow, database_url, principal, decision, when
):
    doubtful = {"score": -1} if decision == "dismiss" else {"duration": 3000}
    send(open_uow, principal, record(1, **doubtful))
    DrainInbox(uow=open_uow, clock=now, release="2.5.0").execute()
    with open_uow() as uow:
        (before,) = uow.inbox.list()
    died = subprocess.run(
        [
            *(sys.executable, "-m", "tests.integration.db.dying"),
            *(database_url, decision, str(before.inbox_id), when),
        ],
        timeout=60,
    )
    assert died.returncode == 9
    with open_uow() as uow:
        (item,) = uow.inbox.list()
        decisions = uow.audit.decisions(principal.student_id, item.inbox_id)
    assert [one.reason for one in decisions] == ["seen"] * (when == "after")
    assert (item == before) == (when == "before")
