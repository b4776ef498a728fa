"""Databases for tests. To make and drop one takes a quarter of a second, to empty one a few
milliseconds: a test is lent one that others had, as long as nobody can tell that it is not new."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, make_url
from sqlalchemy.pool import NullPool

TEMPLATE = "neuroplay_template"

USES = 30
"""How often a database is lent: deleted rows stay in its files for some time."""

GROWN_BYTES = 1 << 20
"""A database that grew by more is not lent again: plans and times depend on the size."""

CATALOGUES = (
    *("pg_attrdef", "pg_attribute", "pg_class", "pg_constraint", "pg_db_role_setting"),
    *("pg_default_acl", "pg_description", "pg_event_trigger", "pg_extension", "pg_index"),
    *("pg_namespace", "pg_policy", "pg_proc", "pg_rewrite", "pg_statistic", "pg_statistic_ext"),
    *("pg_trigger", "pg_type"),
)

SCHEMA = " UNION ALL ".join(
    f"SELECT '{one}', count(*), max(xmin::text::bigint) FROM {one}"  # noqa: S608
    for one in CATALOGUES
)
"""Differs after any statement that changes more than rows, since that adds rows to these tables or
takes some away. So does ANALYZE: in a new database the planner knows nothing."""

SIZE = "SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE relkind IN ('r', 'i')"

TABLES = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND oid >= 16384"
"""NeuroPlay's own: those of PostgreSQL have lower numbers."""

DISCONNECT = (
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)

START_AGAIN = "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence"


class Databases:
    """The databases of one server, which has TEMPLATE with the schema of this release."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._numbers = itertools.count(1)
        self._free: list[tuple[str, int]] = []
        """Names of databases without rows, and how often each was lent."""
        with self._in(TEMPLATE) as connection:
            self._schema = _rows(connection, SCHEMA)
            self._size = _rows(connection, SIZE)[0][0]
            self._empty = _emptying(connection)

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The URL of a database without rows. No other test had one of this name: what a test left
        running does not find the next one's."""
        name, uses = self._free.pop() if self._free else (self._make(), 0)
        try:
            yield named(self._url, name)
        finally:
            if uses + 1 < USES and self._as_new(name):
                self._free.append((self._renamed(name), uses + 1))
            else:
                as_owner(self._url, f"DROP DATABASE {name} WITH (FORCE)")

    def _make(self) -> str:
        name = self._unused()
        as_owner(self._url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER neuroplay")
        return name

    def _unused(self) -> str:
        return f"test_{next(self._numbers)}"

    def _renamed(self, name: str) -> str:
        new = self._unused()
        as_owner(self._url, f"ALTER DATABASE {name} RENAME TO {new}")
        return new

    def _as_new(self, name: str) -> bool:
        """Whether nothing but rows has changed; they are gone then."""
        with self._in(name) as connection:
            connection.exec_driver_sql(DISCONNECT)
            if _rows(connection, SCHEMA) != self._schema:
                return False
            if _rows(connection, SIZE)[0][0] > self._size + GROWN_BYTES:
                return False
            connection.exec_driver_sql(self._empty)
            connection.exec_driver_sql(START_AGAIN)
            return True

    @contextmanager
    def _in(self, database: str) -> Iterator[Connection]:
        engine = _as_superuser(named(self._url, database))
        with engine.connect() as connection:
            yield connection


def _emptying(connection: Connection) -> str:
    """Statements after which each table has the rows that it has now."""
    # Without triggers, and so in any order.
    statements = ["SET session_replication_role = replica"]
    for (table,) in _rows(connection, TABLES):
        statements.append(f"DELETE FROM {table}")  # noqa: S608
        asked = f"SELECT quote_literal(json_agg(t)) FROM {table} t"  # noqa: S608
        kept = _rows(connection, asked)[0][0]
        if kept is not None:
            rows = f"json_populate_recordset(NULL::{table}, {kept})"
            statements.append(f"INSERT INTO {table} SELECT * FROM {rows}")  # noqa: S608
    return ";".join(statements)


def _rows(connection: Connection, query: str) -> list[Any]:
    return sorted(map(tuple, connection.exec_driver_sql(query)))


def as_owner(url: str, *statements: str) -> None:
    """Run statements outside a transaction, as the cluster's superuser."""
    with _as_superuser(named(url, "postgres")).connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _as_superuser(url: str) -> Engine:
    return create_engine(
        make_url(url).set(username="postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool
    )


def named(url: str, database: str) -> str:
    """The URL of another database of the same server."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)
