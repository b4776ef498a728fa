"""Changes of screens: the title's language, and the effect of offers on the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from neuroplay import core
from tests.browser.conftest import RunningSystem
from tests.browser.network import Network
from tests.browser.play import Child, new_children, play_a_round
from tests.browser.tablet import (
    Tablet,
    put_sessions,
    signed_in,
    stored,
    wait_empty,
    wait_for,
    wake,
)
from tests.browser.test_large_text import IN_SIGHT

pytestmark = [pytest.mark.browser, pytest.mark.moving, pytest.mark.slow]

CHANGED_ANSWER = """(() => {
  const real = globalThis.fetch;
  globalThis.fetch = async (...given) => {
    const answer = await real(...given);
    if (!String(given[0]).endsWith('/api/v1/me') || answer.status !== 200) return answer;
    const me = Object.assign(await answer.json(), CHANGE);
    return new Response(JSON.stringify(me), { status: 200, headers: answer.headers });
  };
})()"""
"""The server's own answer, as a later release would give it."""

COVERED = """() => [...document.querySelectorAll('main button')]
  .filter((button) => button.checkVisibility())
  .filter((button) => {
    button.scrollIntoView({ block: 'center' });
    const box = button.getBoundingClientRect();
    const top = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    return top && !(button === top || button.contains(top) || top.contains(button));
  })
  .map((button) => button.outerHTML.slice(0, 100))"""


GAMES = json.loads((Path(core.__file__).parent / "game_catalogue.json").read_text())["games"]
TILES = [f"tile-{game['id']}" for game in GAMES]


LIT_ON_RESULT = """() => [...document.querySelectorAll('[data-testid^="lit-"]')]
  .map((one) => one.dataset.testid.slice(4)).sort()"""

LIT_AT_HOME = """() => [...document.querySelectorAll('.lamp[data-lit=true]')]
  .map((one) => one.dataset.goal).sort()"""


@pytest.fixture
def child(system: RunningSystem) -> Child:
    return new_children(system)[0]


def later_release(**change: Any) -> str:
    return CHANGED_ANSWER.replace("CHANGE", json.dumps(change))


def test_the_title_follows_the_language(tablet: Tablet, network: Network, child: Child) -> None:
    page = signed_in(tablet, child)
    page.get_by_test_id("badges").click()
    expect(page).to_have_title("Badges · NeuroPlay")
    page.go_back()
    expect(page).to_have_title("Home · NeuroPlay")


def test_an_offer_comes_after_the_games_and_covers_nothing(
    tablet: Tablet, network: Network, child: Child
) -> None:
    page = signed_in(tablet, child)
    play_a_round(page)
    page.get_by_test_id("result-home").click()
    wait_empty(page)
    page.evaluate(
        """() => {
          const event = new Event('beforeinstallprompt');
          event.prompt = () => Promise.resolve({ outcome: 'dismissed' });
          dispatchEvent(event);
        }"""
    )
    expect(page.get_by_test_id("install")).to_be_visible()
    for width, height in ((360, 740), (768, 1024)):
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("scrollTo(0, 0)")
        assert page.evaluate(IN_SIGHT, TILES) == [], width
        doors = page.get_by_test_id("switch-child").bounding_box()
        offer = page.get_by_test_id("install").bounding_box()
        assert doors is not None
        assert offer is not None
        assert offer["y"] >= doors["y"] + doors["height"], width
        assert page.evaluate(COVERED) == [], width


def test_home_is_one_screen_and_on_a_phone_all_games_are_on_the_first(
    tablet: Tablet, network: Network, child: Child
) -> None:
    page = signed_in(tablet, child)
    for width, height in ((768, 1024), (1024, 768), (1366, 768)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.scrollingElement.scrollHeight <= innerHeight"), width
        seen = [*TILES, "badges", "board", "switch-child", "adults"]
        assert page.evaluate(IN_SIGHT, seen) == [], width
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate(IN_SIGHT, TILES) == []


def test_the_lanterns_of_a_round_stay_lit(tablet: Tablet, network: Network, child: Child) -> None:
    page = signed_in(tablet, child)
    expect(page.locator(".lamp")).to_have_count(3)
    play_a_round(page)
    lit = page.evaluate(LIT_ON_RESULT)
    page.get_by_test_id("result-home").click()
    for _ in range(2):
        expect(page.locator(".lamp[data-lit=true]")).to_have_count(len(lit))
        assert page.evaluate(LIT_AT_HOME) == lit
        (known,) = stored(page, "students")
        (day,) = known["diary"]["days"]
        assert [one["game"] for one in day["rounds"]] == ["cyber_runner"]
        assert sorted(day["lit"]) == lit
        page.reload()


def test_a_badge_of_a_later_release_is_shown_plainly(
    tablet: Tablet, network: Network, child: Child
) -> None:
    badge = {"id": "moon_walker", "unlocked_at": "2026-11-20T12:00:00Z"}
    tablet.scripts = (later_release(achievements=[badge]),)
    page = signed_in(tablet, child)
    page.get_by_test_id("badges").click()
    expect(page.get_by_test_id("badge-moon_walker")).to_contain_text("Surprise badge")
    expect(page.get_by_test_id("badge-moon_walker")).to_have_attribute("data-own", "true")


def test_a_held_game_is_told_as_one_that_waits_for_an_adult(
    tablet: Tablet, network: Network, child: Child, system: RunningSystem
) -> None:
    page = signed_in(tablet, child)
    expect(page.get_by_test_id("held")).to_have_count(0)
    (held,) = put_sessions(page, child.student_id, 1, changes={"duration": 600})
    wake(page)
    wait_empty(page)
    told = page.get_by_test_id("held")
    expect(told).to_contain_text("An adult at school will look at 1 of your games", timeout=40_000)
    expect(page.get_by_test_id("level")).to_have_attribute("data-xp", "0")
    system.neuroplay("sync", "approve", held, "--reason", "played with a friend")
    page.reload()
    expect(page.get_by_test_id("held")).to_have_count(0)
    assert shown_xp(page) > 0


def shown_xp(page: Page) -> int:
    wait_for(page, "() => Number(document.querySelector('[data-testid=level]')?.dataset.xp) > 0")
    return int(page.get_by_test_id("level").get_attribute("data-xp") or 0)
