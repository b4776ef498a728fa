"""Which secret the cards and sign-ins of a database derive from: the database keeps a mark of it.

A mark is derived from the secret and does not tell it. With another secret every card is void and
every tablet is signed out, so nothing starts with one without a word.
"""

from __future__ import annotations

import json

from psycopg2 import errors as pg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import ProgrammingError

_KEEP = """
INSERT INTO installation (secret_mark, since) VALUES (%s, now()) ON CONFLICT (is_it) DO NOTHING
"""
_REPLACE = """
INSERT INTO installation (secret_mark, since) VALUES (%s, now())
ON CONFLICT (is_it) DO UPDATE SET secret_mark = excluded.secret_mark, since = now()
"""
_AUDIT = """
INSERT INTO audit (who, what, target, details, at)
VALUES (%s, 'secret replaced', 'all cards', %s, now())
"""


def stored(engine: Engine) -> str | None:
    """The database's mark; None where it has none yet. Raises StoreUnavailable."""
    with engine.connect() as connection:
        return _stored(connection)


def keep(engine: Engine, mark: str) -> str:
    """Store the mark where there is none; the one that is stored then."""
    with engine.begin() as connection:
        connection.exec_driver_sql(_KEEP, (mark,))
        return _stored(connection) or mark


def replace(engine: Engine, mark: str, *, who: str) -> bool:
    """From now on it is this one: whether it was another."""
    with engine.begin() as connection:
        before = _stored(connection)
        if before == mark:
            return False
        connection.exec_driver_sql(_REPLACE, (mark,))
        connection.exec_driver_sql(_AUDIT, (who, json.dumps({"before": before, "now": mark})))
        return before is not None


def _stored(connection: Connection) -> str | None:
    try:
        found = connection.exec_driver_sql("SELECT secret_mark FROM installation").scalar()
    except ProgrammingError as error:
        if isinstance(error.orig, pg.UndefinedTable):  # an older schema
            connection.rollback()
            return None
        raise
    return None if found is None else str(found)
