"""Makes an embedded database out of the folder of a standby.

The base backup and the WAL are copied into the home first, so the folder is only read. The database
gets its place once it has replayed everything and takes writes on a timeline of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shlex import quote

from neuroplay.infra.db.dump_programs import BackupFailed
from neuroplay.infra.embedded import folders
from neuroplay.infra.embedded.accounts import Account
from neuroplay.infra.embedded.binaries import POSTGRES_MAJOR
from neuroplay.infra.embedded.postgres import OWNER, EmbeddedPostgres
from neuroplay.infra.standby import manifest, plan, wal_files
from neuroplay.infra.standby.folder import Series, StandbyFolder
from neuroplay.infra.supervision.errors import CannotStart

RECOVERY_PATIENCE_S = 24 * 3600.0
"""As long as PostgreSQL works on it; a process that ended is noticed at once."""

USE_AN_EARLIER_ONE = "Use an earlier one: add --to TIME, or restore a backup file"

TOO_LATE = "recovery ended before configured recovery target was reached"
"""What PostgreSQL logs if the WAL ends before the point in time."""

DATA, WAL = "data.new-restoring", "data.new-wal"
"""Folders of a restore in progress. `serve` removes what a killed one left of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What a restore takes: `bases`, the full one first, then WAL from `first_wal` on. `gap_after`
    is the last WAL file before one that is missing; None if none is."""

    series: Series
    bases: list[plan.Base]
    wal: list[str]
    gap_after: str | None
    bytes: int


class Recovering(EmbeddedPostgres):
    """The database while it replays, in a folder of its own. It takes nobody's connection until it
    has reached the end."""

    def __init__(self, home: Path, runtime_dir: Path) -> None:
        super().__init__(home, runtime_dir)
        self.data = home / "postgres" / DATA

    def initdb(self) -> None:
        """There is a cluster already."""

    def command(self) -> tuple[str, ...]:
        return (*super().command(), "--hot_standby=off", "--synchronous_standby_names=")


def find_source(folder: StandbyFolder, to: datetime | None) -> Source:
    """What to restore: the newest, or as it was at `to`. Raises CannotStart, OSError."""
    if folder.system is None:
        raise CannotStart(
            f"{folder.path} is not the folder of a standby",
            hint="Give the folder that NEUROPLAY_WAL_DIR named",
        )
    every = [(series, base) for series in folder.series() for base in series.bases()]
    base = plan.base_for([base for _, base in every], to)
    if base is None:
        oldest = every[0][1].ended.isoformat(timespec="seconds") if every else ""
        raise CannotStart(
            f"{folder.path} goes back to {oldest} only"
            if every
            else f"{folder.path} has no complete base backup",
            hint="Restore a backup instead: neuroplay db restore FILE",
        )
    series = next(one for one, its in every if its is base)
    names = series.wal_names()
    chain = plan.chain(series.bases(), base)
    wal = wal_files.from_file(names, base.start_wal)
    return Source(
        series=series,
        bases=chain,
        wal=wal,
        gap_after=wal_files.gap_after(_complete_names(names), base.start_wal),
        bytes=sum(one.bytes for one in chain) + len(wal) * wal_files.FILE_BYTES,
    )


def check_version(source: Source) -> None:
    """Raise CannotStart if the base backup is of another PostgreSQL than the embedded one."""
    base = source.series.base / source.bases[0].name
    found = (base / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != str(POSTGRES_MAJOR):
        raise CannotStart(
            f"{base} is of PostgreSQL {found}, and the embedded one is {POSTGRES_MAJOR}",
            hint=f"Restore it with PostgreSQL {found}: see docs/recovery.md",
        )


def recover(
    source: Source,
    home: Path,
    runtime_dir: Path,
    *,
    to: datetime | None,
    say: Callable[[str], None],
) -> Path | None:
    """Make `home`'s database out of `source`. The one that is there gets another name in the end,
    which is returned. The caller holds the home's lock. Raises CannotStart, OSError; then nothing
    has changed."""
    server = Recovering(home, runtime_dir)
    wal = home / "postgres" / WAL
    for left in (server.data, wal):
        shutil.rmtree(left, ignore_errors=True)
    folders.need_space(home, 2 * source.bytes)
    try:
        say("Checking the base backup")
        _verify(source)
        say("Copying the base backup")
        wal.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        _combine(server, source)
        say("Copying what was written since")
        _copy_wal(source, wal)
        _write_recovery(server.data, wal, to)
        _give_to(server.account, server.data, wal)
        say("Replaying what was written since")
        _replay(server, to)
        return _put_in_place(server.data, home / "postgres" / "data")
    finally:
        for left in (server.data, wal):
            shutil.rmtree(left, ignore_errors=True)


def _put_in_place(new: Path, data: Path) -> Path | None:
    aside = None
    if data.exists():
        aside = data.with_name(f"data.before-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
        data.rename(aside)
    new.rename(data)
    return aside


def _complete_names(names: list[str]) -> list[str]:
    return [name.removesuffix(wal_files.PARTIAL) for name in names]


def _verify(source: Source) -> None:
    try:
        for one in source.bases:
            manifest.verify(source.series.base / one.name)
    except BackupFailed as error:
        raise CannotStart(error.message, hint=USE_AN_EARLIER_ONE) from None


def _combine(server: EmbeddedPostgres, source: Source) -> None:
    bases = [str(source.series.base / one.name) for one in source.bases]
    argv = [str(server.bin / "pg_combinebackup"), *bases, "--output", str(server.data)]
    done = subprocess.run(
        argv,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env={**os.environ, "LC_ALL": "C"},
        umask=0o077,
    )
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if "error: " in line]
        why = said[0].partition("error: ")[2] if said else f"exit status {done.returncode}"
        raise CannotStart(
            f"the base backup {source.bases[-1].name} cannot be restored: {why}",
            hint=USE_AN_EARLIER_ONE,
        )


def _copy_wal(source: Source, target: Path) -> None:
    """Copy the WAL. The last file is padded to its size, where the disk was full."""
    target.mkdir(mode=0o700)
    names = [*source.wal, *filter(wal_files.is_history, source.series.wal_names())]
    for name in names:
        copy = target / name.removesuffix(wal_files.PARTIAL)
        if name.endswith(wal_files.PARTIAL) and copy.exists():
            continue
        shutil.copyfile(source.series.wal / name, copy)
        if wal_files.is_wal(name):
            os.truncate(copy, wal_files.FILE_BYTES)


def _write_recovery(data: Path, wal: Path, to: datetime | None) -> None:
    settings = {"restore_command": f"cp {quote(str(wal))}/%f %p"}
    if to is not None:
        settings |= {
            "recovery_target_time": to.isoformat(),
            "recovery_target_action": "promote",
        }
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        for name, value in settings.items():
            escaped = value.replace("'", "''")
            file.write(f"{name} = '{escaped}'\n")
    (data / "recovery.signal").touch(mode=0o600)


def _give_to(account: Account, *places: Path) -> None:
    if not account.other:
        return
    for place in places:
        for where, below, files in os.walk(place):
            for name in (".", *below, *files):
                os.chown(os.path.join(where, name), account.uid, account.gid, follow_symlinks=False)


def _replay(server: Recovering, to: datetime | None) -> None:
    """Run the server until it has replayed everything and takes writes, then end it."""
    import psycopg2

    try:
        with server.running(patience_s=RECOVERY_PATIENCE_S):
            connection = psycopg2.connect(host=str(server.socket_dir), user=OWNER, dbname=OWNER)
            try:
                connection.autocommit = True
                with connection.cursor() as cursor:
                    for name in ("restore_command", "recovery_target_time"):
                        cursor.execute(f"ALTER SYSTEM RESET {name}")
                    cursor.execute("ALTER SYSTEM RESET recovery_target_action")
                    cursor.execute("CHECKPOINT")
            finally:
                connection.close()
    except CannotStart:
        log = server.log.read_text(encoding="utf-8", errors="replace").splitlines()
        if to is None or not any(TOO_LATE in line for line in log[-20:]):
            raise
        raise CannotStart(
            f"nothing was written after {to.isoformat(timespec='seconds')}",
            hint="Leave --to out to restore everything",
        ) from None
