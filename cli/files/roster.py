"""Reads roster files: detects their encoding, and refuses files that are not CSV."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from cli.output.errors import CommandError, reason, usage_error

LARGEST_BYTES = 1 << 20
"""A class takes a few kilobytes; a larger file is something else."""

MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
OTHER_FILES = (
    (b"PK\x03\x04", "a spreadsheet (.xlsx, .ods, .numbers), not CSV"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet (.xls), not CSV"),
    (b"%PDF", "a PDF, not CSV"),
    (b"{\\rtf", "a text document, not CSV"),
    (b"\x1f\x8b", "a compressed file, not CSV"),
    (b"\x89PNG", "a picture, not CSV"),
    (b"\xff\xd8\xff", "a picture, not CSV"),
)
SAVE_AS_CSV = "Open it in Excel, LibreOffice or Google Sheets and save it as CSV (UTF-8)"

LETTERS = frozenset("áàâãäéèêëíìîïóòôõöúùûüçñÁÀÂÃÄÉÈÊËÍÌÎÏÓÒÔÕÖÚÙÛÜÇÑªº°–’")
"""Characters beyond ASCII in Portuguese, English and Spanish names and headings."""

GUESSES = ("windows-1252", "mac-roman", "cp850")


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterText:
    """`guessed` is the encoding if it was guessed, otherwise empty."""

    text: str
    guessed: str = ""


def read_file(file: Path, encoding: str | None) -> RosterText:
    """Read a CSV file; "-" is stdin. The encoding is that of the byte order mark, else `encoding`,
    else UTF-16 or UTF-8 if the bytes fit, else Excel's Windows-1252 if the text then looks like
    names.

    Raises CommandError: exit code 2 if the file cannot be read, is not text, or the encoding is
    unknown; 1 if the bytes are not valid in the encoding (with the line's number).
    """
    data = _bytes(file)
    for mark, name in MARKS:
        if data.startswith(mark):
            return RosterText(text=_text(data.removeprefix(mark), name, file))
    if encoding is not None:
        return RosterText(text=_text(data, encoding, file))
    if b"\0" in data and not _has_stray_zeros(data):
        return RosterText(text=_without_mark(data, file))
    try:
        return RosterText(text=_checked(data.decode("utf-8"), file))
    except UnicodeDecodeError as error:
        guessed = _guess(data)
        if guessed is None:
            raise _unclear(data, error.start, file) from None
        return RosterText(text=_text(data, guessed, file), guessed=guessed)


def _bytes(file: Path) -> bytes:
    try:
        if str(file) == "-":
            data = sys.stdin.buffer.read(LARGEST_BYTES + 1)
        else:
            with file.open("rb") as opened:  # a device may be endless
                data = opened.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise usage_error(f"cannot read {file}: {reason(error)}") from error
    for start, what in OTHER_FILES:
        if data.startswith(start):
            raise usage_error(f"{file} is {what}", hint=SAVE_AS_CSV)
    if len(data) > LARGEST_BYTES:
        raise usage_error(f"{file} is not a roster: it is larger than 1 MiB")
    return data


def _has_stray_zeros(data: bytes) -> bool:
    """Whether this is text in a one-byte encoding with some zero bytes. In UTF-16 every other byte
    of Latin text is zero, and that of other scripts contains control characters."""
    few = 4 * data.count(0) < len(data)
    return few and not re.search(rb"[\x01-\x08\x0b\x0c\x0e-\x1f]", data)


def _without_mark(data: bytes, file: Path) -> str:
    """Decode UTF-16 without a byte order mark; the byte order follows from the zero bytes."""
    high_first, low_first = data[::2].count(0), data[1::2].count(0)
    try:
        return _checked(data.decode("utf-16-be" if high_first > low_first else "utf-16-le"), file)
    except UnicodeDecodeError:
        raise usage_error(f"{file} is not text", hint=SAVE_AS_CSV) from None


def _guess(data: bytes) -> str | None:
    """Windows-1252 if the text looks like names in it, else None."""
    return "windows-1252" if _looks_like_names(data, "windows-1252") else None


def _looks_like_names(data: bytes, encoding: str) -> bool:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    special = {one for one in text if not one.isascii()}
    # Decoded as Latin, text in another alphabet consists mostly of special letters.
    words = re.findall(r"[^\W\d_]{3,}", text)
    return special <= LETTERS and all(
        2 * sum(not one.isascii() for one in word) <= len(word) for word in words
    )


def _unclear(data: bytes, start: int, file: Path) -> CommandError:
    lines = data.splitlines()
    line = len(data[: start + 1].splitlines())
    shown = lines[line - 1][:60]
    looks = ", ".join(f"{shown.decode(name, 'replace')!r} in {name}" for name in GUESSES)
    return CommandError(
        f"{file}, line {line}: the text is not UTF-8; nothing was imported. It could be {looks}",
        hint="Save it as CSV UTF-8, or add the right --encoding",
    )


def _text(data: bytes, encoding: str, file: Path) -> str:
    try:
        return _checked(data.decode(encoding), file)
    except (LookupError, TypeError):  # unknown, or not a text encoding
        raise usage_error(
            f"--encoding: unknown encoding {encoding!r}",
            hint="Use utf-8, windows-1252 or mac-roman",
        ) from None
    except UnicodeDecodeError as error:
        line = len(data[: error.start + 1].splitlines()) or 1
        raise CommandError(
            f"{file}, line {line}: the text is not {encoding.upper()}; nothing was imported",
            hint="Save it as CSV UTF-8, or omit --encoding",
        ) from None


def _checked(text: str, file: Path) -> str:
    start = text.lstrip("\ufeff \t\r\n")[:200].lower()
    if start.startswith(("<!doctype", "<html", "<table", "<?xml", "<meta", "<head", "<body")):
        raise usage_error(f"{file} is a web page, not CSV", hint=SAVE_AS_CSV)
    if start.startswith(("{", "[")):
        raise usage_error(f"{file} is JSON, not CSV", hint=SAVE_AS_CSV)
    return text
