"""Files that are there whole or not at all, and that only their owner can read; texts that are
read whole."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

PART = ".part"

LARGEST_TEXT = 64 << 20
"""Bytes of a text that a command takes whole into memory."""


@contextmanager
def whole_file(target: Path) -> Iterator[IO[bytes]]:
    """Write `target`: it appears, over what was there, when the block ends and all is on disk.

    Where the block or the disk fails, or the process is killed, what was there is as it was. What
    is no file, as /dev/stdout or a pipe, is written straight. Raises OSError.
    """
    if _is_a_device(target):
        with target.open("wb") as stream:
            yield stream
        return
    place = Path(os.path.realpath(target))  # a link stays one
    part = part_of(place)
    try:
        with private(part) as file:
            yield file
            settle(file)
        publish(part, place)
    finally:
        part.unlink(missing_ok=True)


def part_of(place: Path) -> Path:
    """A name beside `place` that is nobody else's."""
    return place.with_name(f".{place.name[:200]}.{secrets.token_hex(6)}{PART}")


@contextmanager
def private(path: Path) -> Iterator[IO[bytes]]:
    """A new file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file


def settle(file: IO[bytes]) -> None:
    """Return when all that was written is on disk."""
    file.flush()
    os.fsync(file.fileno())


def publish(part: Path, place: Path) -> None:
    """Give a settled file its name, for good."""
    if place.is_dir():
        raise IsADirectoryError(21, "Is a directory", str(place))
    part.rename(place)
    sync_folder(place.parent)


def sync_folder(folder: Path) -> None:
    with suppress(OSError):  # not every file system can
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """One at a time among those who lock this folder; waits. Where the file system knows no
    locks, nothing is locked. Raises OSError where there is no such folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def read_whole(file: Path, most: int = LARGEST_TEXT) -> str:
    """The text of a file that has an end: a device such as /dev/zero has none.

    Raises OSError, also where it is longer than `most` bytes; ValueError where it is no UTF-8.
    """
    with file.open("rb") as opened:
        content = opened.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most >> 20} MiB", str(file))
    return content.decode()


def _is_a_device(target: Path) -> bool:
    try:
        mode = target.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
