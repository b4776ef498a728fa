"""A PostgreSQL that hangs, stops, comes back or refuses to write."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from neuroplay.core.errors import StoreUnavailable
from neuroplay.infra.db import connection_settings, migrations
from neuroplay.infra.db.engine import make_engine
from neuroplay.infra.db.unit_of_work import SqlUnitOfWork
from neuroplay.infra.embedded.postgres import EmbeddedPostgres
from tests.databases import as_owner, named
from tests.integration.servers import hung, postgres_pid, wait_until

AT_ONCE_S = 3.0
HANGING_S = 8.0


@pytest.fixture
def engine(database_url):
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def server_pid(postgres_server, database_url):
    """The server of `engine`, to be made to hang."""
    return postgres_pid(postgres_server.data)


@contextmanager
def timed(at_most_s: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < at_most_s


def classes(engine) -> int:
    with SqlUnitOfWork(engine) as uow:
        return len(uow.classes.all())


def wait_until_answers(engine) -> None:
    def answers() -> bool:
        try:
            return classes(engine) >= 0
        except StoreUnavailable:
            return False

    wait_until(answers, "it is noticed that the server is back")


def add_class(engine, code: str) -> None:
    with SqlUnitOfWork(engine) as uow:
        uow.classes.add("3A", code)
        uow.commit()


def test_a_hung_server_is_unavailable_in_time_and_usable_again_afterwards(engine, server_pid):
    add_class(engine, "A0000")
    with hung(server_pid):
        with timed(HANGING_S), pytest.raises(StoreUnavailable):
            classes(engine)  # the pool's connection does not answer
        with timed(HANGING_S), pytest.raises(StoreUnavailable):
            classes(engine)  # a new connection is accepted by the kernel alone
        with timed(AT_ONCE_S), pytest.raises(StoreUnavailable, match="does not answer"):
            classes(engine)  # known to hang
    wait_until_answers(engine)
    assert classes(engine) == 1


def test_a_server_that_hangs_in_mid_transaction_is_unavailable_in_time(engine, server_pid):
    with SqlUnitOfWork(engine) as uow:
        uow.classes.add("3A", "A0000")
        with hung(server_pid), timed(HANGING_S), pytest.raises(StoreUnavailable):
            uow.commit()
    wait_until_answers(engine)
    assert classes(engine) in (0, 1)  # nobody can know
    add_class(engine, "B0000")


def test_all_threads_of_a_hung_server_are_answered_in_time(database_url, server_pid):
    engine = make_engine(database_url, pool_size=2, answer_timeout_s=1.0)
    seconds = []

    def ask() -> None:
        started = time.monotonic()
        with pytest.raises(StoreUnavailable):
            classes(engine)
        seconds.append(time.monotonic() - started)

    classes(engine)
    with hung(server_pid):
        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert len(seconds) == 6
    assert max(seconds) < HANGING_S
    wait_until_answers(engine)
    assert classes(engine) == 0
    engine.dispose()


def test_more_callers_than_a_process_has_threads_are_answered_within_one_deadline(
    database_url, server_pid
):
    """As requests do that queue for the threads of a process: each takes the next free one."""
    engine = make_engine(database_url, pool_size=2, answer_timeout_s=1.0)
    classes(engine)
    seconds = []

    def ask(asked: float) -> None:
        with pytest.raises(StoreUnavailable):
            classes(engine)
        seconds.append(time.monotonic() - asked)

    with hung(server_pid), ThreadPoolExecutor(2) as threads:
        asked = time.monotonic()
        for _ in range(20):
            threads.submit(ask, asked)
    assert len(seconds) == 20
    assert max(seconds) < 7  # one after the other, they would take ten
    wait_until_answers(engine)
    engine.dispose()


def test_a_transaction_that_stands_still_gives_its_locks_back(engine, monkeypatch):
    monkeypatch.setattr(connection_settings, "IDLE_IN_TRANSACTION_S", 1)
    stopped = make_engine(engine.url.render_as_string(hide_password=False))
    add_class(engine, "A0000")
    with stopped.connect() as connection:
        connection.exec_driver_sql("UPDATE classes SET name = 'B'")
        with engine.begin() as other:
            other.exec_driver_sql("UPDATE classes SET name = 'C'")
        with pytest.raises(StoreUnavailable):
            connection.commit()
    assert classes(engine) == 1
    stopped.dispose()


def test_a_full_disk_is_named(engine):
    """As PostgreSQL itself tells it."""
    with (
        pytest.raises(StoreUnavailable, match="has no room to write: no space"),
        engine.connect() as connection,
    ):
        connection.exec_driver_sql(
            "DO $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = '53100'; END $$"
        )


def test_a_slow_statement_ends_with_its_connection_and_the_next_one_works(database_url):
    engine = make_engine(database_url, answer_timeout_s=0.3)
    with timed(AT_ONCE_S), pytest.raises(StoreUnavailable), engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_sleep(30)")
    wait_until_answers(engine)
    assert classes(engine) == 0
    engine.dispose()


def test_a_stopped_server_is_unavailable_at_once_and_usable_after_its_return():
    with tempfile.TemporaryDirectory(prefix="npout", dir="/tmp") as folder:
        place = Path(folder)
        place.chmod(0o755)
        server = EmbeddedPostgres(home=place / "home", runtime_dir=place / "run")
        with server.running() as url:
            engine = make_engine(url)
            migrations.upgrade(engine)
            add_class(engine, "A0000")
        for _ in range(3):
            with timed(AT_ONCE_S), pytest.raises(StoreUnavailable):
                classes(engine)
        with timed(AT_ONCE_S), pytest.raises(StoreUnavailable):
            migrations.current(engine)
        with server.running():
            assert classes(engine) == 1
        engine.dispose()


def use_together(engine, connections: int) -> None:
    with ExitStack() as opened:
        for _ in range(connections):
            opened.enter_context(SqlUnitOfWork(engine)).classes.all()


def test_one_call_alone_pays_for_connections_that_the_server_ended(engine, postgres_url):
    use_together(engine, 3)
    as_owner(
        postgres_url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE starts_with(datname, 'test')",
    )
    with pytest.raises(StoreUnavailable):
        classes(engine)
    use_together(engine, 3)


def test_a_read_only_server_is_unavailable_for_writing_and_can_be_read(
    engine, database_url, postgres_url
):
    name = database_url.partition("?")[0].rpartition("/")[2]
    as_owner(postgres_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    engine.dispose()
    with pytest.raises(StoreUnavailable):
        add_class(engine, "A0000")
    assert classes(engine) == 0
    as_owner(postgres_url, f"ALTER DATABASE {name} RESET default_transaction_read_only")
    engine.dispose()
    add_class(engine, "A0000")


def test_a_database_that_is_not_there_is_unavailable(postgres_url):
    engine = make_engine(named(postgres_url, "nowhere"))
    with timed(AT_ONCE_S), pytest.raises(StoreUnavailable, match="not reachable"):
        classes(engine)
    engine.dispose()


def test_a_port_where_nothing_listens_is_unavailable_at_once():
    engine = make_engine("postgresql+psycopg2://nobody@127.0.0.1:1/nothing")
    with timed(AT_ONCE_S), pytest.raises(StoreUnavailable):
        classes(engine)
    engine.dispose()


def test_the_message_names_neither_statement_nor_values(engine, server_pid):
    with hung(server_pid), pytest.raises(StoreUnavailable) as raised:
        add_class(engine, "SECRET")
    assert "SECRET" not in str(raised.value)
    assert "\n" not in raised.value.message


def test_an_answer_in_time_is_never_given_up(database_url):
    engine = make_engine(database_url, pool_size=1, answer_timeout_s=1.0)
    with engine.connect() as connection:
        driver = connection.connection.dbapi_connection
        for _ in range(6):
            assert connection.exec_driver_sql("SELECT 1 FROM pg_sleep(0.2)").scalar_one() == 1
        assert connection.connection.dbapi_connection is driver
    engine.dispose()


def test_deadlines_are_kept_in_a_forked_process_too(database_url):
    engine = make_engine(database_url, answer_timeout_s=0.3)
    assert classes(engine) == 0
    engine.dispose()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("SELECT pg_sleep(30)")
        except StoreUnavailable:
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
