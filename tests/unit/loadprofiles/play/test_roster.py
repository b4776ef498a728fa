from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadprofiles.play.roster import Card, read_roster

CODE = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=5, max_size=10)
CLASSES = st.lists(
    st.tuples(CODE, st.lists(CODE, max_size=4, unique=True)),
    max_size=4,
    unique_by=lambda one: one[0],
)


def a_class(code: str, *cards: str) -> dict[str, Any]:
    return {
        "class": {"class_id": 1, "name": "3A", "code": code},
        "students": [{"nickname": "Ana", "avatar": "fox", "card_code": card} for card in cards],
    }


@given(classes=CLASSES)
def test_a_roster_gives_every_card_in_order(classes: list[tuple[str, list[str]]]) -> None:
    text = json.dumps({"classes": [a_class(code, *cards) for code, cards in classes]})
    cards = [Card(code, card) for code, some in classes for card in some]
    if cards:
        assert read_roster(text) == cards
    else:
        with pytest.raises(ValueError, match="no students"):
            read_roster(text)


def test_what_class_create_prints_is_a_roster_too() -> None:
    assert read_roster(json.dumps(a_class("A1B2C", "X1", "X2"))) == [
        Card("A1B2C", "X1"),
        Card("A1B2C", "X2"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cards",
        "[]",
        "null",
        "7",
        "{}",
        '{"classes": []}',
        '{"classes": 5}',
        '{"classes": "3A"}',
        '{"classes": [null]}',
        '{"classes": [{"class": {"code": "A1B2C"}}]}',
        '{"classes": [{"students": [{"card_code": "X"}]}]}',
        '{"classes": [{"class": {"code": "A1B2C"}, "students": [{"nickname": "Ana"}]}]}',
        '{"classes": [{"class": {"code": null}, "students": [{"card_code": "X"}]}]}',
        '{"classes": [{"class": {"code": "A1B2C"}, "students": [{"card_code": ""}]}]}',
        '{"classes": [{"class": {"code": "A1B2C"}, "students": ["X"]}]}',
    ],
)
def test_another_file_is_refused_with_words(text: str) -> None:
    with pytest.raises(ValueError, match="the roster"):
        read_roster(text)


def test_one_card_for_two_tablets_is_refused() -> None:
    text = json.dumps({"classes": [a_class("A1B2C", "X1"), a_class("A1B2C", "X1")]})
    with pytest.raises(ValueError, match="twice"):
        read_roster(text)


def test_the_same_card_code_in_another_class_is_another_card() -> None:
    text = json.dumps({"classes": [a_class("A1B2C", "X1"), a_class("D3E4F", "X1")]})
    assert len(read_roster(text)) == 2
