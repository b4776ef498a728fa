"""Actions of a child in the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.browser.conftest import RunningSystem

SPEED = 60
"""Simulated time in the game runs this much faster: a round takes some seconds, in which a test can
do something."""

FASTEST = 240
"""For a round in which nothing else happens: what it costs is to draw it."""


def new_class(system: RunningSystem, *, students: int) -> dict[str, Any]:
    """A class of its own for a test, as `class create --json` answers."""
    made: dict[str, Any] = system.neuroplay(
        "class", "create", f"browser {uuid4().hex[:8]}", "--students", str(students)
    )
    return made


def card_link(system: RunningSystem, made: dict[str, Any], student: int) -> str:
    """What the QR code of a card holds."""
    return f"{system.url}/#card={made['class']['code']}-{made['students'][student]['card_code']}"


@dataclass(frozen=True, kw_only=True)
class Child:
    """A student with a card."""

    student_id: int
    nickname: str
    card: str
    """The end of an address that opens the app signed in."""


_unknown: dict[str, list[Child]] = {}
"""By the address of a system, students whom no test has met."""


def new_children(system: RunningSystem, count: int = 1) -> list[Child]:
    """Students of one class whom no other test meets."""
    waiting = _unknown.setdefault(system.url, [])
    if len(waiting) < count:
        waiting[:] = _class_of(system, students=30)
    taken, waiting[:] = waiting[:count], waiting[count:]
    return taken


def _class_of(system: RunningSystem, *, students: int) -> list[Child]:
    made = new_class(system, students=students)
    code = made["class"]["code"]
    return [
        Child(
            student_id=one["id"],
            nickname=one["nickname"],
            card=f"/#card={code}-{one['card_code']}",
        )
        for one in made["students"]
    ]


def watch_console(page: Page) -> list[str]:
    """Warnings, errors and uncaught exceptions of the page, as they come."""
    complaints: list[str] = []
    page.on(
        "console",
        lambda line: complaints.append(line.text) if line.type in ("warning", "error") else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


GOOD_HAND = "globalThis.__neuroplayHand = (state, bot) => bot(state)"
"""Plays as the game's own bot does; nothing is earned by watching."""


def start_a_round(page: Page, game: str = "cyber_runner", speed: int = SPEED) -> None:
    page.evaluate(f"{GOOD_HAND}; globalThis.__neuroplaySpeed = {speed}")
    open_game(page, game)


def open_game(page: Page, game: str = "cyber_runner") -> None:
    """From the home screen into a round, past the tutorial."""
    page.get_by_test_id(f"tile-{game}").click()
    page.get_by_test_id("play").click()
    skip_the_tutorial(page)


def skip_the_tutorial(page: Page) -> None:
    """Only a child who meets a game for the first time is shown how it goes."""
    expect(page.get_by_test_id("game-pause")).to_be_visible()
    # In one step: at many times the speed, the tutorial may end before a click arrives.
    page.evaluate("document.querySelector('[data-testid=tutorial-skip]')?.click()")


def play_a_round(page: Page) -> int:
    """From the home screen through a whole round to its result; the points."""
    start_a_round(page, speed=FASTEST)
    for key in ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowRight"):
        page.keyboard.press(key)
    result = page.get_by_test_id("result-score")
    expect(result).to_be_visible(timeout=40_000)
    return int(result.get_attribute("data-score") or -1)
