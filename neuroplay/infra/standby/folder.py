"""The folder of a standby.

    neuroplay-standby.json      which database it belongs to; locked by who keeps it
    secret-marks.json           which secret it needed, and from when on
    series-20261128T103000Z/    what can be restored without a gap; the newest is in use
        series.json             its timeline
        wal/                    written by pg_receivewal
        base/                   NAME is a base backup, NAME.json says that it is complete

A new series begins where PostgreSQL no longer has what the last one needs to go on.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import stat
import struct
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from neuroplay.disk import nearest_existing
from neuroplay.infra.standby import wal_files
from neuroplay.infra.standby.plan import Base
from neuroplay.infra.supervision.errors import CannotStart
from neuroplay.whole_files import whole_file

MARKER = "neuroplay-standby.json"
SERIES = "series-"
MOMENT = "%Y%m%dT%H%M%SZ"
NEW = ".new"
OURS_TO_IGNORE = ("lost+found", ".Trash-")
"""What a fresh file system has by itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """`timeline` is the one of the database at its beginning."""

    path: Path
    timeline: int

    @property
    def wal(self) -> Path:
        return self.path / "wal"

    @property
    def base(self) -> Path:
        return self.path / "base"

    def remove_unfilled(self) -> None:
        """Remove files that pg_receivewal had no room to make. It fills a new file with zeros
        before it writes to it, and refuses to go on in one that is shorter. Raises OSError."""
        for file in self.wal.glob(f"*{wal_files.PARTIAL}"):
            if 0 < file.stat().st_size < wal_files.FILE_BYTES and not any(file.read_bytes()):
                file.unlink()

    def bases(self) -> list[Base]:
        """The complete base backups, oldest first. Raises OSError, ValueError."""
        found = [_read_base(file) for file in sorted(self.base.glob("*.json"))]
        return sorted((one for one in found if (self.base / one.name).is_dir()), key=_ended)

    def record(self, base: Base) -> None:
        """Say that a base backup is complete."""
        text = json.dumps({**asdict(base), "began": _text(base.began), "ended": _text(base.ended)})
        with whole_file(self.base / f"{base.name}.json") as file:
            file.write(text.encode())

    def remove(self, base: Base) -> None:
        (self.base / f"{base.name}.json").unlink(missing_ok=True)
        shutil.rmtree(self.base / base.name)

    def wal_names(self) -> list[str]:
        return os.listdir(self.wal)


class StandbyFolder:
    """The folder at `path`. Raises CannotStart with a reason for people, and OSError."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def system(self) -> str | None:
        """The identifier of the database that it belongs to; None if it is no standby's."""
        try:
            return str(json.loads((self.path / MARKER).read_text(encoding="utf-8"))["system"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            raise CannotStart(
                f"{self.path / MARKER} cannot be read",
                hint="Restore it, or set NEUROPLAY_WAL_DIR to an empty folder",
            ) from None

    def check(self, system: str | None) -> None:
        """Raise CannotStart if the database `system` (None: one that does not exist yet) cannot be
        copied here. Creates the folder, if its parent exists."""
        try:
            self.path.mkdir(mode=0o700, exist_ok=True)
            probe = self.path / f".write-{os.getpid()}"
            probe.touch()
            probe.unlink()
            names = [n for n in os.listdir(self.path) if not n.startswith(OURS_TO_IGNORE)]
        except OSError as error:
            raise unusable(self.path, error) from None
        found = self.system
        if found is None:
            if names:
                raise CannotStart(
                    f"the standby's folder {self.path} contains other files ({min(names)})",
                    hint="Set NEUROPLAY_WAL_DIR to an empty folder",
                )
        elif found != system:
            raise CannotStart(
                f"the standby's folder {self.path} belongs to another database ({found}, and this "
                f"is {system or 'a new one'})",
                hint="Restore that one, or set NEUROPLAY_WAL_DIR to an empty folder",
            )

    def claim(self, system: str) -> int:
        """Mark it as the database's and lock it; returns the descriptor of the lock."""
        self.check(system)
        marker = self.path / MARKER
        if not marker.exists():
            with whole_file(marker) as file:
                file.write(json.dumps({"system": system, "format": 1}).encode())
        return self.lock()

    def lock(self) -> int:
        """Raises CannotStart if another process has it."""
        held = os.open(self.path / MARKER, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
            raise CannotStart(
                f"another process keeps the standby in {self.path}",
                hint="Stop that NeuroPlay first: neuroplay stop",
            ) from None
        except OSError as error:
            if error.errno not in (errno.ENOTSUP, errno.ENOLCK):
                raise
        return held

    def series(self) -> list[Series]:
        """Oldest first."""
        found = []
        for path in sorted(self.path.glob(f"{SERIES}*")):
            with suppress(FileNotFoundError):  # it was begun, and interrupted
                document = json.loads((path / "series.json").read_text(encoding="utf-8"))
                found.append(Series(path=path, timeline=int(document["timeline"])))
        return found

    def begin_series(self, now: datetime, timeline: int) -> Series:
        path = self.path / f"{SERIES}{now.strftime(MOMENT)}"
        series = Series(path=path, timeline=timeline)
        for folder in (path, series.wal, series.base):
            folder.mkdir(mode=0o700, exist_ok=True)
        with whole_file(path / "series.json") as file:
            file.write(json.dumps({"timeline": timeline}).encode())
        return series

    def prune(self, wanted: list[Base]) -> list[str]:
        """Remove what is older than the base backups `wanted`: others, the WAL that only they
        need, and series without any. Returns the names of what was removed, but for WAL."""
        names = {base.name for base in wanted}
        removed = []
        *earlier, current = self.series()
        for series in (*earlier, current):
            bases = series.bases()
            left = [base for base in bases if base.name in names]
            if not left and series is not current:
                shutil.rmtree(series.path)
                removed.append(series.path.name)
                continue
            for base in bases:
                if base not in left:
                    series.remove(base)
                    removed.append(base.name)
            for partial in series.base.glob(f"{NEW}*"):
                shutil.rmtree(partial, ignore_errors=True)
            if left:
                first = min((one.start_wal for one in left), key=wal_files.number_of)
                for name in wal_files.before(series.wal_names(), first):
                    (series.wal / name).unlink()
        return removed


def unusable(path: Path, error: OSError) -> CannotStart:
    why = (error.strerror or str(error)).lower()
    hint = "Correct its owner and permissions, or set NEUROPLAY_WAL_DIR to another folder"
    if isinstance(error, FileNotFoundError):
        why, hint = f"{path.parent} does not exist", "Is the disk mounted?"
    return CannotStart(f"the standby's folder {path} cannot be written to: {why}", hint=hint)


def system_of(data: Path) -> str | None:
    """The system identifier of a cluster; None if there is no cluster in the folder `data`."""
    try:
        content = (data / "global" / "pg_control").read_bytes()[:8]
    except OSError:
        return None
    return str(struct.unpack("=Q", content)[0])


def same_disk(path: Path, other: Path) -> bool:
    """Whether two folders, which need not exist, are on one file system."""
    return _device(path) == _device(other)


def _device(path: Path) -> int:
    return os.stat(nearest_existing(path)).st_dev


def size_of(folder: Path) -> int:
    """The bytes of all files below."""
    total = 0
    for where, _, files in os.walk(folder):
        for name in files:
            found = os.lstat(os.path.join(where, name))
            total += found.st_size if stat.S_ISREG(found.st_mode) else 0
    return total


def _read_base(file: Path) -> Base:
    read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    moments = {name: datetime.fromisoformat(read[name]) for name in ("began", "ended")}
    return Base(**{**read, **moments})


def _text(moment: datetime) -> str:
    return moment.isoformat()


def _ended(base: Base) -> datetime:
    return base.ended
