"""Reading the programs' logs: their ends, in the order of their times, and what is added."""

from __future__ import annotations

import os
import re
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

LOOK_EVERY_S = 0.2
BLOCK = 1 << 16

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?")
_VALKEY_TIME = re.compile(r"(\d\d) (\w{3}) (\d{4}) (\d\d:\d\d:\d\d\.\d+)")
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"

Line = tuple[str, str]
"""A program's name and one line of its log."""


def last_lines(
    logs: Sequence[tuple[str, Path]], count: int, matching: re.Pattern[str] | None = None
) -> list[Line]:
    """The last `count` lines of each log, or of its lines that match, in the order of the times
    they carry. A line without a time stays behind the one before it."""
    dated: list[tuple[str, str, str]] = []
    for name, path in logs:
        moment = ""
        for line in _tail(path, count) if matching is None else _matching(path, count, matching):
            moment = moment_of(line) or moment
            dated.append((moment, name, line))
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


def _matching(path: Path, count: int, pattern: re.Pattern[str]) -> Iterable[str]:
    """A log is rotated at 10 MB: all of it is read in a moment."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return deque((line.rstrip("\n") for line in file if pattern.search(line)), count)
    except OSError:
        return []


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
