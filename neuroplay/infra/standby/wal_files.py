"""The names of WAL files, and what is missing between them.

A name is three groups of eight hexadecimal digits: timeline, and the number of the file in two
parts. pg_receivewal appends `.partial` to the one that it writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

FILE_BYTES = 16 << 20
PER_HIGH = 1 << 32 - 24
"""Files of FILE_BYTES whose names have the same second group."""

PARTIAL = ".partial"
_NAME = re.compile(r"[0-9A-F]{24}(\.partial)?")
_HISTORY = re.compile(r"[0-9A-F]{8}\.history")


def is_wal(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def is_history(name: str) -> bool:
    return _HISTORY.fullmatch(name) is not None


def number_of(name: str) -> int:
    """The position of a file among all, whatever its timeline."""
    return int(name[8:16], 16) * PER_HIGH + int(name[16:24], 16)


def from_file(names: Iterable[str], first: str) -> list[str]:
    """Those of `names` that a restore from the file `first` on reads, in order."""
    least = number_of(first)
    return sorted(name for name in names if is_wal(name) and number_of(name) >= least)


def gap_after(names: Iterable[str], first: str) -> str | None:
    """The last file before the first gap; '' if `first` itself is missing, None without a gap."""
    numbers = {number_of(name): name for name in names if is_wal(name)}
    at = number_of(first)
    if at not in numbers:
        return ""
    while at + 1 in numbers:
        at += 1
    return None if at == max(numbers) else numbers[at]


def before(names: Iterable[str], first: str) -> list[str]:
    """Those of `names` that are older than the file `first`."""
    least = number_of(first)
    return sorted(name for name in names if is_wal(name) and number_of(name) < least)
