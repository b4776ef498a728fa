"""A new child's first day: six games with their tutorials, offline, one of them interrupted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import books
from tests.browser.conftest import RunningSystem
from tests.browser.network import Network
from tests.browser.play import GOOD_HAND, SPEED, Child, new_children
from tests.browser.tablet import Tablet, at_home, outbox, signed_in, wait_empty

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CATALOGUE = Path(__file__).parents[2] / "neuroplay" / "core" / "game_catalogue.json"
GAMES = [one["id"] for one in json.loads(CATALOGUE.read_text())["games"] if one["playable"]]

FAST = f"globalThis.__neuroplaySpeed = {SPEED}"
UNHURRIED = "globalThis.__neuroplaySpeed = 3"
FAST_AND_GOOD = f"{FAST}; {GOOD_HAND}"

GAME_MS = 4 * 60_000

CHECKPOINTS = """() => new Promise((resolve) => {
  const opening = indexedDB.open('neuroplay');
  opening.onsuccess = () => {
    const database = opening.result;
    const range = IDBKeyRange.bound('round ', 'round \\uffff');
    const all = database.transaction('device').objectStore('device').getAll(range);
    all.onsuccess = () => {
      database.close();
      resolve(all.result.map(JSON.parse).filter((one) => one.session !== null).length);
    };
  };
})"""


@pytest.fixture
def child(system: RunningSystem) -> Child:
    return new_children(system)[0]


def begin(page: Page, game: str) -> None:
    """From home into the tutorial of a game, which is not over before it is seen."""
    page.evaluate(UNHURRIED)
    page.get_by_test_id(f"tile-{game}").click()
    page.get_by_test_id("play").click()
    expect(page.get_by_test_id("tutorial-skip")).to_be_visible()


def later(page: Page, games: int) -> None:
    """Rounds are played faster than time passes here: put the clock on by what games would take."""
    page.evaluate(
        "shift => localStorage.setItem('test-clock-shift', String(shift))", games * GAME_MS
    )
    page.reload()


def finish(page: Page) -> None:
    """The tutorial and the round play themselves; back home from the result."""
    expect(page.get_by_test_id("result-score")).to_be_visible(timeout=90_000)
    assert int(page.get_by_test_id("result-score").get_attribute("data-score") or 0) > 0
    page.get_by_test_id("result-home").click()


def test_a_first_day_offline_with_every_game(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    tablet.ready_for_no_network(page)
    network.down()
    tablet.context.add_init_script(FAST_AND_GOOD)
    *others, last = GAMES
    for number, game in enumerate(others):
        later(page, number)
        at_home(page, child)
        begin(page, game)
        page.evaluate(FAST)
        finish(page)
        at_home(page, child)
    later(page, len(others))
    at_home(page, child)

    # The tablet is closed in the middle of the last game.
    begin(page, last)
    page.get_by_test_id("tutorial-skip").click()
    while not page.evaluate(CHECKPOINTS):
        page.wait_for_timeout(100)
    tablet.kill()
    tablet.scripts = (FAST_AND_GOOD,)
    page = tablet.open()
    expect(page.get_by_test_id("game-continue")).to_be_visible()
    later(page, len(others))  # a browser that was killed may have forgotten it
    page.get_by_test_id("game-continue").click()
    finish(page)
    at_home(page, child)

    lit = page.get_by_test_id("lanterns").locator("[data-lit=true]")
    expect(lit.first).to_be_visible()
    sessions = [item["session"] for item in outbox(page)]
    assert sorted(one["game_type"] for one in sessions) == sorted(GAMES)
    assert all(one["completed"] for one in sessions)

    network.up()
    wait_empty(page)
    books.check(system, [(one["session_id"], child.student_id) for one in sessions])
    books.check_verified(system, child.student_id, len(GAMES))
