"""The schema's versions: which one a database has, which one this release wants, and the way up.

Revisions are numbered (`0001_...`), so that `head` needs no Alembic: a health check asks for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import ProgrammingError

from neuroplay.core.errors import StoreUnavailable
from neuroplay.infra.db.connection import PATIENT_TIMEOUT_S
from neuroplay.infra.db.engine import patient
from neuroplay.infra.db.suitability import check_suitable

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

FOLDER = Path(__file__).parent

LOOK_EVERY_S = 0.05

LOCK = 0x6E706C79
"""Key of the advisory lock that keeps two migrations apart."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One revision that is missing: its number and what it does."""

    revision: str
    what: str

    def __str__(self) -> str:
        return f"{self.revision} {self.what}"


def head() -> str:
    """The revision that this release wants."""
    return max(file.name.partition("_")[0] for file in (FOLDER / "versions").glob("[0-9]*.py"))


def current(engine: Engine) -> str | None:
    """The revision of the database, None where it has no schema yet. Raises StoreUnavailable."""
    with engine.connect() as connection:
        return _current(connection)


def pending(engine: Engine) -> list[Step]:
    """The revisions that are missing, in order. Raises StoreUnavailable."""
    return _missing(current(engine))


def upgrade(
    engine: Engine, progress: Callable[[Step], None] | None = None, *, to: str | None = None
) -> list[Step]:
    """Bring the schema to `to`, or else to `head`, each revision in its own transaction; what was
    done.

    An advisory lock keeps two runs apart: the second waits, and finds nothing to do. It is held by
    an open transaction of a connection of its own, since a session is not ours behind a pooler.
    `progress` hears of each step when it is done. Raises StoreUnavailable, also where the other run
    takes longer than PATIENT_TIMEOUT_S.
    """
    from alembic import command

    check_suitable(engine)
    with engine.connect() as lock, engine.connect() as connection, patient(connection):
        _take_lock(lock)
        missing = _missing(_current(connection))
        steps = [step for step in missing if to is None or step.revision <= to]
        for step in steps:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, step.revision)
            connection.commit()
            if progress is not None:
                progress(step)
    return steps


def _take_lock(connection: Connection) -> None:
    """Wait for the lock outside of any transaction: an index that is built beside everything else
    waits for all of those to end that look at the tables. Who holds it only holds it."""
    ends = time.monotonic() + PATIENT_TIMEOUT_S
    while True:
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        taken = connection.exec_driver_sql("SELECT pg_try_advisory_xact_lock(%s)", (LOCK,))
        if taken.scalar_one():
            return
        connection.rollback()
        if time.monotonic() > ends:
            raise StoreUnavailable("another migration of the database has not ended yet")
        time.sleep(LOOK_EVERY_S)


def _current(connection: Connection) -> str | None:
    try:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    except ProgrammingError:  # there is no such table yet
        found = None
    connection.rollback()
    return None if found is None else str(found)


def _missing(revision: str | None) -> list[Step]:
    if revision == head():
        return []
    walked = list(_scripts().walk_revisions())
    known = [script.revision for script in walked]
    newer = walked[: known.index(revision)] if revision in known else walked
    return [
        Step(revision=script.revision, what=script.doc.partition("\n")[0])
        for script in reversed(newer)
    ]


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def _config() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
