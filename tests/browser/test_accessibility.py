"""Accessibility: WCAG 2.2 AA by axe, keyboard, target sizes, large text, reduced motion."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import RunningSystem
from tests.browser.network import Network
from tests.browser.play import Child, new_children, open_game
from tests.browser.tablet import Tablet, open_adults, signed_in, wait_for
from tests.browser.walk import Walk, settle

pytestmark = [pytest.mark.browser, pytest.mark.moving, pytest.mark.slow]

AXE = Path(__file__).parents[2] / "pwa" / "node_modules" / "axe-core" / "axe.min.js"

RULES = """async () => {
  const found = await axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  });
  return found.violations.map((one) => ({
    rule: one.id,
    nodes: one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)),
    why: one.nodes[0].failureSummary,
  }));
}"""

SMALL_TARGETS = """() => {
  const shown = (element) => element.checkVisibility() && !element.disabled;
  return [...document.querySelectorAll('button, a[href], input, [role=button], [role=switch]')]
    .filter(shown)
    .map((element) => [element.closest('label') ?? element, element.outerHTML.slice(0, 120)])
    .map(([element, html]) => ({ html, box: element.getBoundingClientRect() }))
    .filter(({ box }) => box.width < 44 || box.height < 44)
    .map(({ html, box }) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${html}`);
}"""

SIDEWAYS = """() => {
  const root = document.scrollingElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  return [...document.querySelectorAll('body *')]
    .filter((element) => element.checkVisibility() && !element.closest('svg, .paper-city'))
    .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1)
    .map((element) => element.outerHTML.slice(0, 120));
}"""

CLIPPED = """() => [...document.querySelectorAll('button, h1:not(.hidden), h2, p, label')]
  .filter((element) => element.checkVisibility())
  .filter((element) => getComputedStyle(element).overflow !== 'visible')
  .filter((element) => element.scrollWidth > element.clientWidth + 1)
  .map((element) => element.outerHTML.slice(0, 120))"""


@pytest.fixture
def child(system: RunningSystem) -> Child:
    return new_children(system)[0]


HAS_FOCUS = "() => document.querySelector('main').contains(document.activeElement)"

TITLES = {
    "home": "Home · NeuroPlay",
    "badges": "Badges · NeuroPlay",
    "the game": "Lantern Run · NeuroPlay",
    "who plays": "Who is playing? · NeuroPlay",
}
"""Of some screens."""

PHONES = [(320, 640, 100), (360, 740, 200), (360, 740, 100)]
"""Width, height, and the size of the text in per cent. On the last one the child walks on."""


def test_on_every_screen_axe_finds_nothing_and_targets_are_large_and_nothing_is_cut(
    tablet: Tablet, network: Network, child: Child
) -> None:
    """Each also takes the focus and names itself."""
    found: dict[str, Any] = {}
    titles: dict[str, str] = {}
    axe = AXE.read_text()
    for name, page in Walk(tablet, network, child).screens():
        # A screen is drawn first; then it takes the focus, and names itself.
        wait_for(page, HAS_FOCUS)
        assert page.title().endswith(" · NeuroPlay"), name
        assert child.nickname not in page.title()
        titles[name] = page.title()
        page.set_viewport_size({"width": 1280, "height": 720})
        settle(page)
        page.evaluate(axe)
        if violations := page.evaluate(RULES):
            found[name] = violations
        for width, height, percent in PHONES:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(
                "size => document.documentElement.style.setProperty('font-size', size)",
                f"{percent}%",
            )
            settle(page)
            wrong = page.evaluate(SMALL_TARGETS) + page.evaluate(SIDEWAYS) + page.evaluate(CLIPPED)
            if wrong:
                found[f"{name}, {width} px, {percent} %"] = wrong
    assert not found, dump(found)
    assert TITLES.items() <= titles.items()


def dump(found: object) -> str:
    return json.dumps(found, indent=1)


FOCUS = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  return {
    id: element.dataset.testid ?? element.tagName,
    seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
  };
}"""


def tab_to(page: Page, test_id: str) -> None:
    """Go there with the Tab key; whatever has the focus on the way shows it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        assert focus["seen"] or focus["id"] == "BODY", focus
        if focus["id"] == test_id:
            return
    raise AssertionError(f"the keyboard does not reach {test_id}")


def test_the_whole_way_by_keyboard(tablet: Tablet, network: Network, child: Child) -> None:
    page = tablet.open()
    expect(page.get_by_test_id("new-card")).to_be_visible()
    tab_to(page, "new-card")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("card-field")).to_be_visible()
    if page.evaluate(FOCUS)["id"] != "card-field":
        tab_to(page, "card-field")
    page.keyboard.type(child.card.removeprefix("/#card="))
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("level")).to_be_visible()
    tab_to(page, "tile-cyber_runner")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("play")).to_be_visible()
    tab_to(page, "play")
    page.evaluate("globalThis.__neuroplaySpeed = 20")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("tutorial-skip")).to_be_visible()
    tab_to(page, "tutorial-skip")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("tutorial-skip")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("game-leave")).to_be_visible()
    tab_to(page, "game-leave")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("level").or_(page.get_by_test_id("result-home"))).to_be_visible()


def test_little_motion_is_respected(tablet: Tablet, network: Network, child: Child) -> None:
    moving: dict[str, list[str]] = {}
    tablet.start().on("page", lambda page: page.emulate_media(reduced_motion="reduce"))
    for name, page in Walk(tablet, network, child).screens():
        running = page.evaluate(
            """() => document.getAnimations()
              .filter((one) => one.playState === 'running')
              .filter((one) => one.effect.getComputedTiming().duration > 10)
              .map((one) => `${one.animationName ?? one.transitionProperty}`)"""
        )
        if running:
            moving[name] = running
    assert not moving, dump(moving)


def test_points_are_readable_over_a_picture_in_forced_colours(
    tablet: Tablet, network: Network, child: Child
) -> None:
    tablet.start().on("page", lambda page: page.emulate_media(forced_colors="active"))
    page = signed_in(tablet, child)
    open_game(page)
    for shown in (".round-points", ".round-pause"):
        behind = page.locator(shown).evaluate("one => getComputedStyle(one).backgroundColor")
        assert re.fullmatch(r"rgb\(\d+, \d+, \d+\)", behind), f"{shown} is see-through: {behind}"


def test_the_language_of_the_page_is_told(tablet: Tablet, network: Network, child: Child) -> None:
    page = signed_in(tablet, child)
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^en"))
    open_adults(page)
    page.get_by_test_id("language-pt-BR").check()
    expect(page.locator("html")).to_have_attribute("lang", "pt-BR")


def test_chromium_finds_the_app_installable(tablet: Tablet, network: Network, child: Child) -> None:
    page = signed_in(tablet, child)
    cdp = tablet.context.new_cdp_session(page)
    manifest = cdp.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert cdp.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
