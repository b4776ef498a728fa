"""A roster: what a school's file says of its children, and what importing it would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from neuroplay.core.entities.student import SchoolClass
from neuroplay.core.errors import RosterError, RosterFault

Order = Literal["first-last", "last-first"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterSource:
    """A file as it is, or text such as a paste from a sheet. `name` is the file's, without a
    folder."""

    name: str
    content: bytes | str


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterLimits:
    """How much of a roster is read: lines that are not empty, and bytes of a zip's files,
    unpacked."""

    lines: int
    unpacked_bytes: int


OF_A_SCHOOL = RosterLimits(lines=30_000, unpacked_bytes=32 << 20)
"""At the command line: 10,000 children, with lines of other kinds between."""

ON_THE_PAGE = RosterLimits(lines=5_000, unpacked_bytes=8 << 20)
"""Of an adult, for one class: a list of a large school, of which the class is taken. It is read in
a moment, while tablets ask the same process."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterOptions:
    """How to read a roster. None: as the file looks.

    `order` is that of the words of a whole name. With `full_names`, whole names are stored instead
    of nicknames. `encoding` is for files that do not state theirs. `class_name` chooses a class of
    the file, or names the class if the file names none. With `new`, a class is created even if
    there is one of its name.
    """

    order: Order | None = None
    full_names: bool = False
    encoding: str | None = None
    class_name: str | None = None
    new: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterName:
    """A child's name. `short` is the nickname that is proposed, and `more` are the words from
    which it takes an initial if another child has the same. `written` is the whole name; it is
    compared and hashed, and not stored."""

    written: str
    short: str
    more: tuple[str, ...] = ()
    given: bool = False
    """Whether the school chose `short` as a nickname."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterChild:
    """A child in a roster. `identity` is its registration number or sourcedId, '' if none;
    `class_name` is '' if the roster names no classes."""

    line: int
    name: RosterName
    avatar: str | None = None
    class_name: str = ""
    identity: str = ""
    column: str = ""
    """Which column the name is from, for messages."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SkippedLine:
    line: int
    fault: RosterFault
    message: str
    class_name: str = ""


class RosterDoubt(StrEnum):
    """Why a person should look at what was read. The codes are stable, as those of RosterFault."""

    LETTERS_DAMAGED = "letters_damaged"
    TOTAL = "total"
    FORMULA = "formula"
    NUMBER = "number"
    ABOVE = "above"
    MAYBE_HEADING = "maybe_heading"
    COLUMN = "column"
    SHORTENED = "shortened"
    SEVERAL_CLASSES = "several_classes"
    CLASS_DIFFERS = "class_differs"
    MOST_GONE = "most_gone"


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """`about` is what the message names, in words of no language."""

    doubt: RosterDoubt
    message: str
    about: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterReading:
    """What a roster says. Nothing is imported if there are `bad` lines; a person should confirm it
    if there are `doubts`. `shortened` are the whole names, by line, that become nicknames.
    `guessed` is the encoding if it was guessed."""

    children: Sequence[RosterChild]
    bad: Sequence[RosterError] = ()
    skipped: Sequence[SkippedLine] = ()
    doubts: Sequence[Doubt] = ()
    shortened: Sequence[tuple[int, str]] = ()
    guessed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterKeys:
    """Keyed hashes by which an update recognises a child: of its identity, None if the roster has
    none, and of its written name."""

    identity: bytes | None = None
    name: bytes | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A student as a roster sees it."""

    student_id: int
    class_id: int
    nickname: str
    keys: RosterKeys


class Becomes(StrEnum):
    """What a line of a roster, or a child that is not in it, becomes."""

    ADDED = "added"
    KEPT = "kept"
    CHANGED = "changed"
    GONE = "gone"
    BAD = "bad"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True, slots=True)
class LineFault:
    """`column` and `about` are as in RosterError."""

    fault: RosterFault
    column: str = ""
    about: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewLine:
    """`line` is None for a child that is gone. `was` is the nickname that is replaced, and
    `was_class` the class that a child leaves. `message` says all of what is in `faults`."""

    line: int | None
    becomes: Becomes
    nickname: str = ""
    class_name: str = ""
    avatar: str | None = None
    student_id: int | None = None
    was: str | None = None
    was_class: str | None = None
    message: str = ""
    faults: Sequence[LineFault] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewClass:
    """A class that the import concerns. `school_class` is None if it would be created."""

    name: str
    school_class: SchoolClass | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterPreview:
    """What an import would do, in the order of the file, then who is gone. `preview_id` changes
    with the file, the options and the classes' children. `guessed` is as in RosterReading."""

    preview_id: str
    classes: Sequence[PreviewClass]
    lines: Sequence[PreviewLine]
    doubts: Sequence[Doubt]
    errors: Sequence[RosterError] = ()
    guessed: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """The number of lines by what they become."""
        counts = dict.fromkeys(Becomes, 0)
        for line in self.lines:
            counts[line.becomes] += 1
        return {str(becomes): count for becomes, count in counts.items()}

    @property
    def can_apply(self) -> bool:
        """Whether there are children and no bad lines."""
        wanted = (Becomes.ADDED, Becomes.KEPT, Becomes.CHANGED)
        return not self.errors and any(line.becomes in wanted for line in self.lines)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewMember:
    """A student to add."""

    class_id: int
    nickname: str
    avatar: str
    keys: RosterKeys


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentChange:
    """What an import did to a student. One that it added has no `before`."""

    before: Member | None
    after: Member


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterImport:
    """An import that was applied. `created` are those of its classes that it created."""

    import_id: int
    at: datetime
    who: str
    class_ids: Sequence[int]
    created: Sequence[int]
    counts: Mapping[str, int]
    undone_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedChange:
    """What an import did to one student, for the family. `was` and `was_class_id` are None if it
    added the student."""

    import_id: int
    at: datetime
    nickname: str
    class_id: int
    was: str | None
    was_class_id: int | None
