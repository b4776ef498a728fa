"""Inserts and reads rows of all tables, in the schema of any release."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    Uuid,
    inspect,
    select,
    types,
)
from sqlalchemy.dialects.postgresql import JSONB

ALEMBIC = "alembic_version"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)

Row = dict[str, Any]

_numbers = count(1)


def fill(connection: Connection) -> None:
    """Two rows more in every table: one with everything that may be there, one with nothing that
    may be left out."""
    metadata = MetaData()
    metadata.reflect(connection)
    parents: dict[str, list[Row]] = {}
    for table in metadata.sorted_tables:
        if table.name == ALEMBIC:
            continue
        allowed = _allowed(connection, table)
        parents[table.name] = []
        single = all(isinstance(key.type, Boolean) for key in table.primary_key)
        if single and connection.execute(select(table)).first():
            continue  # it has room for one row
        for whole in (True,) if single else (True, False):
            values = _values(table, parents, allowed, whole=whole)
            row = connection.execute(table.insert().values(values).returning(table)).one()
            parents[table.name].append(dict(row._mapping))
    connection.commit()


def read(connection: Connection) -> dict[str, list[Row]]:
    """All rows of all tables, by table."""
    metadata = MetaData()
    metadata.reflect(connection)
    found = {
        table.name: [dict(row._mapping) for row in connection.execute(select(table))]
        for table in metadata.sorted_tables
        if table.name != ALEMBIC
    }
    connection.rollback()
    return found


def assert_kept(before: dict[str, list[Row]], after: dict[str, list[Row]]) -> None:
    """Every row is there with its values, in the columns that are still there; there may be more
    tables, columns and rows."""
    for table, rows in before.items():
        assert table in after, f"the table {table} is gone"
        for row in rows:
            assert any(
                all(there[name] == value for name, value in row.items() if name in there)
                for there in after[table]
            ), f"a row of {table} is gone or changed: {row}"


def _allowed(connection: Connection, table: Table) -> dict[str, list[str]]:
    """By column, the words that a check constraint lists."""
    words: dict[str, list[str]] = {}
    for check in inspect(connection).get_check_constraints(table.name):
        for column in (one.name for one in table.columns):
            if re.search(rf"\b{column}\b.*(ANY|IN)\b", check["sqltext"]):
                words[column] = re.findall(r"'([^']*)'", check["sqltext"])
    return words


def _values(
    table: Table, parents: dict[str, list[Row]], allowed: dict[str, list[str]], *, whole: bool
) -> Row:
    values: Row = {}
    for column in table.columns:
        left_out = column.nullable or column.server_default is not None
        if column.identity is not None or (left_out and not whole and not column.primary_key):
            continue
        number = next(_numbers)
        if column.foreign_keys:
            (key,) = column.foreign_keys
            values[column.name] = parents[key.column.table.name][-1 if whole else -2][
                key.column.name
            ]
        elif column.name in allowed:
            values[column.name] = allowed[column.name][number % len(allowed[column.name])]
        else:
            values[column.name] = _value(column, column.type, number)
    return values


def _value(column: Column[Any], kind: types.TypeEngine[Any], number: int) -> Any:
    if isinstance(kind, ARRAY):
        return [_value(column, kind.item_type, number)]
    made: tuple[tuple[type[types.TypeEngine[Any]], Any], ...] = (
        (Boolean, True),
        (SmallInteger, number % 30_000),
        (Integer, number),
        (Float, number / 2),
        (Numeric, number),
        (DateTime, BEGAN + timedelta(seconds=number)),
        (Date, date(2026, 1, 1) + timedelta(days=number)),
        (Uuid, UUID(int=number)),
        (LargeBinary, number.to_bytes(4)),
        (JSONB, {"number": number}),
        (Text, f"Zoë \\ {number}"),
        (types.String, f"z{number}"),
    )
    for type_, value in made:
        if isinstance(kind, type_):
            return value
    raise AssertionError(f"say here what {column} of {kind!r} may hold")
