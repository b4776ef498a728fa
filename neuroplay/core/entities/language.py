"""The words of each language that commands print, read from `core/languages.json`; those of the
page are in `pwa/src/i18n`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

LANGUAGES_FILE = Path(__file__).parent.parent / "languages.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Animal:
    """One that a nickname can have: what it is called, and its gender, `m` or `f`, where the
    language has any."""

    noun: str
    gender: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CardSheet:
    """The words on a printed sheet of cards; `{url}`, `{page}` and `{pages}` are put in."""

    title: str
    school_class: str
    card: str
    how: str
    keep: str
    page: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Language:
    """`animals` are by avatar. A friendly word has its masculine and feminine ending after a bar
    (`calm|o/a`), or one form alone."""

    animals: Mapping[str, Animal]
    friendly_words: tuple[str, ...]
    word_comes_first: bool
    card_sheet: CardSheet


def _read() -> dict[str, Language]:
    table = json.loads(LANGUAGES_FILE.read_text(encoding="utf-8"))
    return {
        name: Language(
            animals={avatar: Animal(**animal) for avatar, animal in words["animals"].items()},
            friendly_words=tuple(words["friendly_words"]),
            word_comes_first=words["word_comes_first"],
            card_sheet=CardSheet(**words["card_sheet"]),
        )
        for name, words in table.items()
    }


LANGUAGES: Mapping[str, Language] = MappingProxyType(_read())
