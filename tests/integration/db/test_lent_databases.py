"""A test finds no trace of the ones that had its database before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import Connection, Engine

from neuroplay.infra.db.engine import make_engine
from neuroplay.infra.db.unit_of_work import SqlUnitOfWork
from tests.builders import a_class
from tests.databases import Databases

TABLES = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"
SEQUENCES = "SELECT sequencename::text, last_value FROM pg_sequences"
SCHEMA = (
    "SELECT attrelid::regclass::text, attname::text, attnum FROM pg_attribute "
    "WHERE attrelid >= 16384 AND NOT attisdropped UNION ALL "
    "SELECT proname::text, '', 0 FROM pg_proc WHERE oid >= 16384 UNION ALL "
    "SELECT 'statistics', '', count(*) FROM pg_stats WHERE schemaname = 'public'"
)


@contextmanager
def lent(databases: Databases) -> Iterator[Engine]:
    with databases.lend() as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


def content(engine: Engine) -> list[tuple[object, ...]]:
    """Every row, what each sequence gave last, and the schema."""
    with engine.connect() as connection:
        asked = [f"SELECT '{one}', t::text FROM {one} t" for one in tables(connection)]  # noqa: S608
        rows = [
            row for one in [*asked, SEQUENCES, SCHEMA] for row in connection.exec_driver_sql(one)
        ]
    return sorted(map(tuple, rows), key=str)


def tables(connection: Connection) -> list[str]:
    return [name for (name,) in connection.exec_driver_sql(TABLES)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE epoch SET safe_before = now()",
        "DELETE FROM retention_pass",
        "ALTER TABLE classes ADD COLUMN colour text",
        "DROP INDEX ix_classes_name",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ANALYZE classes",
    ],
)
def test_whatever_was_done_to_a_database_the_next_one_is_as_new(
    databases: Databases, statement: str
) -> None:
    with lent(databases) as engine:
        before = content(engine)
        a_class(partial(SqlUnitOfWork, engine))
        with engine.begin() as connection:
            connection.exec_driver_sql(statement)
        assert content(engine) != before
    with lent(databases) as engine:
        assert content(engine) == before


def test_what_a_test_left_running_does_not_reach_the_next_ones_database(
    databases: Databases,
) -> None:
    with databases.lend() as url:
        left = make_engine(url)
        with left.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    with databases.lend() as other:
        assert other != url
    left.dispose()
