"""Read a class roster: nicknames and avatars from CSV text, or every bad line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from neuroplay.core.errors import RosterError, RosterRefused, RosterUnsure
from neuroplay.core.rules.nickname_text import nickname_fault, nickname_key, plain_name
from neuroplay.core.rules.nicknames import AVATARS, avatar_named
from neuroplay.core.rules.roster_doubts import nickname_doubts
from neuroplay.core.rules.roster_headings import Columns, columns_of, is_heading, may_be_heading

LARGEST_CLASS = 200
LONGEST_CELL = 1_000
TITLE_ROWS = 10
"""How many rows may be above a heading, such as the school's name."""

_SEPARATOR = re.compile(r"\s*\"?sep=(.)\"?[\s,;\t]*", re.IGNORECASE)
"""The first line by which Excel states the separator, as in `sep=;`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterRow:
    """One student to create. `avatar` is None if the roster has none."""

    nickname: str
    avatar: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    number: int
    cells: Sequence[str]


def read_roster(text: str, *, sure: bool = False) -> list[RosterRow]:
    """The students in a CSV file as Excel, LibreOffice and Google Sheets write it.

    The separator is a comma, a semicolon or a tab. A heading names the column of nicknames and
    optionally one of avatars; without a heading there is only a column of nicknames, and perhaps
    one of avatars. Other columns are ignored.

    Raises RosterRefused with every bad line, and RosterUnsure if the roster may have been
    misunderstood, unless the caller is `sure`.
    """
    lines, broken = _lines(text)
    columns, children, doubts = _layout(lines)
    errors = [broken] if broken is not None else []
    rows: list[RosterRow] = []
    seen: dict[str, int] = {}
    for line in children:
        row, faults = _row(line.cells, columns)
        known = seen.setdefault(nickname_key(row.nickname), line.number)
        if not faults and known != line.number:
            faults = [f"the nickname is the same as on line {known}"]
        errors.extend(RosterError(line=line.number, message=fault) for fault in faults)
        rows.append(row)
    if not rows and not errors:
        errors.append(RosterError(line=1, message="the roster contains no children"))
    if len(rows) > LARGEST_CLASS:
        last = children[-1].number
        message = f"a class has at most {LARGEST_CLASS} children"
        errors.append(RosterError(line=last, message=message))
    if errors:
        raise RosterRefused(errors)
    doubts += nickname_doubts(
        (line.number, row.nickname) for line, row in zip(children, rows, strict=True)
    )
    if doubts and not sure:
        raise RosterUnsure(doubts, [row.nickname for row in rows])
    return rows


def _lines(text: str) -> tuple[list[_Line], RosterError | None]:
    """The lines that are not empty, up to the first that is not CSV, and its error."""
    text = text.removeprefix("\ufeff")
    first, number = 1, 0
    stated = _SEPARATOR.fullmatch(text.splitlines()[0]) if text.strip() else None
    if stated:
        text = text[len(io.StringIO(text, newline="").readline()) :]
        first = 2
    delimiter = stated[1] if stated else _delimiter(text)
    found: list[_Line] = []
    try:
        for number, cells in _cells(text, delimiter):
            if any(cells):
                found.append(_Line(number=number + first - 1, cells=cells))
    except csv.Error as error:
        return found, RosterError(line=number + first, message=f"this is not CSV: {error}")
    return found, None


def _cells(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    for cells in reader:
        # A quoted cell may span lines: a row has the number of its first.
        yield before + 1, [" ".join(cell[:LONGEST_CELL].split()) for cell in cells]
        before = reader.line_num


def _delimiter(text: str) -> str:
    lines = (line for line in text.splitlines() if any(one in line for one in ",;\t"))
    return max(",;\t", key=next(lines, "").count)


def _layout(lines: Sequence[_Line]) -> tuple[Columns, Sequence[_Line], list[str]]:
    """The columns, the lines with students, and doubts about both."""
    for place, line in enumerate(lines[:TITLE_ROWS]):
        columns = columns_of(line.cells)
        if columns is not None:
            doubts = [columns.doubt] if columns.doubt else []
            if place:
                above = ", ".join(repr(" ".join(filter(None, one.cells))) for one in lines[:place])
                doubts.append(f"text above the heading is ignored: {above[:200]}")
            return columns, lines[place + 1 :], doubts
    if not lines:
        return Columns(nickname=0, width=1), lines, []
    first = lines[0]
    if is_heading(first.cells):
        names = ", ".join(repr(cell) for cell in first.cells if cell)
        message = f"no column is named nickname or name, only {names[:200]}"
        raise RosterRefused([RosterError(line=first.number, message=message)])
    wide = [len([cell for cell in line.cells if cell]) for line in lines]
    if max(wide) > 1 and not _has_avatars(lines):
        message = "there are several columns; add a heading for the one with the nicknames"
        raise RosterRefused([RosterError(line=first.number, message=message)])
    below = lines[1].cells[0] if len(lines) > 1 else ""
    doubts = []
    if may_be_heading(first.cells[0], below):
        doubts.append(f"{first.cells[0][:40]!r} is treated as a child, not as a heading")
    return Columns(nickname=0, avatar=1, width=2), lines, doubts


def _has_avatars(lines: Sequence[_Line]) -> bool:
    """Whether, without a heading, the second column has avatars and there is no third."""
    second = [line.cells[1] for line in lines if len(line.cells) > 1 and line.cells[1]]
    return any(map(avatar_named, second)) and not any(any(line.cells[2:]) for line in lines)


def _row(cells: Sequence[str], columns: Columns) -> tuple[RosterRow, list[str]]:
    written = cells[columns.nickname] if columns.nickname < len(cells) else ""
    nickname = plain_name(written)
    place = columns.avatar
    written = cells[place] if place is not None and place < len(cells) else ""
    avatar = avatar_named(written)
    fault = nickname_fault(nickname)
    faults = [] if fault is None else [fault]
    if any(cells[columns.width :]):
        faults.append("there are more cells than headings; quote cells that contain a comma")
    if written and avatar is None:
        faults.append(f"unknown avatar {written[:24]!r}; choose one of {', '.join(AVATARS)}")
    return RosterRow(nickname=nickname, avatar=avatar), faults
