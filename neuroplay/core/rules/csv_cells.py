"""CSV that spreadsheets show as it is: no cell is taken for a formula.

A nickname such as `=HYPERLINK(...)` would run when an adult opens an export. An apostrophe before
it makes it text in Excel, LibreOffice and Google Sheets.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What begins a formula. Full-width signs count as their ASCII ones in some spreadsheets."""

_BREAKS = ("\t", "\r", "\n")
"""At the start of a cell, some spreadsheets drop them and read on."""


def text_cell(value: object) -> object:
    """The value as a cell that is no formula. Numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, str):
        starts = value.startswith(_BREAKS) or value.lstrip().startswith(_FORMULA)
        return f"'{value}" if starts else value
    return value


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """The rows as CSV. The byte order mark tells Excel that it is UTF-8."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerows([text_cell(value) for value in row] for row in rows)
    return "\ufeff" + written.getvalue()
