"""What the database holds, about whom, why and for how long, from its own comments.

A comment is "What it is. About: whom. Why: a reason. Kept: how long." A column inherits from its
table what its comment leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from neuroplay.infra.db.engine import patient

_PART = re.compile(r"\s*\b(About|Why|Kept): ")

_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS kind,
       a.attnotnull AND a.atttypid = 'timestamptz'::regtype AS is_age,
       obj_description(c.oid, 'pg_class') AS of_table, col_description(c.oid, a.attnum) AS of_column
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
   AND NOT c.relispartition AND c.relname <> 'alembic_version'
   AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY c.relname, a.attnum
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Purpose:
    """The parts of a comment, without their full stops; '' for what it leaves out."""

    what: str
    about: str
    why: str
    kept: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MappedColumn:
    """`own` is what its comment says, `purpose` that with what the table says."""

    name: str
    kind: str
    own: Purpose
    purpose: Purpose


@dataclass(frozen=True, kw_only=True, slots=True)
class MappedTable:
    """`age` is the first time that every row has: by it, the oldest row is found."""

    name: str
    purpose: Purpose
    columns: Sequence[MappedColumn]
    age: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stock:
    rows: int
    oldest: datetime | None


def data_map(engine: Engine) -> list[MappedTable]:
    """All tables by name. Raises StoreUnavailable."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(_COLUMNS).all()
    columns: dict[str, list[MappedColumn]] = {}
    tables: dict[str, Purpose] = {}
    ages: dict[str, str] = {}
    for table, name, kind, is_age, of_table, of_column in rows:
        whole = tables.setdefault(table, parts_of(of_table or ""))
        own = parts_of(of_column or "")
        columns.setdefault(table, []).append(
            MappedColumn(name=name, kind=kind, own=own, purpose=_within(whole, own))
        )
        if is_age:
            ages.setdefault(table, name)
    return [
        MappedTable(name=table, purpose=purpose, columns=columns[table], age=ages.get(table))
        for table, purpose in tables.items()
    ]


def stock_of(engine: Engine, tables: Sequence[MappedTable]) -> Mapping[str, Stock]:
    """By table, its rows and the time of the oldest one, read to the last row. As of one moment.
    Raises StoreUnavailable."""
    with engine.connect() as connection, patient(connection):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        return {table.name: _stock(connection, table) for table in tables}


def parts_of(comment: str) -> Purpose:
    what, *rest = (text.strip().removesuffix(".") for text in _PART.split(comment))
    named = dict(zip(rest[::2], rest[1::2], strict=True))
    return Purpose(
        what=what,
        about=named.get("About", ""),
        why=named.get("Why", ""),
        kept=named.get("Kept", ""),
    )


def _within(whole: Purpose, own: Purpose) -> Purpose:
    return Purpose(
        what=own.what,
        about=own.about or whole.about,
        why=own.why or whole.why,
        kept=own.kept or whole.kept,
    )


def _stock(connection: Connection, table: MappedTable) -> Stock:
    oldest = "NULL" if table.age is None else f"min({table.age})"
    rows, since = connection.exec_driver_sql(
        f"SELECT count(*), {oldest} FROM {table.name}"  # noqa: S608 - names of our own tables
    ).one()
    return Stock(rows=rows, oldest=since)
