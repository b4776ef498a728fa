"""A program's log, with rotation. On a full disk lines are lost, and no error is raised."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

LOG_BYTES = 10_000_000
"""A log is rotated at this size; with four rotated ones, a program has at most 50 MB."""


class LogFile:
    def __init__(self, path: Path, *, backups: int, longest: int = LOG_BYTES) -> None:
        self._names = [str(path), *(f"{path}.{number}" for number in range(1, backups + 1))]
        self._longest = longest
        self._file: int | None = None

    def write(self, data: bytes) -> None:
        """Append lines, as far as the disk has room."""
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
