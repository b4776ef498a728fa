"""Files that commands write for people: whole or not at all, readable by their owner alone."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.errors import cannot
from neuroplay.infra.whole_files import whole_file

LARGEST_TEXT = 64 << 20
"""Bytes of a text that a command takes whole into memory."""


def write_private(target: Path, data: bytes) -> None:
    """Write a file that only its owner can read, over one that was there.

    Raises CommandError with exit code 3 where it cannot be written; then nothing was changed.
    """
    with _told(target), whole_file(target) as file:
        file.write(data)


@contextmanager
def private_lines(target: Path) -> Iterator[Callable[[str], None]]:
    """Write lines to a file that only its owner can read and that is there only when whole.

    Raises CommandError with exit code 3 where it cannot be written.
    """
    with _told(target), whole_file(target) as file:
        yield lambda line: _write(file.write, line)


def _write(write: Callable[[bytes], int], line: str) -> None:
    write(f"{line}\n".encode())


def read_whole(file: Path, most: int = LARGEST_TEXT) -> str:
    """The text of a file that has an end: a device such as /dev/zero has none.

    Raises OSError, also where it is longer than `most` bytes; ValueError where it is no UTF-8.
    """
    with file.open("rb") as opened:
        content = opened.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is longer than {most >> 20} MiB", str(file))
    return content.decode()


@contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise cannot(
            f"cannot write {target}: {why}", hint="Name another file with --out"
        ) from error


def file_name(title: str) -> str:
    """A title as part of a file's name."""
    kept = "".join(c if c.isalnum() or c in "-_" else "-" for c in title)
    return kept.strip("-") or "unnamed"
