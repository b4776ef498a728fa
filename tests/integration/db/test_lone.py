"""Connections without a pool, as commands use them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from uuid import UUID

import pytest

from neuroplay.core.errors import StoreUnavailable
from neuroplay.infra.db.engine import make_engine
from neuroplay.infra.db.lone import LoneConnections
from neuroplay.infra.db.transaction import Transaction
from neuroplay.infra.db.unit_of_work import SqlUnitOfWork

WHO = "SELECT pg_backend_pid()"


@pytest.fixture
def pool(database_url: str) -> Iterator[LoneConnections]:
    pool = LoneConnections(database_url, pooled=False)
    yield pool
    pool.dispose()


def session(pool: LoneConnections) -> int:
    """The session of the next transaction."""
    with closing(Transaction(pool)) as transaction:
        found: int = transaction.one(WHO)[0]
    return found


def test_what_is_committed_stays_and_the_next_transaction_has_the_same_session(
    pool: LoneConnections,
) -> None:
    first = session(pool)
    with SqlUnitOfWork(pool) as uow:
        uow.classes.add("3A", "A1B2C")
        uow.commit()
    with SqlUnitOfWork(pool) as uow:
        uow.classes.add("3B", "A1B2D")  # never committed
    assert session(pool) == first
    with SqlUnitOfWork(pool) as uow:
        assert [one.name for one, _ in uow.classes.all()] == ["3A"]


def test_rows_are_the_same_as_those_of_an_engine(pool: LoneConnections, database_url: str) -> None:
    asked = """
        SELECT gen_random_uuid() AS uuid, ARRAY[md5('a')::uuid] AS uuids,
               timestamptz '2026-11-27 12:00+02', date '2026-11-27', decode('00ff', 'hex')::text,
               '{"a": [1, 2.5, 1e300, 18446744073709551616, "é", null]}'::jsonb, 1.5::float8 AS x,
               interval '1 day', ARRAY['a', 'b'] AS texts, NULL AS nothing
    """
    engine = make_engine(database_url)
    with closing(Transaction(pool)) as one, closing(Transaction(engine)) as other:
        ours, theirs = one.one(asked), other.one(asked)
    engine.dispose()
    assert type(ours.uuid) is type(theirs.uuid) is UUID
    assert repr(ours[1:]) == repr(theirs[1:])


def test_two_transactions_at_a_time_are_two_sessions(pool: LoneConnections) -> None:
    with closing(Transaction(pool)) as one, closing(Transaction(pool)) as other:
        assert one.one(WHO) != other.one(WHO)


def test_a_lost_session_is_told_and_the_next_is_another(pool: LoneConnections) -> None:
    mine = session(pool)
    with SqlUnitOfWork(pool) as uow:
        with closing(Transaction(pool)) as other:
            assert other.one("SELECT pg_terminate_backend(%s)", (mine,))[0]
        with pytest.raises(StoreUnavailable):
            uow.classes.all()
    with SqlUnitOfWork(pool) as uow:
        assert uow.classes.all() == []


def test_a_server_that_is_away_is_told_in_our_words() -> None:
    pool = LoneConnections("postgresql+psycopg2://nobody@127.0.0.1:1/nothing", pooled=False)
    with pytest.raises(StoreUnavailable, match="not reachable"), SqlUnitOfWork(pool):
        pass


def test_all_are_given_back_at_the_end(pool: LoneConnections) -> None:
    mine = session(pool)
    pool.dispose()
    with closing(Transaction(pool)) as transaction:
        ended = transaction.rows("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (mine,))
    assert ended == []


def test_a_command_that_asks_the_store_imports_no_sqlalchemy(database_url: str) -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "cli", "class", "list"],
        env={
            "DATABASE_URL": database_url.replace("postgresql+psycopg2:", "postgresql:"),
            "PATH": "/usr/bin:/bin",
            "HOME": "/nonexistent",
            "NEUROPLAY_HOME": "/nonexistent",
            "NEUROPLAY_SECRET": "s" * 40,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert "No classes yet" in told.stdout
    assert "psycopg2" in told.stderr
    for library in ("sqlalchemy", "alembic", "celery", "redis", "flask", "sentry_sdk", "rich"):
        assert f" {library}\n" not in told.stderr
