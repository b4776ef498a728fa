"""Schema revisions: which one a database has, which one this release needs, and the upgrade.

Revisions are numbered (`0001_...`), so that `head`, which health checks call, needs no Alembic.
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
"""Key of the advisory lock that migrations take."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A missing revision: its number and what it does."""

    revision: str
    what: str

    def __str__(self) -> str:
        return f"{self.revision} {self.what}"


def head() -> str:
    """The revision that this release needs."""
    return max(file.name.partition("_")[0] for file in (FOLDER / "versions").glob("[0-9]*.py"))


def current(engine: Engine) -> str | None:
    """The database's revision; None if it has no schema yet. Raises StoreUnavailable."""
    with engine.connect() as connection:
        return _current(connection)


def pending(engine: Engine) -> list[Step]:
    """The missing revisions, oldest first. Raises StoreUnavailable."""
    return _missing(current(engine))


def upgrade(
    engine: Engine, progress: Callable[[Step], None] | None = None, *, to: str | None = None
) -> list[Step]:
    """Upgrade the schema to `to`, by default `head`. Returns the steps that were applied.

    Each revision is a transaction of its own; `progress` is called after each. An advisory lock
    allows one upgrade at a time: a second one waits, and then finds nothing to do. A transaction on
    a separate connection holds the lock, since a pooler in transaction mode does not keep sessions.
    Raises StoreUnavailable, also if the other upgrade takes longer than PATIENT_TIMEOUT_S.
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
    """Poll for the lock, without waiting for it inside a transaction: CREATE INDEX CONCURRENTLY
    waits for the end of all older transactions, which would be a deadlock."""
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
        Step(revision=script.revision, what=script.doc.partition("\n")[0].rstrip("."))
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
