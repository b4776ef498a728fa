"""A roster file as text: which encoding it is in, said clearly where that is unclear."""

from __future__ import annotations

import sys
from pathlib import Path

from cli.errors import CommandError, usage_error

LARGEST_BYTES = 1 << 20
"""A class fits in a few kilobytes; more is some other file."""


def roster_text(file: Path, encoding: str | None) -> str:
    """The text of a CSV file; "-" is stdin. A byte order mark decides, then `encoding`, then
    UTF-8.

    Raises CommandError: exit 2 where the file cannot be read or the encoding is unknown, 1
    where the bytes are not of the encoding (the line is named).
    """
    data = _bytes(file)
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):
        if data.startswith(mark):
            return _decode(data.removeprefix(mark), name, file)
    return _decode(data, encoding or "utf-8", file)


def _bytes(file: Path) -> bytes:
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise usage_error(f"cannot read {file}: {why}") from error
    if len(data) > LARGEST_BYTES:
        raise usage_error(f"{file} is no roster: it is larger than 1 MiB")
    if data[:4] == b"PK\x03\x04":
        raise usage_error(f"{file} is a spreadsheet, not CSV", hint="Save it as CSV (UTF-8) first")
    return data


def _decode(data: bytes, encoding: str, file: Path) -> str:
    try:
        return data.decode(encoding)
    except LookupError:
        raise usage_error(
            f"--encoding: there is no encoding {encoding!r}", hint="Write utf-8 or latin-1"
        ) from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CommandError(
            f"{file}, line {line}: the text is not {encoding.upper()}; nothing was imported",
            hint="Save it as CSV UTF-8, or add --encoding latin-1 if the names then look right",
        ) from None
