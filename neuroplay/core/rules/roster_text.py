"""Decode a roster's bytes: detect the encoding, and refuse files that are not CSV."""

from __future__ import annotations

import re
from dataclasses import dataclass

from neuroplay.core.errors import NotARoster, RosterError, RosterFault, RosterRefused

LARGEST_BYTES = 8 << 20
"""A school of 10,000 children takes about one; a larger file is something else."""

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

_OUT_OF_PLACE = re.compile(r"\w–\w|[a-z]’[a-z]")
"""As in Pe–a and Mar’a, which are the Macintosh's Peña and María."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterText:
    """`guessed` is the encoding if it was guessed, otherwise empty."""

    text: str
    guessed: str = ""


def decoded(name: str, data: bytes, encoding: str | None = None) -> RosterText:
    """The text of a CSV file. The encoding is that of the byte order mark, else `encoding`, else
    UTF-16 or UTF-8 if the bytes fit, else Excel's Windows-1252 if the text then looks like names.

    `name` is for messages. Raises NotARoster if it is not text or the encoding is unknown, and
    RosterRefused if the bytes are not valid in the encoding.
    """
    for start, what in OTHER_FILES:
        if data.startswith(start):
            raise NotARoster(f"{name} is {what}", hint=SAVE_AS_CSV)
    for mark, of_mark in MARKS:
        if data.startswith(mark):
            return RosterText(text=_text(data.removeprefix(mark), of_mark, name))
    if encoding is not None:
        return RosterText(text=_text(data, encoding, name))
    if b"\0" in data and not _has_stray_zeros(data):
        return RosterText(text=_without_mark(data, name))
    try:
        return RosterText(text=_checked(data.decode("utf-8"), name))
    except UnicodeDecodeError as error:
        if not _looks_like_names(data, "windows-1252"):
            raise _unclear(data, error.start, name) from None
        return RosterText(text=_text(data, "windows-1252", name), guessed="windows-1252")


def check_size(name: str, data: bytes) -> None:
    """Raise NotARoster if it is too large."""
    if len(data) > LARGEST_BYTES:
        raise NotARoster(f"{name} is not a roster: it is larger than {LARGEST_BYTES >> 20} MiB")


def _has_stray_zeros(data: bytes) -> bool:
    """Whether this is text in a one-byte encoding with some zero bytes. In UTF-16 every other byte
    of Latin text is zero, and that of other scripts contains control characters."""
    few = 4 * data.count(0) < len(data)
    return few and not re.search(rb"[\x01-\x08\x0b\x0c\x0e-\x1f]", data)


def _without_mark(data: bytes, name: str) -> str:
    """Decode UTF-16 without a byte order mark; the byte order follows from the zero bytes."""
    high_first, low_first = data[::2].count(0), data[1::2].count(0)
    try:
        return _checked(data.decode("utf-16-be" if high_first > low_first else "utf-16-le"), name)
    except UnicodeDecodeError:
        raise NotARoster(f"{name} is not text", hint=SAVE_AS_CSV) from None


def _looks_like_names(data: bytes, encoding: str) -> bool:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    special = {one for one in text if not one.isascii()}
    # Decoded as Latin, words in another alphabet consist of special letters alone.
    words = re.findall(r"[^\W\d_]{3,}", text)
    return (
        special <= LETTERS
        and not _OUT_OF_PLACE.search(text)
        and all(any(one.isascii() for one in word) for word in words)
    )


def _unclear(data: bytes, start: int, name: str) -> RosterRefused:
    lines = data.splitlines()
    line = len(data[: start + 1].splitlines())
    shown = lines[line - 1][:60]
    looks = ", ".join(f"{shown.decode(one, 'replace')!r} in {one}" for one in GUESSES)
    return _refused(
        name,
        line,
        f"the text is not UTF-8. It could be {looks}",
        hint="Save it as CSV UTF-8, or say which encoding it is (--encoding)",
    )


def _refused(name: str, line: int, message: str, *, hint: str) -> RosterRefused:
    error = RosterRefused(
        [RosterError(line=line, fault=RosterFault.LETTERS, message=f"{message} ({name})")]
    )
    error.hint = hint
    return error


def _text(data: bytes, encoding: str, name: str) -> str:
    try:
        return _checked(data.decode(encoding), name)
    except (LookupError, TypeError):  # unknown, or not a text encoding
        raise NotARoster(
            f"unknown encoding {encoding!r}", hint="Use utf-8, windows-1252 or mac-roman"
        ) from None
    except UnicodeDecodeError as error:
        line = len(data[: error.start + 1].splitlines()) or 1
        raise _refused(
            name,
            line,
            f"the text is not {encoding.upper()}",
            hint="Save it as CSV UTF-8, or say no encoding",
        ) from None


def _checked(text: str, name: str) -> str:
    start = text.lstrip("\ufeff \t\r\n")[:200].lower()
    if start.startswith(("<!doctype", "<html", "<table", "<?xml", "<meta", "<head", "<body")):
        raise NotARoster(f"{name} is a web page, not CSV", hint=SAVE_AS_CSV)
    if start.startswith(("{", "[")):
        raise NotARoster(f"{name} is JSON, not CSV", hint=SAVE_AS_CSV)
    return text
