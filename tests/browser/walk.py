"""A path through every screen of the app."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, expect

from tests.browser.network import Network, always, fair, problem
from tests.browser.play import Child, play_a_round, skip_the_tutorial
from tests.browser.tablet import Tablet, expect_here, open_adults, put_sessions, signed_in, wake


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
        play_a_round(page)
        yield "the result", page
        page.get_by_test_id("result-home").click()
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
