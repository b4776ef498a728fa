"""Records which sessions the backups cover, and begins a new epoch.

Tablets keep what was acknowledged until a backup covers it, so that a restore loses nothing that a
tablet has. They learn both from the table `epoch`.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from psycopg2 import errors as pg
from sqlalchemy.exc import ProgrammingError

from neuroplay.core.errors import StoreUnavailable

if TYPE_CHECKING:
    from sqlalchemy import Engine

MARGIN = timedelta(minutes=5)
"""Subtracted from what a backup covers. The API acknowledges by its own clock, the backup begins by
PostgreSQL's, and `doctor` warns only when they are some seconds apart."""

_BEGIN = "epoch_id = gen_random_uuid(), since = now(), safe_before = NULL"

_AUDIT = """
INSERT INTO audit (who, what, target, details, at) VALUES (%s, 'new epoch', %s, '{}', now())
"""

_NEW_EPOCH = """
DO $$
BEGIN
    IF to_regclass({table}) IS NOT NULL THEN
        UPDATE {schema}.epoch SET {begin};
    END IF;
END $$;
"""
"""Begins a new epoch, which no backup covers yet. A backup of an older schema has none; then the
migration that follows creates it. `table` is a literal."""

UNUSED = 100_000
"""Numbers of students and of classes that are left out after a restore. Children who were added
after the backup had the next ones. Their cards and tablets may still be about, and must not be
another child's."""

_LEAVE_OUT = f"""
SELECT setval(own, nextval(own) + {UNUSED})
  FROM (VALUES ('{{of}}students', 'student_id'), ('{{of}}classes', 'class_id')) AS the (name, id),
       pg_get_serial_sequence(the.name, the.id) AS own;
"""  # noqa: S608

_COVER = """
UPDATE epoch SET safe_before = GREATEST(safe_before, %s) WHERE epoch_id = %s::uuid
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """A moment before a backup read anything, by PostgreSQL's clock, and the epoch of then."""

    epoch_id: UUID
    at: datetime


def before_snapshot(engine: Engine) -> Snapshot | None:
    """To be called before the backup's snapshot is taken.

    None if the backup cannot cover anything: the schema is older than epochs, or the server is a
    standby, which may lack what the primary has acknowledged. Raises StoreUnavailable.
    """
    with engine.connect() as connection:
        if connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar_one():
            return None
        try:
            row = connection.exec_driver_sql("SELECT epoch_id, clock_timestamp() FROM epoch").one()
        except ProgrammingError as error:
            if isinstance(error.orig, pg.UndefinedTable):
                return None
            raise
    return Snapshot(epoch_id=row[0], at=row[1])


def cover(engine: Engine, snapshot: Snapshot | None) -> None:
    """Record that a complete backup covers everything that was acknowledged before the snapshot.

    Never moves back, and has no effect in another epoch. If the database no longer answers, the
    backup is good all the same, and tablets keep their games until a later one.
    """
    if snapshot is not None:
        with suppress(StoreUnavailable), engine.begin() as connection:
            connection.exec_driver_sql(_COVER, (snapshot.at - MARGIN, str(snapshot.epoch_id)))


def begin_epoch(engine: Engine, *, who: str) -> UUID:
    """Begin a new epoch of a database that was restored by other means, and leave out numbers as
    `new_epoch` does. Raises StoreUnavailable."""
    with engine.begin() as connection:
        row = connection.exec_driver_sql(
            f"UPDATE epoch SET {_BEGIN} RETURNING epoch_id"  # noqa: S608 - a constant
        ).one()
        connection.exec_driver_sql(_LEAVE_OUT.format(of=""))
        connection.exec_driver_sql(_AUDIT, (who, f"epoch {row[0]}"))
    found: UUID = row[0]
    return found


def new_epoch(schema: str) -> str:
    """Statements for the end of a restore's transaction; `schema` is quoted."""
    of = f"{schema}.".replace("'", "''")
    return _NEW_EPOCH.format(schema=schema, table=f"'{of}epoch'", begin=_BEGIN) + _LEAVE_OUT.format(
        of=of
    )
