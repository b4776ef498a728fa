"""A class roster as CSV text -> nicknames and avatars, or every bad line."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from neuroplay.core.errors import RosterError, RosterRefused
from neuroplay.core.rules.nicknames import AVATARS

LONGEST_NICKNAME = 24
LARGEST_CLASS = 200
_NICKNAME_HEADINGS = frozenset({"nickname", "apelido", "apodo", "alias"})
_AVATAR_HEADINGS = frozenset({"avatar"})


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterRow:
    """One child to be; `avatar` is None where the roster leaves it to us."""

    nickname: str
    avatar: str | None = None


def nickname_fault(nickname: str) -> str | None:
    """What is wrong with a nickname, in words; None when nothing is."""
    if not nickname:
        return "the nickname is empty"
    if len(nickname) > LONGEST_NICKNAME:
        return f"the nickname has more than {LONGEST_NICKNAME} characters"
    if not nickname.isprintable():
        return "the nickname holds a character that cannot be shown"
    if "@" in nickname:
        return "the nickname looks like an e-mail address; a nickname is enough"
    return None


def read_roster(text: str) -> list[RosterRow]:
    """The rows of a CSV with the heading `nickname` or `nickname,avatar` (or a column of
    nicknames without a heading), separated by commas, semicolons or tabs.

    Raises RosterRefused with every bad line (the line number counts from 1): all or nothing.
    """
    text = text.removeprefix("\ufeff")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    errors: list[RosterError] = []
    rows: list[RosterRow] = []
    seen: dict[str, int] = {}
    columns: tuple[int, int | None] | None = None
    line = 0
    try:
        for cells in reader:
            # A quoted cell may span lines: a row is named by its first.
            first, line = line + 1, reader.line_num
            cells = [" ".join(cell.split()) for cell in cells]
            if not any(cells):
                continue
            if columns is None:
                columns = _columns(cells)
                if columns is not None:
                    continue
                columns = (0, 1 if len(cells) > 1 else None)
            row, faults = _row(cells, columns)
            known = seen.setdefault(row.nickname.casefold(), first)
            if not faults and known != first:
                faults = [f"the nickname is the same as on line {known}"]
            errors.extend(RosterError(line=first, message=fault) for fault in faults)
            rows.append(row)
    except csv.Error as error:
        errors.append(RosterError(line=line + 1, message=f"this is no CSV: {error}"))
    if not rows and not errors:
        errors.append(RosterError(line=1, message="the roster names no child"))
    if len(rows) > LARGEST_CLASS:
        errors.append(
            RosterError(line=line, message=f"a class has {LARGEST_CLASS} children at most")
        )
    if errors:
        raise RosterRefused(errors)
    return rows


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _columns(cells: Sequence[str]) -> tuple[int, int | None] | None:
    """Where nickname and avatar stand, if this row is a heading."""
    names = [cell.casefold() for cell in cells]
    nickname = next((i for i, name in enumerate(names) if name in _NICKNAME_HEADINGS), None)
    if nickname is None:
        return None
    avatar = next((i for i, name in enumerate(names) if name in _AVATAR_HEADINGS), None)
    return nickname, avatar


def _row(cells: Sequence[str], columns: tuple[int, int | None]) -> tuple[RosterRow, list[str]]:
    nickname = cells[columns[0]] if columns[0] < len(cells) else ""
    place = columns[1]
    avatar = cells[place].casefold() if place is not None and place < len(cells) else ""
    fault = nickname_fault(nickname)
    faults = [] if fault is None else [fault]
    if avatar and avatar not in AVATARS:
        faults.append(f"there is no avatar {avatar!r}; it is one of {', '.join(AVATARS)}")
    return RosterRow(nickname=nickname, avatar=avatar or None), faults
