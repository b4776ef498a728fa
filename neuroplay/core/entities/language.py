"""The words that commands print in each language, from `core/languages.json`. Those of the app are
in `pwa/src/i18n`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

LANGUAGES_FILE = Path(__file__).parent.parent / "languages.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Animal:
    """An animal's name. `gender` is `m` or `f`, and '' in a language without genders."""

    noun: str
    gender: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CardSheet:
    """The texts of a printed sheet of cards, with the placeholders `{url}`, `{page}`, `{pages}`."""

    title: str
    school_class: str
    card: str
    how: str
    keep: str
    page: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassReportWords:
    """The texts of a class's report, with placeholders. `about` are its paragraphs on how to read
    it. The last four say how dates are written: `month` is a name of `months`, `short` its first
    letters, `number` its place from 1."""

    title: str
    period: str
    read: str
    made_up: str
    how: str
    about: tuple[str, ...]
    tables: str
    children: str
    no_children: str
    no_rounds: str
    heard: str
    not_heard: str
    last_round: str
    no_round: str
    days_played: str
    days_value: str
    minutes_all: str
    unsent: str
    counting: str
    held: str
    minutes_plot: str
    level_plot: str
    right_plot: str
    fresh: str
    practises: str
    rounds_played: str
    next_level: str
    plot_about: str
    table: str
    day: str
    minutes: str
    rounds: str
    level: str
    right: str
    percent: str
    date: str
    moment: str
    short_date: str
    months: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Language:
    """The words of one language. `animals` are by avatar.

    A friendly word has its masculine and feminine endings after a bar (`calm|o/a`), or one form. It
    names a mood or something in nature, never what a child is good at: praise of talent makes
    children avoid what is hard.
    `word_comes_first`: it precedes the animal.
    """

    animals: Mapping[str, Animal]
    friendly_words: tuple[str, ...]
    word_comes_first: bool
    card_sheet: CardSheet
    class_report: ClassReportWords


def _read() -> dict[str, Language]:
    table = json.loads(LANGUAGES_FILE.read_text(encoding="utf-8"))
    return {
        name: Language(
            animals={avatar: Animal(**animal) for avatar, animal in words["animals"].items()},
            friendly_words=tuple(words["friendly_words"]),
            word_comes_first=words["word_comes_first"],
            card_sheet=CardSheet(**words["card_sheet"]),
            class_report=ClassReportWords(**_with_tuples(words["class_report"])),
        )
        for name, words in table.items()
    }


def _with_tuples(words: Mapping[str, str | list[str]]) -> dict[str, Any]:
    return {name: tuple(text) if isinstance(text, list) else text for name, text in words.items()}


LANGUAGES: Mapping[str, Language] = MappingProxyType(_read())
