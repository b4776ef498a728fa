"""The report of a class in a browser: printed as PDF, and read on the screen."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from cli.files.pdf import find_browser, printed
from neuroplay.core.entities.game_catalogue import GAMES
from tests.browser import chromium
from tests.browser.test_accessibility import AXE, RULES, SIDEWAYS
from tests.unit.cli.paper.test_report import CLASS, NOON, a_child, a_game, html_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def document() -> str:
    """A demo class of one child who played all games, one who played one, and one who played
    nothing."""
    known = {"last_heard": NOON, "last_played": NOON, "unsent": 2, "held": 1}
    return html_of(
        a_child(1, "Ana", games=[a_game(game) for game in GAMES], **known),
        a_child(2, "نور 🦊", **known),
        a_child(3, "Bia", games=[]),
        language="pt-BR",
        of=replace(CLASS, has_made_up_play=True),
    )


def test_a_report_is_printed_with_new_pages_for_each_child():
    named = chromium.find() or chromium.playwrights_own()
    pdf = printed(document().encode(), find_browser(Path(named) if named else None))
    assert pdf.startswith(b"%PDF-")
    # The front, two pages of six games, and one for each of the others.
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 5


def test_a_report_is_read_on_a_narrow_screen_without_a_network(browser: Browser, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(document())
    page = browser.new_page(viewport={"width": 360, "height": 700})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    plots = page.get_by_role("img", name="Corrida das Lanternas: Nível por dia")
    expect(plots).to_have_count(2)
    expect(plots.first).to_have_accessible_description(re.compile("Menor 1, maior 4, último 4"))
    page.get_by_text("Os números em tabela: Corrida das Lanternas").first.click()
    expect(page.get_by_role("row", name="7 de novembro de 2026").first).to_be_visible()
    assert page.evaluate(SIDEWAYS) == []
    page.add_script_tag(path=AXE)
    assert page.evaluate(RULES) == []
    assert {url.partition(":")[0] for url in asked} <= {"file", "data"}
    page.close()
