"""WebKit, the engine of Safari and of every browser on an iPad: a card, a round, its delivery, and
the app without a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.browser import books
from tests.browser.conftest import RunningSystem
from tests.browser.play import Child, new_children, new_class
from tests.browser.tablet import ids_of
from tests.browser.test_large_text import BROKEN_WORDS, IN_SIGHT, OUTSIDE, WAY_ON
from tests.browser.test_whole_way import wait_for_row, wait_for_verdict
from tests.webkit.tablet import Tablet, at_home, play_a_round, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    # Selenium's own, between two of its classes.
    pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning"),
]


@pytest.fixture
def child(system: RunningSystem) -> Child:
    return new_children(system)[0]


def of(child: Child, ids: list[str]) -> list[tuple[str, int]]:
    return [(session, child.student_id) for session in ids]


@contextmanager
def no_server(system: RunningSystem) -> Iterator[None]:
    """It is gone meanwhile."""
    system.stop()
    try:
        yield
    finally:
        system.start()


def played(tablet: Tablet) -> list[str]:
    """Play a round that finds no server; it waits on the tablet, and its id is returned."""
    play_a_round(tablet)
    ids = ids_of(tablet.outbox())
    assert len(ids) == 1
    return ids


def goes_up(tablet: Tablet, system: RunningSystem, child: Child, ids: list[str]) -> None:
    """The games leave the tablet, and the server has each once."""
    tablet.see_marked("safe", "data-here", "0")
    books.check(system, of(child, ids))


def test_a_typed_card_leads_to_a_game_that_the_server_has(
    tablet: Tablet, system: RunningSystem
) -> None:
    made = new_class(system, students=1)
    student = made["students"][0]
    tablet.open()
    tablet.tap("new-card")
    tablet.until("() => document.activeElement?.dataset.testid === 'card-field'")
    tablet.type(made["class"]["code"] + student["card_code"])
    tablet.tap("card-go")
    tablet.see_marked("level", "data-xp", "0")
    score = play_a_round(tablet)
    tablet.see_marked("saved", "data-saved", "true")
    tablet.tap("result-home")
    tablet.see_marked("safe", "data-here", "0")
    assert wait_for_row(system, student["id"])["score"] == score
    # What WebKit's own JavaScript played, the rules play again on the server.
    assert wait_for_verdict(system, student["id"]) == "verified"


def test_the_app_opens_and_plays_with_the_server_gone_and_the_game_goes_up_later(
    tablet: Tablet, system: RunningSystem, child: Child
) -> None:
    signed_in(tablet, child)
    tablet.close()
    with no_server(system):
        tablet.open()
        at_home(tablet, child)
        ids = played(tablet)
        tablet.see_marked("saved", "data-saved", "true")
        tablet.tap("result-home")
        tablet.see_marked("safe", "data-here", "1")
        tablet.close()
    tablet.open()
    goes_up(tablet, system, child, ids)


def test_the_server_comes_back_while_the_app_is_open(
    tablet: Tablet, system: RunningSystem, child: Child
) -> None:
    signed_in(tablet, child)
    with no_server(system):
        ids = played(tablet)
        tablet.tap("result-home")
        tablet.see_marked("safe", "data-here", "1")
    # Nothing wakes it: its own timer tries again.
    goes_up(tablet, system, child, ids)


def test_the_browser_is_killed_right_after_the_result(
    tablet: Tablet, system: RunningSystem, child: Child
) -> None:
    signed_in(tablet, child)
    with no_server(system):
        ids = played(tablet)
        tablet.kill()
    tablet.open()
    goes_up(tablet, system, child, ids)


def test_every_word_is_whole_and_the_way_on_in_sight(tablet: Tablet, child: Child) -> None:
    wrong: dict[str, list[str]] = {}

    def look(screen: str) -> None:
        found = tablet.run(BROKEN_WORDS) + tablet.run(OUTSIDE)
        found += tablet.run(IN_SIGHT, WAY_ON.get(screen, []))
        if found:
            wrong[f"{screen}, {width} px"] = sorted(set(found))

    for width, height in ((1024, 768), (360, 740)):
        signed_in(tablet, child)
        tablet.driver.set_window_size(width, height)
        tablet.until(f"() => innerWidth === {width} && innerHeight === {height}")
        look("home")
        tablet.tap("badges")
        tablet.see("back")
        look("badges")
        tablet.tap("back")
        tablet.tap("tile-cyber_runner")
        tablet.see("play")
        look("before a game")
        tablet.go("/")
        play_a_round(tablet)
        look("the result")
        tablet.close()
    assert not wrong, json.dumps(wrong, indent=1, ensure_ascii=False)
