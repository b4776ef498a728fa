"""The erasure ledger: a file outside of the database that says who was erased.

A backup still has the children who were erased after it was made, and lets adults in whose
accounts have ended since. `db restore` erases and ends them again by this file. A line is
`student 12 CREATED ERASED`: ids and times, nothing by which anybody could tell who it was. Lines
are only ever appended. A line that a crash cut off was never
committed, so it is skipped.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, get_args

from neuroplay.core.entities.erasure import Erased, Erasure
from neuroplay.core.errors import SettingsError
from neuroplay.whole_files import sync_file, sync_folder, whole_file

NAME = "erasures.txt"

MOST_BYTES = 64 << 20
"""Of a ledger: some 800,000 students. More is another file, or a loop that appends."""

_HEADER = "# Who was erased, so that `neuroplay db restore` brings nobody back. Keep this file.\n"

_KINDS: dict[str, Erased] = {kind: kind for kind in get_args(Erased)}

_CUT_OFF = " (cut off)"

_BESIDE = "backups-in"
"""A file in the home that names the folder of the last backup, where a copy of the ledger is."""


class LedgerFailed(SettingsError):  # noqa: N818 - it names what happened
    """The erasure ledger could not be read or written."""

    code = "ledger_failed"


def recorder(file: Path, home: Path) -> Callable[[Sequence[Erasure]], None]:
    """Appends erasures to `file`, and to its copy beside the last backup of `home`.

    If the home's disk burns, the copy is what is left. It may be away, on another machine's disk;
    then the next backup to that folder completes it.
    """

    def record(erasures: Sequence[Erasure]) -> None:
        append(file, erasures)
        beside = last_folder(home)
        if beside is not None and beside.is_dir():
            with suppress(LedgerFailed):
                append(beside / NAME, erasures)

    return record


def append(file: Path, erasures: Iterable[Erasure]) -> None:
    """Append to a ledger, which is created if there is none. All is on disk when this returns.
    Raises LedgerFailed."""
    lines = "".join(map(_line, erasures))
    with _explained(file, "written", "Nothing was erased"):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _opened(file) as ledger:
            size = os.fstat(ledger.fileno()).st_size
            if size + len(lines) > MOST_BYTES:
                raise LedgerFailed(
                    f"the erasure ledger {file} is larger than {MOST_BYTES >> 20} MiB",
                    hint="Remove the lines that are older than your oldest backup",
                )
            ledger.write((_start(ledger, size) + lines).encode())
            sync_file(ledger)
        sync_folder(file.parent)


def make_room(file: Path) -> None:
    """Create the file of a ledger, without a line, where its account may not create files: root's
    home. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    os.close(os.open(file, flags, 0o600))


def complete(file: Path, erasures: Iterable[Erasure]) -> None:
    """Append what a ledger lacks of `erasures`. Raises LedgerFailed."""
    known = set(read(file) or ())
    append(file, [one for one in erasures if one not in known])


def read(file: Path) -> list[Erasure] | None:
    """The erasures of a ledger; None if there is none: no file, or one that nobody has written.
    Raises LedgerFailed."""
    with _explained(file, "read", ""):
        try:
            with file.open("rb") as opened:
                content = opened.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return None
        if len(content) > MOST_BYTES:
            raise LedgerFailed(f"{file} is larger than {MOST_BYTES >> 20} MiB")
    if not content:
        return None
    lines = content.decode(errors="replace").split("\n")
    return [
        _erasure(line, file, number)
        for number, line in enumerate(lines[:-1], start=1)  # the last is empty, or was cut off
        if line and not line.startswith("#") and not line.endswith(_CUT_OFF)
    ]


def share(file: Path, ledger: Path) -> None:
    """Let whoever writes a ledger write its copy, too: where root serves and backs up, that is
    another account. A disk that knows no owners lets everybody write, or nobody."""
    if os.geteuid() == 0 and ledger.exists():
        owner = ledger.stat()
        with suppress(OSError):
            os.chown(file, owner.st_uid, owner.st_gid)


def remember_folder(home: Path, folder: Path) -> None:
    """Note where the last backup of `home` is. Raises OSError."""
    if not home.is_dir():  # a shell without a home of its own, which asks somebody else's database
        return
    place = home / _BESIDE
    with whole_file(place) as file:
        file.write(os.fsencode(folder.absolute()))
    _give_to_owner_of(home, place)


def last_folder(home: Path) -> Path | None:
    """Where the last backup of `home` was written; None if unknown."""
    try:
        return Path(os.fsdecode((home / _BESIDE).read_bytes()))
    except OSError:
        return None


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    """A ledger to append to, locked, readable by its owner only."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    with os.fdopen(os.open(file, flags, 0o600), "a+b") as opened:
        with suppress(OSError):  # not supported by every file system
            fcntl.flock(opened, fcntl.LOCK_EX)
        _give_to_owner_of(file.parent, file)
        yield opened


def _start(ledger: IO[bytes], size: int) -> str:
    """What comes before new lines: the header of a new file, or the end of a line cut off."""
    if size == 0:
        return _HEADER
    ledger.seek(-1, os.SEEK_END)
    return "" if ledger.read(1) == b"\n" else f"{_CUT_OFF}\n"


def _give_to_owner_of(folder: Path, file: Path) -> None:
    """Root writes for the folder's owner, who writes there later. A file that is somebody's stays
    theirs: in a home that root serves, the ledger is its account's and the folder is root's."""
    if os.geteuid() == 0 and file.stat().st_uid == 0:
        owner = folder.stat()
        os.chown(file, owner.st_uid, owner.st_gid)


def _line(one: Erasure) -> str:
    return f"{one.kind} {one.number} {one.created_at.isoformat()} {one.erased_at.isoformat()}\n"


def _erasure(line: str, file: Path, number: int) -> Erasure:
    words = line.split(" ")
    try:
        kind, own, created, erased = words
        return Erasure(
            kind=_KINDS[kind],
            number=int(own),
            created_at=_aware(created),
            erased_at=_aware(erased),
        )
    except (ValueError, KeyError):
        raise LedgerFailed(
            f"line {number} of the erasure ledger {file} is damaged",
            hint="Take the line from a copy of the ledger, or remove it if there is none",
        ) from None


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


@contextmanager
def _explained(file: Path, what: str, hint: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LedgerFailed(
            f"the erasure ledger {file} cannot be {what}: {(error.strerror or str(error)).lower()}",
            hint=hint,
        ) from None
