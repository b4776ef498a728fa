"""Reads a roster: the cards of a load class, as written by `neuroplay loadtest roster`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Card(NamedTuple):
    """What a student signs in with."""

    class_code: str
    card_code: str


def read_roster(text: str) -> list[Card]:
    """The cards in a roster, which is JSON: `{"classes": [...]}`, with classes as printed by
    `neuroplay class create --json`, or one such class alone. Raises ValueError."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the roster is not JSON: {error}") from None
    classes = document.get("classes", [document]) if isinstance(document, dict) else None
    try:
        cards = [card for made in classes or () for card in _cards(made)]
    except (KeyError, TypeError):
        raise ValueError(
            "the roster is not what `neuroplay loadtest roster` writes: each class needs "
            '"class": {"code"} and "students": [{"card_code"}]'
        ) from None
    if not cards:
        raise ValueError("the roster has no students")
    if len(set(cards)) < len(cards):
        raise ValueError("the roster contains a card twice, but each student plays on one tablet")
    return cards


def _cards(made: Mapping[str, Any]) -> Iterable[Card]:
    for student in made["students"]:
        card = Card(made["class"]["code"], student["card_code"])
        if not all(isinstance(code, str) and code for code in card):
            raise TypeError("a code is text")
        yield card
