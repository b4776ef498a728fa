"""The games of buttons, played as by those who do not see them: by roles and names alone."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Locator, Page, TimeoutError, expect

from tests.browser.conftest import RunningSystem, in_firefox_at_length
from tests.browser.play import SPEED as FAST
from tests.browser.play import new_children, open_game
from tests.browser.tablet import Tablet, signed_in, wait_empty

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SPEED = 5
"""Each answer has about a second."""

GLANCE_MS = 50
"""Between two looks, which the browser has to work for."""


def let_it_end(page: Page) -> None:
    """Enough was answered: the rest of the round goes by quickly, without an answer."""
    page.evaluate(f"globalThis.__neuroplaySpeed = {FAST}")
    expect(page.get_by_test_id("result-score")).to_be_visible(timeout=60_000)


OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "plus": operator.add,
    "minus": operator.sub,
    "times": operator.mul,
}

TASK = re.compile(r'heading "(?P<task>.+?)" \[level=2\]')
OPEN = re.compile(r'button "(?P<name>\d+)"(?! \[disabled\])')


def answer_to(task: str, names: list[int]) -> int:
    """What a child would choose for a task that is read out, such as "3 plus 4"."""
    found = re.fullmatch(r"(\d+) (plus|minus|times) (\d+)", task)
    if found is None:
        assert re.fullmatch(r"Which .* (most lights|biggest)\?", task), task
        return max(names)
    return OPERATIONS[found[2]](int(found[1]), int(found[3]))


def answer_some(page: Page, board: Locator) -> list[str]:
    """Answer tasks until some of both kinds were asked; the tasks."""
    result = page.get_by_test_id("result-score")
    tasks: list[str] = []
    while not result.is_visible() and (len(tasks) < 8 or not any("plus" in one for one in tasks)):
        read = page.locator("body").aria_snapshot()
        heading, names = TASK.search(read), [int(name) for name in OPEN.findall(read)]
        if heading is None or len(names) < 3:
            page.wait_for_timeout(GLANCE_MS)
            continue
        answer = answer_to(heading["task"], names)
        assert names.count(answer) == 1, f"{heading['task']}: {names}"
        # Unless the round ended just now.
        with suppress(TimeoutError):
            board.get_by_role("button", name=str(answer), exact=True).press("Enter", timeout=1_000)
            tasks.append(heading["task"])
    return tasks


@in_firefox_at_length
def test_number_rush_by_headings_and_names(tablet: Tablet, system: RunningSystem) -> None:
    child = new_children(system)[0]
    page = signed_in(tablet, child)
    page.evaluate(f"globalThis.__neuroplaySpeed = {SPEED}")
    open_game(page, "number_rush")
    board = page.get_by_role("group", name=re.compile("Three lanterns"))
    said = page.locator(".round > [aria-live=polite]")
    expect(said).to_have_text(re.compile(r"^Which has the most lights\? \d, \d, \d$"))
    tasks = answer_some(page, board)
    assert len(tasks) >= 8
    assert any("plus" in task for task in tasks)
    let_it_end(page)
    score = int(page.get_by_test_id("result-score").get_attribute("data-score") or 0)
    assert score > 20
    wait_empty(page)
    [stored] = system.neuroplay("sync", "list", "--student", str(child.student_id))["items"]
    assert (stored["game_type"], stored["score"]) == ("number_rush", score)


class PairsByName:
    """Remembers where it heard which picture, and takes a pair that it knows."""

    CARD = re.compile(r'"card (\d+) of (\d+)(, face down|, found: |: )(.*)"')

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        """Picture by number of the card."""
        self.on_board = 0
        """Cards of found pairs."""
        self.found: set[str] = set()
        self.heard: set[str] = set()

    def move(self, page: Page) -> None:
        cards = self.CARD.findall(page.get_by_role("group", name="Cards").aria_snapshot())
        self.heard |= {state for _, _, state, _ in cards}
        down = [number for number, _, state, _ in cards if state == ", face down"]
        on_board = sum(state == ", found: " for _, _, state, _ in cards)
        if on_board < self.on_board:  # Another board has begun.
            self.known = {}
        self.on_board = on_board
        self.known |= {number: picture for number, _, state, picture in cards if state == ": "}
        self.found |= {picture for _, _, state, picture in cards if state == ", found: "}
        opened = [picture for _, _, state, picture in cards if state == ": "]
        if not down or len(opened) > 1:
            page.wait_for_timeout(GLANCE_MS)
            return
        number = self._mate(down, opened[0]) if opened else self._part_of_pair(down)
        unknown = [one for one in down if one not in self.known]
        name = f"card {number or (unknown or down)[0]} of {len(cards)}, face down"
        page.get_by_role("button", name=name, exact=True).press("Enter", timeout=1_000)

    def _mate(self, down: list[str], picture: str) -> str | None:
        return next((one for one in down if self.known.get(one) == picture), None)

    def _part_of_pair(self, down: list[str]) -> str | None:
        seen = [self.known.get(one) for one in down]
        pairs = (n for n, it in zip(down, seen, strict=True) if it and seen.count(it) > 1)
        return next(pairs, None)

    def has_enough(self) -> bool:
        return self.heard == {", face down", ": ", ", found: "} and len(self.found) >= 2


def test_memory_pairs_by_the_names_of_cards(tablet: Tablet, system: RunningSystem) -> None:
    page = signed_in(tablet, new_children(system)[0])
    # A card needs two questions to the browser: on a slow machine they take long.
    page.evaluate("globalThis.__neuroplaySpeed = 3")
    open_game(page, "memory_pairs")
    hand = PairsByName()
    result = page.get_by_test_id("result-score")
    while not result.is_visible() and not hand.has_enough():
        # The board may go, or change, between a look and a press.
        with suppress(Error):
            hand.move(page)
    assert hand.has_enough()
    let_it_end(page)
    assert int(result.get_attribute("data-score") or 0) > 0


TURN = re.compile(r"^Your turn(?P<back>, backwards)?\D+(?P<drums>\d(, \d)+)\.$")


SAID = "() => document.querySelector('.round > [aria-live=polite]')?.textContent ?? ''"


def play_back(page: Page, board: Locator) -> list[str]:
    """Play some tunes back as they were told; what was told."""
    result = page.get_by_test_id("result-score")
    told: list[str] = []
    while not result.is_visible() and len(told) < 4:
        turn = TURN.match(page.evaluate(SAID))
        if turn is None:
            page.wait_for_timeout(GLANCE_MS)
            continue
        drums = turn["drums"].split(", ")
        # Unless the round ended just now.
        with suppress(Error, AssertionError):
            for drum in reversed(drums) if turn["back"] else drums:
                name = re.compile(rf"^drum {drum}, [a-z]+$")
                board.get_by_role("button", name=name).press("Enter", timeout=10_000)
            told.append(turn[0])
            while TURN.match(page.evaluate(SAID)):
                page.wait_for_timeout(GLANCE_MS)
    return told


def test_echo_sequence_by_what_is_told_and_names(tablet: Tablet, system: RunningSystem) -> None:
    child = new_children(system)[0]
    page = signed_in(tablet, child)
    page.evaluate("globalThis.__neuroplaySpeed = 3")
    open_game(page, "echo_sequence")
    board = page.get_by_role("group", name=re.compile("Drums"))
    told = play_back(page, board)
    assert len(told) == 4
    let_it_end(page)
    score = int(page.get_by_test_id("result-score").get_attribute("data-score") or 0)
    assert score > 30
    wait_empty(page)
    [stored] = system.neuroplay("sync", "list", "--student", str(child.student_id))["items"]
    assert (stored["game_type"], stored["score"]) == ("echo_sequence", score)


NOTE_WHAT_IS_SAID = """
globalThis.said = [];
const live = document.querySelector('.round > [aria-live=polite]');
new MutationObserver(() => said.push(live.textContent.trim()))
  .observe(live, { childList: true, characterData: true, subtree: true });
"""
TRAIL_SPEED = 3
BACK = {"the one": 1, "two": 2, "three": 3}


def cross_the_pond(page: Page, board: Locator) -> int:
    """Press for some of the pictures that were named so many stones before; how often."""
    page.evaluate(NOTE_WHAT_IS_SAID)
    result = page.get_by_test_id("result-score")
    names: list[str] = []
    back = 1  # The first walk may have been told of before anyone listened.
    heard = presses = 0
    while not result.is_visible() and presses < 5:
        page.wait_for_timeout(GLANCE_MS)
        for said in page.evaluate(f"said.slice({heard})"):
            heard += 1
            begins = re.fullmatch(
                r"(?:.*\. )?Tap when .* same as (the one|two|three) before\.", said
            )
            if begins:
                back, names = BACK[begins[1]], []
            elif re.fullmatch(r"(?:That was the same\. )?[a-z]+", said):
                names.append(said.split()[-1])
                if len(names) > back and names[-1] == names[-1 - back]:
                    with suppress(TimeoutError):
                        board.get_by_role("button", name=re.compile("^Same as")).press(
                            "Enter", timeout=1_000
                        )
                        presses += 1
    return presses


def test_the_memory_path_by_what_is_said(tablet: Tablet, system: RunningSystem) -> None:
    child = new_children(system)[0]
    page = signed_in(tablet, child)
    page.evaluate(f"globalThis.__neuroplaySpeed = {TRAIL_SPEED}")
    open_game(page, "n_back_trail")
    board = page.get_by_role("group", name=re.compile("Pond"))
    expect(board.get_by_role("button")).to_have_accessible_name("Same as the one before")
    assert cross_the_pond(page, board) >= 5
    let_it_end(page)
    # The score counts where nothing had to be pressed, too. One press may have come too late.
    expect(page.locator("main")).to_contain_text(re.compile(r"You found ([4-9]|\d\d) pictures"))
    score = int(page.get_by_test_id("result-score").get_attribute("data-score") or 0)
    wait_empty(page)
    [stored] = system.neuroplay("sync", "list", "--student", str(child.student_id))["items"]
    assert (stored["game_type"], stored["score"]) == ("n_back_trail", score)
