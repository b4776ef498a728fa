"""Split a roster's text into lines of cells."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from neuroplay.core.errors import RosterError, RosterFault

LONGEST_CELL = 1_000
EMPTY_FOR_EACH = 10
"""Empty lines that a file may have for each that is not: sheets have them below the last one."""

_SEPARATOR = re.compile(r"\s*\"?sep=(.)\"?[\s,;\t]*", re.IGNORECASE)
"""The first line by which Excel states the separator, as in `sep=;`."""

_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')
"""A cell by which a program keeps Excel from reading a number, as in `="00123"`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """`number` counts from 1."""

    number: int
    cells: Sequence[str]

    def cell(self, place: int | None) -> str:
        """The cell of a column, '' if there is none."""
        return self.cells[place] if place is not None and place < len(self.cells) else ""


def lines_of(text: str, most: int) -> tuple[list[Line], RosterError | None]:
    """The lines that are not empty, up to the first that is not CSV, and its error. With more than
    `most`, none of them: the list is not read on.

    The separator is a comma, a semicolon or a tab, or what the first line states.
    """
    if max(text.count("\n"), text.count("\r")) > most * EMPTY_FOR_EACH:
        return [], _too_many(most)
    text = text.removeprefix("\ufeff")
    first, number = 1, 0
    stated = _SEPARATOR.fullmatch(text.splitlines()[0]) if text.strip() else None
    if stated:
        text = text[len(io.StringIO(text, newline="").readline()) :]
        first = 2
    delimiter = stated[1] if stated else _delimiter(text)
    found: list[Line] = []
    try:
        for number, cells in _cells(text, delimiter):
            if any(cells):
                if len(found) == most:
                    return [], _too_many(most)
                found.append(Line(number=number + first - 1, cells=cells))
    except csv.Error as error:
        message = f"this is not CSV: {error}"
        return found, RosterError(line=number + first, fault=RosterFault.NO_CSV, message=message)
    return found, None


def _too_many(most: int) -> RosterError:
    message = f"a roster has at most {most} lines; leave those of one class"
    return RosterError(
        line=most + 1, fault=RosterFault.MANY_LINES, message=message, about=str(most)
    )


def _cells(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    for cells in reader:
        # A quoted cell may span lines: a row has the number of its first.
        yield before + 1, [_plain(cell) for cell in cells]
        before = reader.line_num


def _plain(cell: str) -> str:
    plain = " ".join(cell[:LONGEST_CELL].split())
    kept = _KEPT_AS_TEXT.fullmatch(plain) if plain.startswith("=") else None
    return kept[1].strip() if kept else plain


def _delimiter(text: str) -> str:
    lines = map(_outside_quotes, text.splitlines())
    return max(",;\t", key=next((one for one in lines if re.search(r"[,;\t]", one)), "").count)


def _outside_quotes(line: str) -> str:
    """The line without quoted cells, such as "Silva, Ana"."""
    return re.sub(r'"[^"]*"', "", line)
