"""Reads the programs' logs: their last lines in order of time, and new lines as they appear."""

from __future__ import annotations

import glob
import gzip
import os
import re
import time
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

POLL_S = 0.2
BLOCK = 1 << 16
GZIP = ".gz"

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?")
_VALKEY_TIME = re.compile(r"(\d\d) (\w{3}) (\d{4}) (\d\d:\d\d:\d\d\.\d+)")
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"

Line = tuple[str, str]
"""A program's name and a line of its log."""


def last_lines(
    logs: Sequence[tuple[str, Path]], count: int, matching: re.Pattern[str] | None = None
) -> list[Line]:
    """The last `count` lines of each log, rotated files included; with `matching`, only lines that
    match count. They are sorted by time; a line without a time stays after its predecessor."""
    dated = [
        (moment, name, line) for name, path in logs for moment, line in _ends(path, count, matching)
    ]
    dated.sort(key=lambda entry: entry[0])
    return [(name, line) for _, name, line in dated]


def moment_of(line: str) -> str:
    """The timestamp near the start of a line, as sortable text; '' if there is none."""
    if found := _TIME.search(line):
        return found[0].replace("T", " ").replace(",", ".")
    if found := _VALKEY_TIME.search(line[:60]):
        day, month, year, clock = found.groups()
        return f"{year}-{_MONTHS.find(month) // 3 + 1:02}-{day} {clock}"
    return ""


def _ends(path: Path, count: int, matching: re.Pattern[str] | None) -> list[tuple[str, str]]:
    """The last `count` lines of a log that match, each with its time. Rotated files are read only
    if newer ones have too few; of at most 10 MB each, they are read quickly."""
    found: list[tuple[str, str]] = []
    for one in reversed(generations(path)):
        if len(found) >= count:
            break
        kept: deque[tuple[str, str]] = deque(maxlen=count - len(found))
        with (
            suppress(OSError, EOFError, zlib.error),  # just deleted, or truncated
            gzip.open(one) if one.suffix == GZIP else one.open("rb") as file,
        ):
            if matching is None:
                kept.extend(_dated(deque(file, maxlen=kept.maxlen)))
            else:
                kept.extend(entry for entry in _dated(file) if matching.search(entry[1]))
        found = [*kept, *found]
    return found


def _dated(lines: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Each line with its time, or that of the line before it."""
    moment = ""
    for raw in lines:
        line = raw.decode(errors="replace").rstrip("\r\n")
        moment = moment_of(line) or moment
        yield moment, line


def generations(path: Path) -> list[Path]:
    """The rotated files of a log and the log itself, oldest first: `api.log.2.gz`, `api.log.1`,
    `api.log`."""
    older = []
    for one in path.parent.glob(f"{glob.escape(path.name)}.*"):
        number = one.name.removeprefix(f"{path.name}.").removesuffix(GZIP)
        if number.isdecimal():
            older.append((-int(number), one))
    return [*(one for _, one in sorted(older)), path]


def follow(logs: Sequence[tuple[str, Path]]) -> Iterator[Line]:
    """New lines of the logs; never ends. A rotated file is read to its end before the new one."""
    followed = [(name, _Follower(path)) for name, path in logs]
    while True:
        idle = True
        for name, follower in followed:
            for line in follower.new_lines():
                idle = False
                yield name, line
        if idle:
            time.sleep(POLL_S)


class _Follower:
    def __init__(self, path: Path) -> None:
        self._path, self._rest = path, b""
        self._file = self._open()
        if self._file is not None:
            os.lseek(self._file, 0, os.SEEK_END)

    def _open(self) -> int | None:
        try:
            return os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None

    def new_lines(self) -> list[str]:
        self._file = self._open() if self._file is None else self._file
        if self._file is None:
            return []
        data = os.read(self._file, BLOCK)
        if not data and self._is_rotated(self._file):
            os.close(self._file)
            self._file = None
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [line.decode(errors="replace") for line in lines]

    def _is_rotated(self, file: int) -> bool:
        try:
            now = os.stat(self._path)
        except OSError:
            return False
        return not os.path.samestat(os.fstat(file), now) or now.st_size < os.lseek(
            file, 0, os.SEEK_CUR
        )
