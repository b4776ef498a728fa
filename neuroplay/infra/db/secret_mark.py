"""The mark of the secret from which a database's cards and tokens are derived.

The mark is derived from the secret and does not reveal it. Another secret would invalidate every
card and sign out every tablet, so NeuroPlay compares the mark before it starts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

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


_RETIRED = """
INSERT INTO audit (who, what, target, details, at)
VALUES (%s, 'secret retired', 'all cards', %s, now())
"""
_USED = """
SELECT class_id, c.name, code, count(student_id) AS students,
       count(student_id) FILTER (WHERE EXISTS (
           SELECT FROM tokens AS t WHERE t.student_id = s.student_id AND t.secret_mark = %s))
         AS signed_in
  FROM classes AS c LEFT JOIN students AS s USING (class_id)
 GROUP BY class_id ORDER BY c.name, class_id
"""


def stored(engine: Engine) -> str | None:
    """The database's mark; None if it has none yet. Raises StoreUnavailable."""
    with engine.connect() as connection:
        return _stored(connection)


def keep(engine: Engine, mark: str) -> str:
    """Store the mark if there is none. Returns the stored one."""
    with engine.begin() as connection:
        connection.exec_driver_sql(_KEEP, (mark,))
        return _stored(connection) or mark


def replace(engine: Engine, mark: str, *, who: str) -> bool:
    """Store this mark and record it in the audit. Returns whether it replaced another one."""
    with engine.begin() as connection:
        before = _stored(connection)
        if before == mark:
            return False
        connection.exec_driver_sql(_REPLACE, (mark,))
        connection.exec_driver_sql(_AUDIT, (who, json.dumps({"before": before, "now": mark})))
        return before is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassCards:
    """A class with its number of students, and of those who signed in with a card of a secret."""

    class_id: int
    name: str
    code: str
    students: int
    signed_in: int


def cards_used(engine: Engine, mark: str) -> list[ClassCards]:
    """Each class, by name, with how many signed in with a card of the secret with this mark."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(_USED, (mark,))
        return [ClassCards(**row._mapping) for row in rows]


def note_retired(engine: Engine, mark: str, *, who: str) -> None:
    """Record in the audit that the secret with this mark is no longer accepted."""
    with engine.begin() as connection:
        connection.exec_driver_sql(_RETIRED, (who, json.dumps({"mark": mark})))


def _stored(connection: Connection) -> str | None:
    try:
        found = connection.exec_driver_sql("SELECT secret_mark FROM installation").scalar()
    except ProgrammingError as error:
        if isinstance(error.orig, pg.UndefinedTable):  # an older schema
            connection.rollback()
            return None
        raise
    return None if found is None else str(found)
