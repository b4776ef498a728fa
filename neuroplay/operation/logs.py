"""Reading the programs' logs: their ends, in the order of their times, and what is added."""

from __future__ import annotations

import glob
import gzip
import os
import re
import time
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

LOOK_EVERY_S = 0.2
BLOCK = 1 << 16
GZIP = ".gz"

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?")
_VALKEY_TIME = re.compile(r"(\d\d) (\w{3}) (\d{4}) (\d\d:\d\d:\d\d\.\d+)")
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"

Line = tuple[str, str]
"""A program's name and one line of its log."""


def last_lines(
    logs: Sequence[tuple[str, Path]], count: int, matching: re.Pattern[str] | None = None
) -> list[Line]:
    """The last `count` lines of each log, or of its lines that match (rotated ones too), in the
    order of the times they carry. A line without a time stays behind the one before it."""
    dated: list[tuple[str, str, str]] = []
    for name, path in logs:
        found = _ends(path, count) if matching is None else _matching(path, count, matching)
        dated += [(moment, name, line) for moment, line in found]
    dated.sort(key=lambda entry: entry[0])
    return [(name, line) for _, name, line in dated]


def moment_of(line: str) -> str:
    """The time that a line carries near its start, as sortable text; '' where there is none."""
    if found := _TIME.search(line):
        return found[0].replace("T", " ").replace(",", ".")
    if found := _VALKEY_TIME.search(line[:60]):
        day, month, year, clock = found.groups()
        return f"{year}-{_MONTHS.find(month) // 3 + 1:02}-{day} {clock}"
    return ""


def _tail(path: Path, count: int) -> list[str]:
    if count <= 0:
        return []
    try:
        with path.open("rb") as file:
            position = file.seek(0, os.SEEK_END)
            data = b""
            while position > 0 and data.count(b"\n") <= count:
                step = min(BLOCK, position)
                position = file.seek(position - step)
                data = file.read(step) + data
    except OSError:
        return []
    return data.decode(errors="replace").splitlines()[-count:]


def _ends(path: Path, count: int) -> list[tuple[str, str]]:
    """The last lines of a log, where it was just rotated those before it too, with their times."""
    lines: list[str] = []
    for one in reversed(generations(path)):
        if len(lines) >= count:
            break
        if one.suffix != GZIP:
            lines = _tail(one, count - len(lines)) + lines
    return list(_dated(lines))


def _matching(path: Path, count: int, pattern: re.Pattern[str]) -> Iterable[tuple[str, str]]:
    """Of the log and of what was rotated away from it: at 10 MB each that is read in a moment."""
    found: deque[tuple[str, str]] = deque(maxlen=count)
    for one in generations(path):
        try:
            with _opened(one) as file:
                lines = (line.rstrip("\n") for line in file)
                found.extend(entry for entry in _dated(lines) if pattern.search(entry[1]))
        except (OSError, EOFError, zlib.error):  # removed just now, or a compressed one cut off
            continue
    return found


def _dated(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each line with its time, or the time of the one before it."""
    moment = ""
    for line in lines:
        moment = moment_of(line) or moment
        yield moment, line


def generations(path: Path) -> list[Path]:
    """A log and what was rotated away from it, `api.log.2.gz` and `api.log.1` before `api.log`."""
    older = []
    for one in path.parent.glob(f"{glob.escape(path.name)}.*"):
        number = one.name.removeprefix(f"{path.name}.").removesuffix(GZIP)
        if number.isdecimal():
            older.append((-int(number), one))
    return [*(one for _, one in sorted(older)), path]


def _opened(path: Path) -> IO[str]:
    if path.suffix == GZIP:
        return gzip.open(path, "rt", encoding="utf-8", errors="replace")
    return path.open(encoding="utf-8", errors="replace")


def follow(logs: Sequence[tuple[str, Path]]) -> Iterator[Line]:
    """What is added to the logs from now on; never ends. A rotated log is read to its end first."""
    followed = [(name, _Follower(path)) for name, path in logs]
    while True:
        quiet = True
        for name, follower in followed:
            for line in follower.new_lines():
                quiet = False
                yield name, line
        if quiet:
            time.sleep(LOOK_EVERY_S)


class _Follower:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._rest = b""
        self._file = self._open()
        if self._file is not None:
            os.lseek(self._file, 0, os.SEEK_END)

    def _open(self) -> int | None:
        try:
            return os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None

    def new_lines(self) -> list[str]:
        if self._file is None:
            self._file = self._open()
            if self._file is None:
                return []
        data = os.read(self._file, BLOCK)
        if not data and self._is_rotated():
            os.close(self._file)
            self._file = self._open()
            return []
        *whole, self._rest = (self._rest + data).split(b"\n")
        return [line.decode(errors="replace") for line in whole]

    def _is_rotated(self) -> bool:
        assert self._file is not None  # noqa: S101 - for the type checker
        mine = os.fstat(self._file)
        try:
            now = os.stat(self._path)
        except OSError:
            return False
        cut_off = mine.st_size < os.lseek(self._file, 0, os.SEEK_CUR)
        return (now.st_dev, now.st_ino) != (mine.st_dev, mine.st_ino) or cut_off
