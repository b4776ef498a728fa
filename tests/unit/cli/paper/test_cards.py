from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from html import unescape
from importlib.resources import files
from typing import Any

import pytest
import segno

from cli.paper.avatars import NEO, avatar_svg
from cli.paper.cards import Card, fives, qr_path
from cli.paper.sheet import CARDS_A_PAGE, sheet_html
from neuroplay.core.entities.language import LANGUAGES
from neuroplay.core.rules.nicknames import AVATARS as CORE_AVATARS
from neuroplay.core.rules.nicknames import COLOURS

URL = "https://play.school.example"


def card(**changes) -> Card:
    known: dict[str, Any] = {
        "student_id": 1,
        "nickname": "Ana",
        "avatar": "fox",
        "class_code": "7K2MN",
        "card_code": "ABCDEFGHJK",
    }
    return Card(**(known | changes))


def squares(path: str) -> set[tuple[int, int]]:
    """The unit squares that an SVG path of our making fills."""
    return {
        (int(x) + step, int(y))
        for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path)
        for step in range(int(run))
    }


def test_the_link_of_a_card_hides_the_codes_behind_the_hash():
    assert card().link(URL + "/") == f"{URL}/#card=7K2MN-ABCDEFGHJK"


def test_codes_are_shown_in_groups_of_five():
    assert fives("ABCDEFGHJK") == "ABCDE FGHJK"


def test_the_drawn_code_is_the_qr_code_of_the_link_module_by_module():
    link = card().link(URL)
    path, width = qr_path(link)

    matrix = segno.make_qr(link, error="m").matrix
    assert width == len(matrix)
    assert squares(path) == {
        (x, y) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark
    }


def test_the_sheet_needs_nothing_from_elsewhere():
    html = sheet_html("3A", [card()], public_url=URL, language="en")

    assert not re.search(r"<(script|link|img|iframe)\b|@import|url\((?!data:)|src=", html)


def test_a_card_on_the_sheet_can_be_opened_and_shared_as_a_link():
    html = sheet_html("3A", [card()], public_url=URL, language="en")

    assert re.findall(r'href="([^"]*)"', html) == [card().link(URL)]


def test_each_card_shows_its_nickname_its_codes_and_its_picture():
    html = sheet_html(
        "3A",
        [card(), card(student_id=8, nickname="Bia", avatar="owl")],
        public_url=URL,
        language="pt-BR",
    )

    assert html.count("<article>") == 2
    for shown in (
        "Ana",
        "Bia",
        "7K2MN",
        "ABCDE FGHJK",
        avatar_svg("fox"),
        avatar_svg("owl", 1),
        NEO,
    ):
        assert shown in html


def test_names_are_text_never_markup():
    html = sheet_html("<i>3A</i>", [card(nickname="<b>x</b> & y")], public_url=URL, language="es")

    assert "<b>x" not in html
    assert "<i>3A" not in html
    assert "&lt;b&gt;x&lt;/b&gt; &amp; y" in html


@pytest.mark.parametrize(("students", "pages"), [(1, 1), (10, 1), (11, 2), (30, 3), (200, 20)])
def test_a_page_holds_ten_cards(students, pages):
    html = sheet_html("3A", [card()] * students, public_url=URL, language="en")

    assert CARDS_A_PAGE == 10
    assert html.count('<section class="page">') == pages
    assert html.count("<article>") == students


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sheet_speaks_the_language_of_the_class(language):
    html = sheet_html("3A", [card()] * 11, public_url=URL, language=language)

    assert f'<html lang="{language}">' in html
    assert LANGUAGES[language].card_sheet.keep in unescape(html)
    assert "{" not in LANGUAGES[language].card_sheet.how.format(url=URL)


TABLE = json.loads((files("neuroplay.core") / "avatars.json").read_text())


@pytest.mark.parametrize("name", [*CORE_AVATARS, "unheard-of", '"><script>'])
@pytest.mark.parametrize("colour", range(COLOURS))
def test_every_avatar_is_well_formed_svg(name, colour):
    picture = avatar_svg(name, colour)

    ElementTree.fromstring(picture)  # noqa: S314 - ours
    assert "<script" not in picture


def test_the_table_draws_every_avatar_in_every_colour():
    assert tuple(TABLE["animals"]) == CORE_AVATARS
    assert len(TABLE["colours"]) == COLOURS


def test_no_two_colours_share_a_disc_or_a_pattern():
    for part in ("disc", "pattern"):
        assert len({colour[part] for colour in TABLE["colours"]}) == COLOURS


def test_forty_eight_children_in_a_row_differ():
    cards = [
        card(student_id=place, avatar=CORE_AVATARS[place % len(CORE_AVATARS)])
        for place in range(1000, 1048)
    ]

    assert len({(one.avatar, one.colour) for one in cards}) == 48
