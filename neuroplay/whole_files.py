"""Atomic writes of files that only their owner can read, and bounded reads."""

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
"""Bytes of a text that a command reads into memory."""


@contextmanager
def whole_file(target: Path) -> Iterator[IO[bytes]]:
    """Write `target` atomically: it is replaced once the block has ended and all is on disk.

    If the block or the disk fails, or the process is killed, the previous file is unchanged.
    Anything but a file, such as /dev/stdout or a pipe, is written directly. Raises OSError.
    """
    if _is_a_device(target):
        with target.open("wb") as stream:
            yield stream
        return
    place = Path(os.path.realpath(target))  # a link stays a link
    part = part_of(place)
    try:
        with private(part) as file:
            yield file
            sync_file(file)
        publish(part, place)
    finally:
        part.unlink(missing_ok=True)


def part_of(place: Path) -> Path:
    """A unique name for a partial file in the folder of `place`."""
    return place.with_name(f".{place.name[:200]}.{secrets.token_hex(6)}{PART}")


@contextmanager
def private(path: Path) -> Iterator[IO[bytes]]:
    """Create a file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file


def sync_file(file: IO[bytes]) -> None:
    """Wait until everything written is on disk."""
    file.flush()
    os.fsync(file.fileno())


def publish(part: Path, place: Path) -> None:
    """Rename a file that is on disk to its final name, and wait until that is on disk, too."""
    if place.is_dir():
        raise IsADirectoryError(21, "Is a directory", str(place))
    part.rename(place)
    sync_folder(place.parent)


def sync_folder(folder: Path) -> None:
    with suppress(OSError):  # not supported by every file system
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold an exclusive lock on a folder; waits for it. Without effect if the file system does not
    support locks. Raises OSError if the folder does not exist."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def read_whole(file: Path, most: int = LARGEST_TEXT) -> str:
    """The text of a file of at most `most` bytes; a device such as /dev/zero has no end.

    Raises OSError, also if it is longer, and ValueError if it is not UTF-8.
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
