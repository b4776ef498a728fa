"""Find the classes that a word on the command line may refer to, by name, code or id."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from neuroplay.core.entities.student import SchoolClass
from neuroplay.core.rules.codes import CLASS_CODE_LENGTH, normalise_code

ID, CODE, NAME = "id", "code", "name"
KINDS = (ID, CODE, NAME)
"""Prefixes that make a reference explicit, as in `id:5`."""

LARGEST_ID = 2**31 - 1
"""The largest PostgreSQL integer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Meanings:
    """The classes whose name, code or id a word is.

    `alike` are classes whose names differ from it only in case, spaces, accents, punctuation or
    the script of similar letters.
    """

    named: tuple[SchoolClass, ...] = ()
    coded: tuple[SchoolClass, ...] = ()
    numbered: tuple[SchoolClass, ...] = ()
    alike: tuple[SchoolClass, ...] = ()

    @property
    def live(self) -> Meanings:
        """Without archived classes that only their name tells: that of a class is used again in
        the next year."""
        return replace(
            self,
            named=tuple(one for one in self.named if not one.is_archived),
            alike=tuple(one for one in self.alike if not one.is_archived),
        )

    @property
    def all(self) -> tuple[SchoolClass, ...]:
        """Each class once, the most certain meaning first."""
        found = (*self.named, *self.coded, *self.numbered, *self.alike)
        return tuple({one.class_id: one for one in found}.values())


def meanings(word: str, classes: Iterable[SchoolClass]) -> Meanings:
    """All meanings of `word`. `id:5`, `code:A1B2C` and `name:3A` are matched in that way only."""
    kind, value = split(word)
    classes = tuple(classes)
    code = as_code(value) if kind in ("", CODE) else None
    number = as_id(value) if kind in ("", ID) else None
    named, alike = _by_name(value, classes) if kind in ("", NAME) else ([], [])
    return Meanings(
        named=tuple(named),
        coded=tuple(one for one in classes if one.code == code),
        numbered=tuple(one for one in classes if one.class_id == number),
        alike=tuple(alike),
    )


def by_name(classes: Iterable[SchoolClass]) -> dict[str, list[SchoolClass]]:
    """The classes of each exact name, in NFC with single spaces: for many names at once."""
    found: dict[str, list[SchoolClass]] = {}
    for one in classes:
        found.setdefault(_name(one.name), []).append(one)
    return found


def split(word: str) -> tuple[str, str]:
    """The kind of an explicit reference ('' if it has none), and the value."""
    kind, colon, value = word.strip().partition(":")
    if colon and kind.strip().lower() in KINDS:
        return kind.strip().lower(), value.strip()
    return "", word.strip()


def as_code(word: str) -> str | None:
    """The word as a normalised class code; None if it cannot be one."""
    return normalise_code(word, CLASS_CODE_LENGTH)


def as_id(word: str) -> int | None:
    """The word as an id; None if it cannot be one."""
    if not (word.isascii() and word.isdigit()) or len(word) > 20:
        return None
    return int(word) if 0 < int(word) <= LARGEST_ID else None


def _by_name(
    word: str, classes: Iterable[SchoolClass]
) -> tuple[list[SchoolClass], list[SchoolClass]]:
    """Classes with exactly this name, and those with a similar one."""
    same: list[SchoolClass] = []
    alike: list[SchoolClass] = []
    if word:
        name, looks = _name(word), _looks(word)
        for one in classes:
            if _name(one.name) == name:
                same.append(one)
            elif looks & _looks(one.name):
                alike.append(one)
    return same, alike


def _name(text: str) -> str:
    """The name in NFC with single spaces: macOS writes é as two characters."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


_TWINS = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0432\u043a\u043c\u043d\u0442\u0437\u0501\u051b"
    "\u03b1\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03b2\u03b7\u03bc\u03b6\u0131",
    "aeopcyxijsbkmht3dqaeiknoptyxbhmzi",
)
"""Lower-case Cyrillic and Greek letters, and the Latin ones that they look like in either case."""

_ORDINALS = re.compile(r"(?<=\d)[\u00ba\u00aa\u00b0]")
"""Ordinal signs after a number. 5º, 5° and 5 are equal, and so are 5º and 5o."""


def _looks(text: str) -> frozenset[str]:
    """Keys of a name: names that share one look the same to people. Empty if it has no visible
    character."""
    return frozenset({look(text), look(_ORDINALS.sub(" ", text))} - {""})


def look(text: str) -> str:
    """A key that is equal for names that differ only in case, accents, spaces, signs or the script
    of similar letters. Empty if nothing of the name can be seen."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    shown = "".join(
        one for one in folded.translate(_TWINS) if unicodedata.category(one) not in ("Cf", "Mn")
    )
    spaced = "".join(" " if _is_sign(one) else one for one in shown)
    apart = re.sub(r"(?<=\d)\s+(?=\d)", ".", spaced)  # 1-11 is not 11-1
    return "".join(apart.split()) or "".join(shown.split())


def _is_sign(character: str) -> bool:
    kind = unicodedata.category(character)
    return kind[0] == "P" or kind in ("Sm", "Sk", "Sc")
