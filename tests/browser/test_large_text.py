"""Large text on a small screen: whole words, nothing covered, the next button in sight."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import RunningSystem
from tests.browser.network import Network
from tests.browser.play import new_children, skip_the_tutorial
from tests.browser.tablet import Tablet, signed_in, wait_for
from tests.browser.walk import Walk, settle

pytestmark = [pytest.mark.browser, pytest.mark.moving, pytest.mark.slow]

SIZES = {
    "phone, 200 %": (360, 740, 225),
    "phone, big letters": (360, 740, 140),
    "phone": (360, 740, 112.5),
    "tablet": (768, 1024, 112.5),
    "landscape, 200 %": (1024, 768, 225),
}
"""Width, height, and the root's text size in per cent: 112.5 is the app's own, 225 the
double of it, 140 its big letters."""

BROKEN_WORDS = """() => {
  const broken = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!parent.checkVisibility() || parent.closest('svg, .hidden, script, style')) continue;
    for (const match of node.data.matchAll(/[\\p{L}\\p{M}\\p{N}]+/gu)) {
      const range = document.createRange();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (lines.size > 1) broken.push(`broken: ${match[0]} in "${node.data.trim().slice(0, 60)}"`);
    }
  }
  return broken;
}"""

OUTSIDE = """() => {
  const root = document.scrollingElement;
  const outside = [...document.querySelectorAll('button, h1, h2, h3, p, label, li, span, strong')]
    .filter((one) => one.checkVisibility() && !one.closest('svg, .hidden'))
    .filter((one) => {
      const box = one.getBoundingClientRect();
      return box.width > 0 && (box.right > root.clientWidth + 1 || box.left < -1);
    });
  const spilt = [...document.querySelectorAll('.paper *')]
    .filter((one) => one.checkVisibility() && !one.closest('svg, .hidden'))
    .filter((one) => {
      const paper = one.closest('.paper').getBoundingClientRect();
      return one.getBoundingClientRect().right > paper.right + 1;
    });
  const clipped = [...document.querySelectorAll('button, h1, h2, h3, p, label, span, strong')]
    .filter((one) => one.checkVisibility() && !one.closest('svg, .hidden'))
    .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
    .filter((one) => getComputedStyle(one).display !== 'inline');
  const found = [...new Set([...outside, ...spilt, ...clipped])];
  return found.map((one) => `too wide: ${one.outerHTML.slice(0, 120)}`);
}"""

IN_SIGHT = """(ids) => ids.filter((id) => {
  const one = document.querySelector(`[data-testid="${id}"]`);
  const box = one.getBoundingClientRect();
  const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  const middle = document.elementFromPoint(x, y);
  const { top, bottom, left, right } = box;
  const inside = top >= 0 && bottom <= innerHeight && left >= 0 && right <= innerWidth;
  return !inside || !(one === middle || one.contains(middle));
}).map((id) => `out of sight: ${id}`)"""

BOARDS = ["memory_pairs", "echo_sequence", "number_rush", "n_back_trail"]
"""The games whose answers are buttons."""

WAY_ON = {"the result": ["again", "result-home"], "before a game": ["play"]}
"""What must be in sight without scrolling."""

IN_THE_WAY = """() => {
  const boxOf = (one) => one.getBoundingClientRect();
  const over = ['.round-caption', '.round-skip'].map((one) => boxOf(document.querySelector(one)));
  const shared = (one, two) =>
    Math.max(0, Math.min(one.right, two.right) - Math.max(one.left, two.left)) *
    Math.max(0, Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top));
  const hidden = [...document.querySelectorAll('.round-board .choice')]
    .filter((one) => over.reduce((sum, box) => sum + shared(boxOf(one), box), 0) >
      0.3 * boxOf(one).width * boxOf(one).height)
    .map((one) => `hidden: ${one.outerHTML.slice(0, 100)}`);
  const board = document.querySelector('.round-board');
  const points = boxOf(document.querySelector('.round-points'));
  return board && points.bottom > boxOf(board).top ? [...hidden, 'points over the board'] : hidden;
}"""
"""What the words of a tutorial hide of the answers, by more than a third."""

CUT_OFF = """() => {
  const stage = document.querySelector('.preview').getBoundingClientRect();
  return [...document.querySelectorAll('.preview .choice, .preview .neo')]
    .filter((one) => one.checkVisibility())
    .filter((one) => {
      const { top, bottom, left, right } = one.getBoundingClientRect();
      return top < stage.top - 4 || bottom > stage.bottom + 4 ||
        left < stage.left - 4 || right > stage.right + 4;
    })
    .map((one) => `cut off: ${one.outerHTML.slice(0, 100)}`);
}"""
"""What sticks out of the moving picture before a game."""

HAND_IS_SHOWN = "() => document.querySelector('.round-hand:not([hidden])') !== null"

PICTURES = os.environ.get("NEUROPLAY_PICTURES")
"""A folder for a picture of each screen and size, to look at."""


LANGUAGES = ["pt-BR", *(pytest.param(other, marks=pytest.mark.long) for other in ("es", "en"))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_whole_and_the_way_on_in_sight(
    tablet: Tablet, network: Network, system: RunningSystem, language: str
) -> None:
    tablet.scripts = (
        f"try {{ localStorage.setItem('neuroplay-language', '{language}') }} catch {{}}",
    )
    child = new_children(system)[0]
    wrong: dict[str, list[str]] = {}
    for name, page in Walk(tablet, network, child).screens():
        for size, (width, height, percent) in SIZES.items():
            look(page, width, height, percent)
            found = page.evaluate(BROKEN_WORDS) + page.evaluate(OUTSIDE)
            found += page.evaluate(IN_SIGHT, WAY_ON.get(name, []))
            if found:
                wrong[f"{name}, {size}"] = sorted(set(found))
            if PICTURES:
                folder = Path(PICTURES)
                folder.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=folder / f"{name}-{size}-{language}.png", full_page=True)
        look(page, 1280, 720, 112.5)
    assert not wrong, json.dumps(wrong, indent=1, ensure_ascii=False)


def test_on_a_phone_the_picture_before_a_game_is_whole(
    tablet: Tablet, network: Network, system: RunningSystem
) -> None:
    page = signed_in(tablet, new_children(system)[0])
    wrong: dict[str, list[str]] = {}
    for game in BOARDS:
        page.get_by_test_id(f"tile-{game}").click()
        for percent in (112.5, 225):
            look(page, 360, 740, percent)
            wait_for(page, "() => document.querySelector('.preview .round-board') !== null")
            if found := still_found(page, CUT_OFF):
                wrong[f"{game}, {percent} %"] = found
        look(page, 1280, 720, 112.5)
        page.get_by_test_id("back").click()
    assert not wrong, json.dumps(wrong, indent=1, ensure_ascii=False)


def test_with_large_text_a_tutorial_leaves_its_game_in_sight(
    tablet: Tablet, network: Network, system: RunningSystem
) -> None:
    page = signed_in(tablet, new_children(system)[0])
    wrong: dict[str, list[str]] = {}
    for game in BOARDS:
        page.get_by_test_id(f"tile-{game}").click()
        page.evaluate("globalThis.__neuroplaySpeed = 3")
        page.get_by_test_id("play").click()
        expect(page.get_by_test_id("tutorial-skip")).to_be_visible()
        for width, height in ((360, 740), (768, 1024)):
            look(page, width, height, 225)
            wait_for(page, HAND_IS_SHOWN)
            if found := page.evaluate(IN_THE_WAY):
                wrong[f"{game}, {width} px"] = found
        look(page, 1280, 720, 112.5)
        skip_the_tutorial(page)
        page.get_by_test_id("game-pause").click()
        page.get_by_test_id("game-leave").click()
    assert not wrong, json.dumps(wrong, indent=1, ensure_ascii=False)


def still_found(page: Page, script: str) -> list[str]:
    """What the script finds even after the page had time to follow its new size."""
    found: list[str] = []
    for _ in range(50):
        found = page.evaluate(script)
        if not found:
            break
        page.wait_for_timeout(100)
    return found


def look(page: Page, width: int, height: int, percent: float) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate(
        "size => document.documentElement.style.setProperty('font-size', size)", f"{percent}%"
    )
    settle(page)
