"""Keeps the standby of a database: python -m neuroplay.operation.standby

`serve` runs it where NEUROPLAY_WAL_DIR is set; `neuroplay db standby` does so for a database of
DATABASE_URL.
"""

from __future__ import annotations

import signal
import sys
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from neuroplay.infra import erasures
from neuroplay.infra.monitoring.logging import configure_logging, get_logger, log_crashes
from neuroplay.infra.standby.folder import StandbyFolder, same_disk, system_of
from neuroplay.infra.standby.status import Status, read_status, write_status
from neuroplay.infra.supervision.errors import CannotStart

if TYPE_CHECKING:
    from neuroplay.config import Settings
    from neuroplay.infra.embedded.accounts import Account
    from neuroplay.infra.standby.plan import Base

__all__ = ["begin", "check_folder", "keep", "read_status", "same_disk_warning"]

log = get_logger(__name__)


def begin(settings: Settings) -> None:
    """Log as a program of its own from now on."""
    configure_logging(settings.log_level)
    log_crashes("standby")


def keep(settings: Settings, folder: Path) -> None:
    """Keep the standby in `folder` until SIGTERM or SIGINT. Raises CannotStart, SettingsError."""
    from neuroplay.bootstrap import build
    from neuroplay.infra.embedded.binaries import postgres_bin
    from neuroplay.infra.embedded.postgres import EmbeddedPostgres
    from neuroplay.infra.standby.keeper import Keeper
    from neuroplay.infra.standby.primary import Primary
    from neuroplay.infra.standby.programs import Programs

    embedded = EmbeddedPostgres(settings.home, settings.runtime_dir)
    bin_folder = embedded.bin if settings.embedded_database else postgres_bin()
    with closing(build(settings, patient=True)) as container:
        keeper = Keeper(
            StandbyFolder(folder),
            Primary(container.engine),
            Programs(bin_folder, container.engine),
            _Reports(settings, folder),
            keep=settings.wal_keep,
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: keeper.stop())
        keeper.run()


class _Reports:
    """Log lines, and the status file. A reason is logged once, until it changes."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._home, self._folder = settings.home, folder
        self._ledger = settings.erasure_ledger
        self._ledger_error = ""
        home = settings.home
        before = read_status(home)
        same = before is not None and before.folder == str(folder)
        base_at = before.base_at if before is not None and same else None
        self._status = Status(folder=str(folder), base_at=base_at)

    def receives(self, series: str, newest: Base | None) -> None:
        log.info("receiving changes", series=series)
        base_at = None if newest is None else newest.ended.isoformat()
        self._set(replace(self._status, error="", base_at=base_at))

    def cannot_receive(self, why: str) -> None:
        if why != self._status.error:
            log.error("the standby receives nothing", reason=why)
        self._set(replace(self._status, error=why))

    def made(self, base: Base, removed: list[str]) -> None:
        log.info("base backup made", name=base.name, bytes=base.bytes, removed=removed)
        self._set(replace(self._status, base_error="", base_at=base.ended.isoformat()))

    def cannot_make_base(self, why: str) -> None:
        if why != self._status.base_error:
            log.error("the standby has no new base backup", reason=why)
        self._set(replace(self._status, base_error=why))

    def looks(self) -> None:
        """Keeps a copy of the erasure ledger: a restore to a point in time needs it."""
        why = ""
        try:
            erasures.complete(self._folder / erasures.NAME, erasures.read(self._ledger) or ())
        except (erasures.LedgerFailed, OSError) as error:
            why = str(error)
        if why and why != self._ledger_error:
            log.error("the erasure ledger is not copied to the standby", reason=why)
        self._ledger_error = why

    def _set(self, status: Status) -> None:
        if status != self._status or read_status(self._home) is None:
            self._status = status
            with suppress(OSError):  # the home's disk is full, which other checks report
                write_status(self._home, status)


def check_folder(settings: Settings, account: Account) -> str:
    """Raise CannotStart if NEUROPLAY_WAL_DIR cannot be the standby of this home's database. As
    root, gives the folder to `account`. Returns a warning, or ''.

    A folder that this home has used before and that cannot be reached now is a warning: a broken
    disk must not keep children from playing.
    """
    folder = settings.wal_dir
    if folder is None:
        return ""
    if not settings.embedded_database:
        raise CannotStart(
            "NEUROPLAY_WAL_DIR is for the embedded database, and DATABASE_URL is set",
            hint="Unset it, and on another host run: neuroplay db standby FOLDER",
        )
    standby = StandbyFolder(folder)
    try:
        standby.check(system_of(settings.home / "postgres" / "data"))
        if account.other:
            _give(account, folder)
    except (CannotStart, OSError) as error:
        used = read_status(settings.home)
        reachable = _is_reachable(standby)
        if reachable or used is None or used.folder != str(folder):
            raise
        why = error.message if isinstance(error, CannotStart) else str(error.strerror).lower()
        return f"There is no copy of new games: {why}"
    return same_disk_warning(settings)


def _is_reachable(standby: StandbyFolder) -> bool:
    """Whether something in the folder is why it is refused, rather than its disk."""
    try:
        return bool(standby.system) or any(standby.path.iterdir())
    except CannotStart:
        return True
    except OSError:
        return False


def _give(account: Account, folder: Path) -> None:
    """As root: let `account` write in a folder of root's that is empty or a standby's."""
    from neuroplay.infra.embedded import folders

    if folder.stat().st_uid == 0:
        folders.make_private(folder, account)


def same_disk_warning(settings: Settings) -> str:
    """A warning if the standby is on the disk of the database, else ''."""
    folder = settings.wal_dir
    if folder is None or not same_disk(folder, settings.home / "postgres"):
        return ""
    return (
        f"The standby {folder} is on the disk of {settings.home}, and would be lost with it. Set "
        "NEUROPLAY_WAL_DIR to a folder on another disk"
    )


def main() -> int:
    """Returns the exit code."""
    from neuroplay.config import load_settings
    from neuroplay.core.errors import SettingsError

    settings = load_settings()
    folder = settings.wal_dir
    assert folder is not None  # noqa: S101 - `serve` runs this only with one
    begin(settings)
    try:
        keep(settings, folder)
    except SettingsError as error:
        _Reports(settings, folder).cannot_receive(error.message)
        log.error("the standby cannot be kept", error=error.message)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
