"""Rows as the driver gives them, for the few statements that requests ask all the time.

SQLAlchemy describes each result again (names, types, a way to reach each column), which took a
seventh of the API's processor time. Connections, the pool, errors and every other statement are
SQLAlchemy's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection

from neuroplay.infra.db.statements import Statement

if TYPE_CHECKING:
    from neuroplay.infra.db.one_trip import OneTripConnection

Row = tuple[Any, ...]


def driver(connection: Connection) -> OneTripConnection:
    """The driver's own connection."""
    return cast("OneTripConnection", connection.connection.dbapi_connection)


def rows_of(connection: Connection, statement: Statement, values: Mapping[str, Any]) -> list[Row]:
    """All rows of a statement that returns some. Raises what SQLAlchemy raises, and what the
    engine's own listeners make of it."""
    try:
        with driver(connection).cursor() as cursor:
            cursor.execute(statement, values)
            found: list[Row] = cursor.fetchall()
            return found
    except BaseException as error:  # noqa: BLE001 - Ctrl+C loses the connection, too
        # The same way as for its own statements: it knows lost connections, and whom to tell.
        connection._handle_dbapi_exception(error, statement, values, None, None)


def row_of(connection: Connection, statement: Statement, values: Mapping[str, Any]) -> Row | None:
    """The first row, or None."""
    found = rows_of(connection, statement, values)
    return found[0] if found else None
