"""A DATABASE_URL with several hosts, of which one does not answer, refuses or takes no writes."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url

from neuroplay.core.errors import StoreUnavailable
from neuroplay.infra.db.engine import make_engine
from neuroplay.infra.db.lone import LoneConnections
from neuroplay.infra.db.transaction import Transaction
from tests.databases import as_owner
from tests.integration.servers import wait_until

WHO = "SELECT pg_backend_pid()"
DEADLINE_S = 1.5
AT_ONCE_S = 0.4


@pytest.fixture(scope="module")
def silent_port() -> Iterator[int]:
    """A port of 127.0.0.1 that answers to nobody, as that of a host without power: the queue of
    its listener is full, so the kernel drops what arrives."""
    with ExitStack() as opened:
        listener = opened.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        place = listener.getsockname()
        for _ in range(3):
            waiting = opened.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(place)
        yield int(place[1])


def with_hosts(database_url: str, hosts: list[tuple[str, int]]) -> str:
    """The same database, where "" stands for its own host."""
    url = make_url(database_url)
    own = str(url.query["host"])
    query = {
        "host": ",".join(host or own for host, _ in hosts),
        "port": ",".join(str(port) for _, port in hosts),
    }
    return url.set(query=query).render_as_string(hide_password=False)


OWN = ("", 5432)


@contextmanager
def engine_of(url: str) -> Iterator[Engine]:
    engine = make_engine(url, answer_timeout_s=DEADLINE_S)
    try:
        yield engine
    finally:
        engine.dispose()


def session(pool: Engine | LoneConnections) -> int:
    """The server's session of the next transaction."""
    with closing(Transaction(pool)) as transaction:
        return int(transaction.one(WHO)[0])


@contextmanager
def timed(at_least_s: float, at_most_s: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert at_least_s <= time.monotonic() - began <= at_most_s


def test_a_first_host_that_does_not_answer_leaves_time_for_the_next(
    database_url: str, silent_port: int
) -> None:
    url = with_hosts(database_url, [("127.0.0.1", silent_port), OWN])
    with engine_of(url) as engine:
        with timed(DEADLINE_S / 2, DEADLINE_S):
            session(engine)
        engine.dispose()
        with timed(0, AT_ONCE_S):
            session(engine)  # the host that answered comes first now


def test_a_command_does_not_wait_two_minutes_for_a_host(
    database_url: str, silent_port: int
) -> None:
    pool = LoneConnections(
        with_hosts(database_url, [("127.0.0.1", silent_port), OWN]), pooled=False
    )
    with timed(3.9, 4.0 + AT_ONCE_S):
        session(pool)
    pool.dispose()


def test_while_no_host_accepts_and_one_is_silent_calls_fail_at_once_until_one_accepts(
    database_url: str, silent_port: int, tmp_path: Path
) -> None:
    later = tmp_path / ".s.PGSQL.5432"
    url = with_hosts(database_url, [("127.0.0.1", silent_port), (str(tmp_path), 5432)])
    with engine_of(url) as engine:
        with timed(DEADLINE_S / 2, DEADLINE_S), pytest.raises(StoreUnavailable, match="No such"):
            session(engine)
        with timed(0, AT_ONCE_S * 2), pytest.raises(StoreUnavailable, match="does not answer"):
            session(engine)
        later.symlink_to(Path(str(make_url(database_url).query["host"])) / later.name)

        def accepts() -> bool:
            try:
                return session(engine) > 0
            except StoreUnavailable:
                return False

        wait_until(accepts, "the host that accepts again is found")


def test_hosts_that_refuse_are_named_each(database_url: str, tmp_path: Path) -> None:
    url = with_hosts(database_url, [("127.0.0.1", 1), (str(tmp_path), 5432)])
    with engine_of(url) as engine, timed(0, AT_ONCE_S), pytest.raises(StoreUnavailable) as raised:
        session(engine)
    assert "127.0.0.1" in str(raised.value)
    assert str(tmp_path) in str(raised.value)


def test_of_several_hosts_one_that_takes_writes_is_wanted(
    database_url: str, postgres_url: str
) -> None:
    name = make_url(database_url).database
    as_owner(postgres_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with engine_of(database_url) as engine:
        assert session(engine)
    with (
        engine_of(with_hosts(database_url, [OWN, OWN])) as engine,
        pytest.raises(StoreUnavailable, match="read-only"),
    ):
        session(engine)


def test_a_session_of_a_server_that_takes_no_writes_any_more_is_given_up(
    database_url: str,
) -> None:
    """As of a primary that became a standby: in a new session another host may be the primary."""
    with engine_of(database_url) as engine:
        with closing(Transaction(engine)) as one, closing(Transaction(engine)) as other:
            before = {one.one(WHO)[0], other.one(WHO)[0]}
        with closing(Transaction(engine)) as transaction:
            transaction.run("SET default_transaction_read_only = on")
            transaction.commit()
        with closing(Transaction(engine)) as transaction, pytest.raises(StoreUnavailable):
            transaction.run("CREATE TABLE written (x int)")
        with closing(Transaction(engine)) as one, closing(Transaction(engine)) as other:
            assert before.isdisjoint({one.one(WHO)[0], other.one(WHO)[0]})
            one.run("CREATE TABLE written (x int)")


def test_while_no_server_takes_writes_every_caller_is_told_so(
    database_url: str, postgres_url: str
) -> None:
    """Each of them gives a connection up, while the others make theirs."""
    name = make_url(database_url).database
    as_owner(postgres_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")

    def write(engine: Engine) -> None:
        for _ in range(20):
            with (
                pytest.raises(StoreUnavailable, match="takes no writes"),
                closing(Transaction(engine)) as transaction,
            ):
                transaction.run("CREATE TABLE written (x int)")

    with engine_of(database_url) as engine, ThreadPoolExecutor(5) as threads:
        for done in [threads.submit(write, engine) for _ in range(5)]:
            done.result()


def test_so_is_one_of_a_check_or_a_migration(database_url: str) -> None:
    with engine_of(database_url) as engine:
        with engine.begin() as connection:
            before = connection.exec_driver_sql(WHO).scalar_one()
            connection.exec_driver_sql("SET default_transaction_read_only = on")
        with engine.connect() as connection, pytest.raises(StoreUnavailable):
            connection.exec_driver_sql("CREATE TABLE written (x int)")
        with engine.begin() as connection:
            assert connection.exec_driver_sql(WHO).scalar_one() != before
            connection.exec_driver_sql("CREATE TABLE written (x int)")
