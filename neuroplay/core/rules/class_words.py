"""Which classes a word may mean, and how sure that is."""

from __future__ import annotations

import re
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
    from it in case, spaces, accents, signs or the script of letters alone."""

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


def _by_name(
    word: str, classes: Iterable[SchoolClass]
) -> tuple[list[SchoolClass], list[SchoolClass]]:
    """Those that are called so, and those that are called alike."""
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
    """Equal for names that nobody can tell apart: macOS writes é as two characters."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


_TWINS = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0432\u043a\u043c\u043d\u0442\u0437\u0501\u051b"
    "\u03b1\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03b2\u03b7\u03bc\u03b6\u0131",
    "aeopcyxijsbkmht3dqaeiknoptyxbhmzi",
)
"""Small letters of Cyrillic and Greek that look like Latin ones, small or capital."""

_ORDINALS = re.compile(r"(?<=\d)[\u00ba\u00aa\u00b0]")
"""After a number: 5º, 5° and 5 are the same, and so are 5º and 5o."""


def _looks(text: str) -> frozenset[str]:
    """What names that people take for the same have in common; none where nothing is shown."""
    return frozenset({_look(text), _look(_ORDINALS.sub(" ", text))} - {""})


def _look(text: str) -> str:
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
