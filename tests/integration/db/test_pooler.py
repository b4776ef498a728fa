"""A game's whole way through a real PgBouncer, by its plainest configuration."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from uuid import UUID

import psycopg2
import pytest

from neuroplay.bootstrap import now
from neuroplay.core.entities.actor import Operator
from neuroplay.core.entities.sync_item import InboxState
from neuroplay.core.use_cases.accept_sync import AcceptSync
from neuroplay.core.use_cases.drain_inbox import DrainInbox
from neuroplay.core.use_cases.read_progress import ReadProgress
from neuroplay.core.use_cases.replay_sync import ReplaySync
from neuroplay.infra.db import migrations
from neuroplay.infra.db.engine import make_engine
from neuroplay.infra.db.unit_of_work import SqlUnitOfWork
from neuroplay.infra.payloads import hash_payload
from tests.builders import a_principal
from tests.pgbouncer import programs, server
from tests.unit.core.samples import record


@pytest.fixture(params=["transaction", "session"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pooled_url(empty_database_url: str, mode: str) -> Iterator[str]:
    program = programs.find()
    if program is None:
        pytest.skip("no pgbouncer on this machine; to run this: apt-get install pgbouncer")
    sessions = 3 if mode == "transaction" else 10  # fewer than connections, or one for each
    with server.running(program, empty_database_url, mode=mode, sessions=sessions) as (url, _):
        yield url


def test_a_game_goes_its_whole_way_through_a_pooler(pooled_url, mode):
    engine = make_engine(pooled_url, by_index=True, pooled=mode == "transaction")
    opens = partial(SqlUnitOfWork, engine)
    done = migrations.upgrade(engine)
    assert done[-1].revision == migrations.head()
    assert migrations.upgrade(engine) == []

    with opens() as uow:
        class_id = uow.classes.add("3A", "A1B2C").class_id
        students = [uow.students.add(class_id, f"Child {n}", "fox") for n in range(4)]
        uow.commit()

    def play(number: int) -> None:
        who = a_principal(students[number].student_id, class_id, device_id=UUID(int=number))
        accept = AcceptSync(uow=opens, clock=now, hash_payload=hash_payload, wake_up=lambda: None)
        records = [record(number * 50 + n, score=50 + n) for n in range(10)]
        for start in range(0, 10, 2):
            accept.execute(
                who,
                sessions=records[start : start + 2],
                sent_at=None,
                outbox=None,
                request_id=None,
            )
            ReadProgress(uow=opens, clock=now).execute(who)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(play, range(4)))
    drain = DrainInbox(uow=opens, clock=now, release="x")
    while drain.execute().more:
        pass
    list(ReplaySync(uow=opens, clock=now, release="x").replay(by=Operator("ana")))
    with opens() as uow:
        items = uow.inbox.list(limit=100)
        assert uow.now().utcoffset().total_seconds() == 0
        board = uow.sessions.leaderboard(class_id, "cyber_runner", items[0].received_at, uow.now())
    assert len(items) == 40
    assert {item.state for item in items} <= {InboxState.PROCESSED, InboxState.HELD}
    assert all(item.received_at.utcoffset().total_seconds() == 0 for item in items)
    assert isinstance(board, list)
    engine.dispose()
    if mode == "transaction":
        _assert_clean(pooled_url)


def _assert_clean(url: str) -> None:
    """No session of the server was left otherwise than it was found."""
    with closing(psycopg2.connect(url)) as raw, raw.cursor() as cursor:
        raw.autocommit = True
        for _ in range(6):
            cursor.execute("SELECT count(*) FROM pg_prepared_statements")
            assert cursor.fetchone() == (0,)
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
            assert cursor.fetchone() == (0,)
            cursor.execute(
                "SELECT name FROM pg_settings WHERE source = 'session' AND name NOT IN "
                "('application_name', 'client_encoding', 'DateStyle', 'TimeZone',"
                " 'standard_conforming_strings')"
            )
            assert cursor.fetchall() == []
            time.sleep(0)
