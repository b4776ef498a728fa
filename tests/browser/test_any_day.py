"""A long, random day: play, close, kill, networks that come and go, cards that change. At its end
every game of every child is at the school exactly once.

The seed is printed; NEUROPLAY_TEST_SEED chooses another, NEUROPLAY_TEST_STEPS how many steps.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page

from tests.browser import books
from tests.browser.conftest import RunningSystem
from tests.browser.network import (
    BAD_GATEWAY,
    HALF_AN_ANSWER,
    LOGIN_PAGE,
    LOST_ANSWER,
    TO_LOGIN_PAGE,
    Mood,
    Network,
    always,
    fair,
    problem,
)
from tests.browser.play import new_children
from tests.browser.tablet import (
    Tablet,
    put_sessions,
    send_sync,
    service_worker,
    show_card,
    signed_in,
    wait_empty,
    wake,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STEPS = int(os.environ.get("NEUROPLAY_TEST_STEPS", "100"))
SEED = int(os.environ.get("NEUROPLAY_TEST_SEED", "20261123"))

MOODS: list[Mood] = [
    fair,
    fair,
    always(BAD_GATEWAY),
    always(LOGIN_PAGE),
    always(TO_LOGIN_PAGE),
    always(HALF_AN_ANSWER),
    always(LOST_ANSWER),
    always(problem(500, "internal")),
    always(problem(503, "store_unavailable", Retry_After="1")),
    always(problem(429, "too_many_requests", Retry_After="1")),
]


class Day:
    """One tablet, three children, and what must be true in the evening."""

    def __init__(self, tablet: Tablet, network: Network, system: RunningSystem) -> None:
        self.tablet, self.network, self.system = tablet, network, system
        self.children = new_children(system, 3)
        self.page: Page = signed_in(tablet, self.children[0])
        for child in self.children[1:]:
            show_card(self.page, child)
        self.played: list[tuple[str, int]] = []
        self.chance = random.Random(SEED)
        self.steps: list[tuple[int, Callable[[], None]]] = [
            (40, self.play),
            (14, self.wake),
            (12, self.change_mood),
            (6, self.network_goes),
            (8, self.network_comes),
            (6, self.reload),
            (4, self.close_and_open),
            (4, self.kill_and_open),
            (3, self.native_sync),
            (2, self.new_card),
            (3, self.sign_in_again),
        ]

    def step(self) -> None:
        weights = [weight for weight, _ in self.steps]
        (chosen,) = self.chance.choices([step for _, step in self.steps], weights)
        chosen()

    def play(self) -> None:
        child = self.chance.choice(self.children)
        count = self.chance.choice((1, 1, 2, 5))
        for session in put_sessions(self.page, child.student_id, count):
            self.played.append((session, child.student_id))

    def wake(self) -> None:
        wake(self.page)

    def change_mood(self) -> None:
        self.network.mood = self.chance.choice(MOODS)

    def network_goes(self) -> None:
        self.network.down()

    def network_comes(self) -> None:
        self.network.up()
        wake(self.page)

    def reload(self) -> None:
        self.page.reload()

    def close_and_open(self) -> None:
        self.tablet.close()
        self.page = self.tablet.open()

    def kill_and_open(self) -> None:
        self.tablet.kill()
        self.page = self.tablet.open()

    def native_sync(self) -> None:
        cdp, registration = service_worker(self.tablet, self.page, self.network.url)
        send_sync(cdp, registration, self.network.url)

    def new_card(self) -> None:
        index = self.chance.randrange(len(self.children))
        child = self.children[index]
        made = self.system.neuroplay("student", "reset-card", str(child.student_id), "--yes")
        code = child.card.removeprefix("/#card=").split("-")[0]
        self.children[index] = replace(child, card=f"/#card={code}-{made['card_code']}")

    def sign_in_again(self) -> None:
        self.network.up()
        show_card(self.page, self.chance.choice(self.children))

    def evening(self) -> None:
        self.network.mood = fair
        self.network.up()
        for child in self.children:
            show_card(self.page, child)
        wake(self.page)
        wait_empty(self.page, timeout_ms=60_000)
        books.check(self.system, self.played)


@pytest.mark.timeout(60 + 2 * STEPS)
def test_any_day_ends_with_every_game_at_school(
    tablet: Tablet, network: Network, system: RunningSystem
) -> None:
    print(f"NEUROPLAY_TEST_SEED={SEED}")
    day = Day(tablet, network, system)
    for _ in range(STEPS):
        day.step()
    day.evening()
    assert len(day.played) > STEPS / 4
