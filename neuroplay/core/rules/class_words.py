"""Which classes a word may mean, and how sure that is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from neuroplay.core.entities.student import SchoolClass
from neuroplay.core.rules.codes import CLASS_CODE_LENGTH, normalise_code

ID, CODE, NAME = "id", "code", "name"
KINDS = (ID, CODE, NAME)
"""With one of these and a colon before it, a word says what it is: `id:5`."""

LARGEST_ID = 2**31 - 1
"""Of a PostgreSQL integer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Meanings:
    """The classes that a word is the name, code or id of. `alike` are those whose names differ
    from it in case, spaces or width alone."""

    named: tuple[SchoolClass, ...] = ()
    coded: tuple[SchoolClass, ...] = ()
    numbered: tuple[SchoolClass, ...] = ()
    alike: tuple[SchoolClass, ...] = ()

    @property
    def all(self) -> tuple[SchoolClass, ...]:
        """Each class once, the surest meaning first."""
        found = (*self.named, *self.coded, *self.numbered, *self.alike)
        return tuple({one.class_id: one for one in found}.values())


def meanings(word: str, classes: Iterable[SchoolClass]) -> Meanings:
    """What `word` may mean; `id:5`, `code:A1B2C` and `name:3A` mean one thing each."""
    kind, value = split(word)
    if kind == NAME:
        return _by_name(value, classes)
    if kind == CODE:
        code = normalise_code(value, CLASS_CODE_LENGTH)
        return Meanings(coded=tuple(one for one in classes if one.code == code))
    if kind == ID:
        number = as_id(value)
        return Meanings(numbered=tuple(one for one in classes if one.class_id == number))
    classes = tuple(classes)
    found, code, number = _by_name(value, classes), as_code(value), as_id(value)
    return Meanings(
        named=found.named,
        alike=found.alike,
        coded=tuple(one for one in classes if one.code == code),
        numbered=tuple(one for one in classes if one.class_id == number),
    )


def split(word: str) -> tuple[str, str]:
    """What kind of reference a word says that it is ('' where it does not), and the rest."""
    kind, colon, value = word.strip().partition(":")
    if colon and kind.strip().lower() in KINDS:
        return kind.strip().lower(), value.strip()
    return "", word.strip()


def as_code(word: str) -> str | None:
    """The class code that a word can be read as."""
    return normalise_code(word, CLASS_CODE_LENGTH)


def as_id(word: str) -> int | None:
    """The id that a word can be read as."""
    if not (word.isascii() and word.isdigit()) or len(word) > 20:
        return None
    return int(word) if 0 < int(word) <= LARGEST_ID else None


def _by_name(word: str, classes: Iterable[SchoolClass]) -> Meanings:
    same, alike = [], []
    if word:
        name, look = _name(word), _look(word)
        for one in classes:
            if _name(one.name) == name:
                same.append(one)
            elif look and _look(one.name) == look:
                alike.append(one)
    return Meanings(named=tuple(same), alike=tuple(alike))


def _name(text: str) -> str:
    """Equal for names that nobody can tell apart: macOS writes é as two characters."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _look(text: str) -> str:
    """Equal for names that people take for the same."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(
        one for one in folded if not one.isspace() and unicodedata.category(one) not in ("Cf", "Pd")
    )
