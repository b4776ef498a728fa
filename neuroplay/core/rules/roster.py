"""Read a roster: the children in a CSV file or a paste from a sheet, and every bad line."""

from __future__ import annotations

from collections.abc import Sequence

from neuroplay.core.entities.roster import (
    OF_A_SCHOOL,
    Doubt,
    Order,
    RosterChild,
    RosterDoubt,
    RosterLimits,
    RosterName,
    RosterOptions,
    RosterReading,
    SkippedLine,
)
from neuroplay.core.errors import Refused, RosterError, RosterFault
from neuroplay.core.rules.class_name import checked_class_name
from neuroplay.core.rules.nickname_text import (
    NICKNAME_FAULTS,
    nickname_fault,
    nickname_key,
    plain_name,
)
from neuroplay.core.rules.nicknames import AVATARS, avatar_named
from neuroplay.core.rules.roster_doubts import nickname_doubts
from neuroplay.core.rules.roster_headings import Columns, columns_of, is_heading, may_be_heading
from neuroplay.core.rules.roster_lines import Line, lines_of
from neuroplay.core.rules.roster_names import nickname_name, split_name, whole_name

LARGEST_CLASS = 200

TITLE_ROWS = 10
"""How many rows may be above a heading, such as the school's name."""

LONGEST_SHORT_NUMBER = 3
"""Digits of numbers that count the lines of a list, and are no registration."""

LONGEST_CLASS_LETTER = 2
"""Characters of a class's name that means nothing without its grade, as in 3rd grade, A."""


def read_sheet(
    text: str, options: RosterOptions, limits: RosterLimits = OF_A_SCHOOL
) -> RosterReading:
    """The children in a CSV file as Excel, LibreOffice and Google Sheets write it, or in a paste.

    The separator is a comma, a semicolon or a tab. A heading names the column of nicknames or
    names, and optionally others; their order does not matter. Without a heading there is only a
    column of names, and perhaps one of avatars. Other columns are ignored.
    """
    lines, broken = lines_of(text, limits.lines)
    sheet = _Sheet(options)
    if broken is not None:
        sheet.bad.append(broken)
    columns, below = sheet.layout(lines)
    if columns is not None:
        sheet.read(columns, below)
    if not sheet.children and not sheet.bad:
        message = "the roster contains no children"
        sheet.bad.append(RosterError(line=1, fault=RosterFault.NOBODY, message=message))
    return sheet.reading()


class _Sheet:
    """What has been read so far."""

    def __init__(self, options: RosterOptions) -> None:
        self._options = options
        self.children: list[RosterChild] = []
        self.bad: list[RosterError] = []
        self._skipped: list[SkippedLine] = []
        self._doubts: list[Doubt] = []
        self._shortened: list[tuple[int, str]] = []

    def layout(self, lines: Sequence[Line]) -> tuple[Columns | None, Sequence[Line]]:
        """The columns, None if they cannot be told, and the lines below the heading."""
        for place, line in enumerate(lines[:TITLE_ROWS]):
            columns = columns_of(line.cells)
            if columns is not None:
                self._doubts += [columns.doubt] if columns.doubt else []
                if place:
                    above = _above(lines[:place])
                    message = f"text above the heading is ignored: {above}"
                    self._doubts.append(
                        Doubt(doubt=RosterDoubt.ABOVE, message=message, about=above)
                    )
                return columns, lines[place + 1 :]
        if not lines:
            return None, lines
        first = lines[0]
        if is_heading(first.cells):
            names = ", ".join(repr(cell) for cell in first.cells if cell)
            return self._no_layout(
                first,
                RosterFault.NO_COLUMN,
                f"no column is named nickname or name, only {names[:200]}",
            )
        wide = max(len([cell for cell in line.cells if cell]) for line in lines)
        if wide > 1 and not _has_avatars(lines):
            return self._no_layout(
                first,
                RosterFault.NO_HEADING,
                "there are several columns; add a heading for the one with the nicknames",
            )
        if may_be_heading(first.cells[0], lines[1].cells[0] if len(lines) > 1 else ""):
            cell = first.cells[0][:40]
            message = f"{cell!r} is treated as a child, not as a heading"
            self._doubts.append(Doubt(doubt=RosterDoubt.MAYBE_HEADING, message=message, about=cell))
        return Columns(whole=0, avatar=1, width=2), lines

    def _no_layout(
        self, first: Line, fault: RosterFault, message: str
    ) -> tuple[None, Sequence[Line]]:
        self.bad.append(RosterError(line=first.number, fault=fault, message=message))
        return None, ()

    def read(self, columns: Columns, lines: Sequence[Line]) -> None:
        """Read the children on these lines."""
        grades = _needs_grade(columns, lines)
        seen: dict[tuple[str, ...], int] = {}
        for line, identity in zip(lines, _identities(columns, lines), strict=True):
            if columns.headings and tuple(line.cells) == columns.headings and self.children:
                again = RosterFault.HEADING_AGAIN
                self._skipped.append(
                    SkippedLine(line=line.number, fault=again, message="the heading again")
                )
                continue
            name, place = self._name(columns, line)
            child = RosterChild(
                line=line.number,
                name=name,
                avatar=avatar_named(line.cell(columns.avatar)),
                class_name=_class_name(columns, line, grades=grades),
                identity=identity,
                column=columns.label(place),
            )
            faults = _faults(columns, line, child) or _repeated(columns, child, seen)
            self.bad += faults
            if not faults:
                self.children.append(child)
                if name.more and place != columns.given:
                    self._shortened.append((line.number, name.written))

    def _name(self, columns: Columns, line: Line) -> tuple[RosterName, int]:
        """The name on a line, and its column."""
        full = self._options.full_names
        if columns.nickname is not None:
            return nickname_name(line.cell(columns.nickname)), columns.nickname
        if columns.preferred is not None and line.cell(columns.preferred):
            name = whole_name(line.cell(columns.preferred), self._order(columns), full_names=full)
            return name, columns.preferred
        if columns.given is not None:
            family = line.cell(columns.family)
            return split_name(line.cell(columns.given), family, full_names=full), columns.given
        written = line.cell(columns.whole)
        return whole_name(written, self._order(columns), full_names=full), columns.names

    def _order(self, columns: Columns) -> Order | None:
        return self._options.order or ("last-first" if columns.last_first else None)

    def reading(self) -> RosterReading:
        doubts = [*self._doubts, *nickname_doubts((o.line, o.name.short) for o in self.children)]
        return RosterReading(
            children=tuple(self.children),
            bad=tuple(self.bad),
            skipped=tuple(self._skipped),
            doubts=tuple(doubts),
            shortened=tuple(self._shortened),
        )


def _above(lines: Sequence[Line]) -> str:
    return ", ".join(repr(" ".join(filter(None, one.cells))) for one in lines)[:200]


def _has_avatars(lines: Sequence[Line]) -> bool:
    """Whether, without a heading, the second column has avatars and there is no third."""
    second = [line.cell(1) for line in lines if line.cell(1)]
    return any(map(avatar_named, second)) and not any(any(line.cells[2:]) for line in lines)


def _identities(columns: Columns, lines: Sequence[Line]) -> list[str]:
    """The registration number on each line; none if the numbers only count the lines."""
    found = [plain_name(line.cell(columns.identity)) for line in lines]
    if all(one.isdigit() and len(one) <= LONGEST_SHORT_NUMBER for one in found if one):
        return [""] * len(found)
    return found


def _needs_grade(columns: Columns, lines: Sequence[Line]) -> bool:
    """Whether the classes are letters, and another column has their grade."""
    place = columns.class_name
    return (
        place is not None
        and columns.grade is not None
        and all(len(line.cell(place)) <= LONGEST_CLASS_LETTER for line in lines)
        and not any(character.isdigit() for line in lines for character in line.cell(place))
    )


def _class_name(columns: Columns, line: Line, *, grades: bool) -> str:
    name = plain_name(line.cell(columns.class_name))
    return f"{plain_name(line.cell(columns.grade))} {name}".strip() if grades and name else name


def _faults(columns: Columns, line: Line, child: RosterChild) -> list[RosterError]:
    found: list[RosterError] = []

    def add(fault: RosterFault, message: str, column: str = "", about: str = "") -> None:
        found.append(
            RosterError(line=line.number, fault=fault, message=message, column=column, about=about)
        )

    if fault := nickname_fault(child.name.short):
        add(fault, NICKNAME_FAULTS[fault], child.column)
    if any(line.cells[columns.width :]):
        message = "there are more cells than headings; quote cells that contain a comma"
        add(RosterFault.MORE_CELLS, message)
    written = line.cell(columns.avatar)
    if written and child.avatar is None:
        message = f"unknown avatar {written[:24]!r}; choose one of {', '.join(AVATARS)}"
        column = columns.label(columns.avatar)
        add(RosterFault.AVATAR_UNKNOWN, message, column, written[:24])
    if columns.class_name is not None:
        column = columns.label(columns.class_name)
        if not child.class_name:
            add(RosterFault.CLASS_EMPTY, "the class is empty", column)
        elif message := _class_fault(child.class_name):
            add(RosterFault.CLASS_NAME, message, column)
    return found


def _class_fault(name: str) -> str:
    try:
        checked_class_name(name)
    except Refused as refused:
        return refused.message
    return ""


def _repeated(
    columns: Columns, child: RosterChild, seen: dict[tuple[str, ...], int]
) -> list[RosterError]:
    """Whether another line has the same child. `seen` are the lines so far, by what they have."""
    name, where = child.name, nickname_key(child.class_name)
    text = nickname_key(name.short if name.given else name.written)
    alike = (where, text, "" if name.given else child.identity)
    known = seen.setdefault(alike, child.line)
    if known != child.line:
        what = "nickname" if name.given or not name.more else "name"
        return [
            RosterError(
                line=child.line,
                fault=RosterFault.NAME_TWICE,
                message=f"the {what} is the same as on line {known}",
                column=child.column,
                about=str(known),
            )
        ]
    known = seen.setdefault(("#", child.identity), child.line) if child.identity else child.line
    if known != child.line:
        return [
            RosterError(
                line=child.line,
                fault=RosterFault.NUMBER_TWICE,
                message=f"the number is the same as on line {known}",
                column=columns.label(columns.identity),
                about=str(known),
            )
        ]
    return []
