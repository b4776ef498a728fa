"""A path through every screen of the app."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, expect

from tests.browser.network import Network, always, fair, problem
from tests.browser.play import Child, play_a_round, skip_the_tutorial
from tests.browser.tablet import Tablet, expect_here, open_adults, put_sessions, signed_in, wake

PLAY_FOR_LONG = """async (student) => {
  const database = await new Promise((resolve, reject) => {
    const opening = indexedDB.open('neuroplay');
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const tx = database.transaction('students', 'readwrite');
  const table = tx.objectStore('students');
  const asked = table.get(student);
  asked.onsuccess = () => {
    const round = { game: 'cyber_runner', began: 0, ended: 0, seconds: 1800, score: 0 };
    const day = { day: new Date().toLocaleDateString('sv'), rounds: [round], lit: [] };
    table.put({ ...asked.result, diary: { days: [day], games: {} } });
  };
  await new Promise((resolve, reject) => {
    tx.oncomplete = resolve;
    tx.onerror = () => reject(tx.error);
  });
  database.close();
}"""
"""The tablet remembers half an hour of play today: as long as a class plays on a day."""


class Walk:
    """A way through all screens; `each` is called on every one of them."""

    def __init__(self, tablet: Tablet, network: Network, child: Child) -> None:
        self.tablet, self.network, self.child = tablet, network, child

    def screens(self) -> Iterator[tuple[str, Page]]:
        page = self.tablet.open()
        expect(page.get_by_test_id("new-card")).to_be_visible()
        yield "nobody is here yet", page
        page.get_by_test_id("new-card").click()
        expect(page.get_by_test_id("card-field")).to_be_visible()
        yield "typing a card", page
        page.close()
        page = signed_in(self.tablet, self.child)
        yield "home", page
        page.get_by_test_id("wardrobe").click()
        expect(page.get_by_test_id("hat-none")).to_be_visible()
        yield "the wardrobe", page
        page.get_by_test_id("back").click()
        page.get_by_test_id("badges").click()
        expect(page.get_by_test_id("back")).to_be_visible()
        yield "badges", page
        page.get_by_test_id("back").click()
        page.get_by_test_id("board").click()
        expect(page.get_by_test_id("back")).to_be_visible()
        yield "board", page
        page.get_by_test_id("back").click()
        page.get_by_test_id("tile-cyber_runner").click()
        expect(page.get_by_test_id("play")).to_be_visible()
        yield "before a game", page
        page.get_by_test_id("play").click()
        expect(page.get_by_test_id("tutorial-skip")).to_be_visible()
        yield "the tutorial", page
        skip_the_tutorial(page)
        yield "the game", page
        page.get_by_test_id("game-pause").click()
        expect(page.get_by_test_id("game-leave")).to_be_visible()
        yield "the game, paused", page
        page.get_by_test_id("game-leave").click()
        self.network.mood = always(problem(503, "store_unavailable"))
        page.evaluate(PLAY_FOR_LONG, self.child.student_id)
        play_a_round(page)
        yield "the result", page
        page.get_by_test_id("result-home").click()
        expect(page.get_by_test_id("sleepy-home")).to_be_visible()
        yield "the end of the day", page
        page.get_by_test_id("sleepy-home").click()
        put_sessions(page, self.child.student_id, 2)
        wake(page)
        expect_here(page, 3)
        yield "home with games that wait", page
        page.get_by_test_id("adults").click()
        expect(page.get_by_test_id("hold")).to_be_visible()
        yield "the door for adults", page
        page.get_by_test_id("back").click()
        open_adults(page)
        yield "inside, for adults", page
        page.get_by_test_id("sign-out").click()
        yield "signing out", page
        page.get_by_test_id("back").click()
        page.get_by_test_id("switch-child").click()
        yield "who plays", page
        self.network.mood = fair


def settle(page: Page) -> None:
    """Until nothing moves in: colours of a half-shown screen are nobody's."""
    page.evaluate(
        """() => Promise.all(document.getAnimations()
          .filter((one) => one.effect?.getComputedTiming().iterations !== Infinity)
          .map((one) => one.finished.catch(() => undefined)))"""
    )
