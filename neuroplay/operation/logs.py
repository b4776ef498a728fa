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
from contextlib import suppress
from pathlib import Path

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
    dated = [
        (moment, name, line) for name, path in logs for moment, line in _ends(path, count, matching)
    ]
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


def _ends(path: Path, count: int, matching: re.Pattern[str] | None) -> list[tuple[str, str]]:
    """The last lines of a log, or of those that match, with their times: of what was rotated away
    from it too, as far as it has too few itself. At 10 MB each they are read in a moment."""
    found: list[tuple[str, str]] = []
    for one in reversed(generations(path)):
        if len(found) >= count:
            break
        kept: deque[tuple[str, str]] = deque(maxlen=count - len(found))
        with (
            suppress(OSError, EOFError, zlib.error),  # removed just now, or cut off
            gzip.open(one) if one.suffix == GZIP else one.open("rb") as file,
        ):
            if matching is None:
                kept.extend(_dated(deque(file, maxlen=kept.maxlen)))
            else:
                kept.extend(entry for entry in _dated(file) if matching.search(entry[1]))
        found = [*kept, *found]
    return found


def _dated(lines: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Each line with its time, or the time of the one before it."""
    moment = ""
    for raw in lines:
        line = raw.decode(errors="replace").rstrip("\r\n")
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
        *whole, self._rest = (self._rest + data).split(b"\n")
        return [line.decode(errors="replace") for line in whole]

    def _is_rotated(self, file: int) -> bool:
        try:
            now = os.stat(self._path)
        except OSError:
            return False
        return not os.path.samestat(os.fstat(file), now) or now.st_size < os.lseek(
            file, 0, os.SEEK_CUR
        )
