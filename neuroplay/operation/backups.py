"""Access to the database for backups and restores."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from neuroplay.infra import erasures
from neuroplay.infra.db import upkeep
from neuroplay.infra.db.backup import (
    Contents,
    Head,
    Written,
    back_up,
    check_archive,
    checksum_file,
    checksum_holds,
    contents,
    holds_tables,
    one_at_a_time,
    others,
    restore,
)
from neuroplay.infra.db.backup_folder import backups_in, new_in, remove_old
from neuroplay.infra.db.backup_reading import ReadBackup, head_of, read_through
from neuroplay.infra.db.coverage import begin_epoch
from neuroplay.infra.db.dump_programs import BackupFailed
from neuroplay.infra.db.erasing import returned
from neuroplay.infra.db.sealing import is_sealed, recipients_of, unsealed
from neuroplay.infra.supervision.errors import CannotStart
from neuroplay.operation.running import check_same_database

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container
    from neuroplay.config import Settings
    from neuroplay.core.entities.erasure import Erasure

__all__ = [
    "BackupFailed",
    "Contents",
    "Head",
    "ReadBackup",
    "alone",
    "back_up",
    "backups_in",
    "begin_epoch",
    "check_archive",
    "checksum_file",
    "checksum_holds",
    "contents",
    "copy_erasures",
    "erasures_for",
    "head_of",
    "holds_tables",
    "is_sealed",
    "keep_erasures",
    "new_in",
    "note_backup",
    "one_at_a_time",
    "read_through",
    "readable",
    "recipients_of",
    "remove_old",
    "restore",
    "returned",
    "unsealed",
]


@contextmanager
def readable(settings: Settings) -> Iterator[Container]:
    """A container on the database. An embedded one that does not run is started for this block.
    Raises CannotStart."""
    from neuroplay.infra.supervision import lock

    check_same_database(settings)
    if settings.embedded_database and lock.holder(settings.home) is None:
        if not (settings.home / "postgres" / "data").exists():
            raise CannotStart(
                f"there is no database in {settings.home}", hint="Check NEUROPLAY_HOME"
            )
        with _embedded(settings) as container:
            yield container
    else:
        with _container(settings) as container:
            yield container


@contextmanager
def alone(settings: Settings) -> Iterator[Container]:
    """A container on a database that no other process of NeuroPlay uses; an embedded one is created
    if there is none. Raises CannotStart if NeuroPlay runs.

    A restore would delete the sessions that the API accepts meanwhile, and the tablets have deleted
    them after their receipts. The embedded database's home is locked; an external database is
    checked for open connections.
    """
    from neuroplay.infra.supervision import lock

    check_same_database(settings)
    if settings.embedded_database:
        if lock.holder(settings.home) is not None:
            raise CannotStart(
                f"NeuroPlay is running (home: {settings.home}), and a restore would lose games",
                hint="Run: neuroplay stop",
            )
        with _embedded(settings) as container:
            yield container
        return
    with _container(settings) as container:
        if found := others(container.engine):
            raise CannotStart(
                f"NeuroPlay still uses this database (open connections: {found}), and a restore "
                "would lose games",
                hint="Stop it on every machine: neuroplay stop",
            )
        yield container


def copy_erasures(settings: Settings, folder: Path) -> Path:
    """Put the erasure ledger beside the backups in a folder, where erasures are recorded from now
    on, too. Returns the copy. Raises LedgerFailed, OSError."""
    copy = folder / erasures.NAME
    erasures.complete(copy, erasures.read(settings.erasure_ledger) or ())
    erasures.share(copy, settings.erasure_ledger)
    erasures.remember_folder(settings.home, folder)
    return copy


def note_backup(container: Container, written: Written, *, who: str) -> None:
    """Record in the database that it has just been backed up. Raises StoreUnavailable."""
    upkeep.note(container.engine, "backup", who=who, details={"bytes": written.size_bytes})


def erasures_for(settings: Settings, file: Path) -> list[Erasure] | None:
    """Who must not come back with a backup: of the ledger and the copy beside the file, or in the
    standby's folder, in the order of erasing. None if there is neither. Raises LedgerFailed."""
    folder = file if file.is_dir() else file.parent
    found = [
        ledger
        for place in (settings.erasure_ledger, folder / erasures.NAME)
        if (ledger := erasures.read(place)) is not None
    ]
    if not found:
        return None
    return sorted({one for ledger in found for one in ledger}, key=lambda one: one.erased_at)


def keep_erasures(settings: Settings, known: Sequence[Erasure]) -> None:
    """Have the installation's own ledger know these, too. Raises LedgerFailed."""
    erasures.complete(settings.erasure_ledger, known)


@contextmanager
def _embedded(settings: Settings) -> Iterator[Container]:
    from neuroplay.infra.embedded import folders
    from neuroplay.infra.embedded.postgres import EmbeddedPostgres
    from neuroplay.infra.supervision import lock
    from neuroplay.operation.serving.launch import end_everything

    with ExitStack() as stack:
        folders.check_owner(settings.home)
        folders.make_home(settings.home)
        stack.callback(os.close, lock.take(settings.home))
        end_everything(settings.home, settings.runtime_dir)
        stack.enter_context(EmbeddedPostgres(settings.home, settings.runtime_dir).running())
        yield stack.enter_context(_container(settings))


def _container(settings: Settings) -> closing[Container]:
    from neuroplay.bootstrap import build

    return closing(build(settings))
