"""A game's whole way through a real PgBouncer, by its plainest configuration."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import psycopg2
import pytest
from sqlalchemy import make_url

from neuroplay.bootstrap import now
from neuroplay.core.entities.student import Principal
from neuroplay.core.entities.sync_item import InboxState
from neuroplay.core.use_cases.accept_sync import AcceptSync
from neuroplay.core.use_cases.drain_inbox import DrainInbox
from neuroplay.core.use_cases.read_progress import ReadProgress
from neuroplay.core.use_cases.replay_sync import ReplaySync
from neuroplay.infra.db import migrations
from neuroplay.infra.db.engine import make_engine
from neuroplay.infra.db.unit_of_work import SqlUnitOfWork
from neuroplay.infra.payloads import hash_payload
from tests.integration.servers import wait_until
from tests.pgbouncer import programs
from tests.unit.core.samples import record

CONFIGURATION = """
[databases]
* = host={host} user=neuroplay
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = {sessions}
"""


@pytest.fixture(params=["transaction", "session"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pooled_url(empty_database_url: str, mode: str) -> Iterator[str]:
    program = programs.find()
    if program is None:
        pytest.skip("no pgbouncer on this machine; to run this: apt-get install pgbouncer")
    url = make_url(empty_database_url)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="nppool", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        file = Path(folder) / "pgbouncer.ini"
        sessions = 3 if mode == "transaction" else 10  # fewer than connections, or one for each
        file.write_text(
            CONFIGURATION.format(host=url.query["host"], port=port, mode=mode, sessions=sessions)
        )
        environment = {**os.environ, "LD_LIBRARY_PATH": programs.libraries()}
        # It refuses to be root, and only PostgreSQL's own account may enter that folder.
        owner = (Path(str(url.query["host"])) / ".s.PGSQL.5432").stat()
        account = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
        with (
            (Path(folder) / "log").open("w+") as log,
            subprocess.Popen(
                [program, str(file)], env=environment, stderr=log, **account
            ) as server,
        ):
            try:
                wait_until(partial(_listens, port), "pgbouncer listens", 20)
                yield f"postgresql://neuroplay@127.0.0.1:{port}/{url.database}"
            finally:
                server.kill()
                log.seek(0)
                print(log.read())


def _listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


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
        who = Principal(
            token_id=uuid4(),
            student_id=students[number].student_id,
            class_id=class_id,
            device_id=UUID(int=number),
        )
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
    list(ReplaySync(uow=opens, clock=now, release="x").replay(who="ana"))
    with opens() as uow:
        items = uow.inbox.list(limit=100)
        assert uow.now().utcoffset().total_seconds() == 0
        board = uow.sessions.leaderboard(class_id, "cyber_runner", items[0].received_at)
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
