"""A program's log, with rotation, and its copy for a container's or the journal's reader. Where the
disk is full or nobody reads, lines are lost; no error is raised, and nothing waits."""

from __future__ import annotations

import os
import select
from contextlib import suppress
from pathlib import Path

LOG_BYTES = 10_000_000
"""A log is rotated at this size; with four rotated ones, a program has at most 50 MB."""

PIECE_BYTES = 4096
"""A pipe that can be written to takes as much at once without a wait."""

LONGEST_LINE_BYTES = 1 << 20
"""A longer line is copied in parts."""


class LogFile:
    """The log at `path`, whose lines are also copied to the descriptor `copied_to` unless that is
    None."""

    def __init__(
        self, path: Path, *, backups: int, longest: int = LOG_BYTES, copied_to: int | None = None
    ) -> None:
        self._names = [str(path), *(f"{path}.{number}" for number in range(1, backups + 1))]
        self._longest = longest
        self._file: int | None = None
        self._copy = None if copied_to is None else LineCopy(copied_to)

    def write(self, data: bytes) -> None:
        """Append lines, as far as the disk has room."""
        if self._copy is not None:
            self._copy.write(data)
        with suppress(OSError):
            if self._file is None or self._needs_new_file(self._file):
                self._open()
            if self._file is not None:
                os.write(self._file, data)

    def _needs_new_file(self, file: int) -> bool:
        """Rotate a log that has reached its size. Whether it was rotated, or has been deleted."""
        found = os.fstat(file)
        if found.st_size >= self._longest and found.st_nlink:
            for older, newer in zip(self._names[:0:-1], self._names[-2::-1], strict=True):
                with suppress(OSError):
                    os.replace(newer, older)
            return True
        return not found.st_nlink

    def _open(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._file = os.open(self._names[0], flags, 0o600)


class LineCopy:
    """Copies whole lines to `descriptor`, which several programs share."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._unfinished = b""
        self._torn = False
        """Whether the last line was lost after its first part."""

    def write(self, data: bytes) -> None:
        """Copy the lines that `data` completes, as far as somebody reads them."""
        lines, newline, rest = (self._unfinished + data).rpartition(b"\n")
        if len(rest) > LONGEST_LINE_BYTES:
            lines, newline, rest = lines + newline + rest, b"\n", b""
        self._unfinished = rest
        with suppress(OSError):
            self._write(lines + newline)

    def _write(self, lines: bytes) -> None:
        if self._torn:
            lines = b"\n" + lines
        copied = 0
        while copied < len(lines) and self._is_read():
            copied += os.write(self._descriptor, lines[copied : copied + PIECE_BYTES])
        if copied:
            self._torn = lines[copied - 1 : copied] != b"\n"

    def _is_read(self) -> bool:
        asked = select.poll()
        asked.register(self._descriptor, select.POLLOUT)
        return bool(asked.poll(0))
