"""The games of buttons, played as by those who do not see them: by roles and names alone."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.browser.conftest import RunningSystem, in_both_engines
from tests.browser.play import new_children, open_game
from tests.browser.tablet import Tablet, signed_in, wait_empty

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SPEED = 5
"""A round takes some 20 seconds, and each answer has about one."""

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


def answer_all(page: Page, board: Locator) -> list[str]:
    """Answer task after task until the round is over; the tasks."""
    result = page.get_by_test_id("result-score")
    tasks: list[str] = []
    while not result.is_visible():
        read = page.locator("body").aria_snapshot()
        heading, names = TASK.search(read), [int(name) for name in OPEN.findall(read)]
        if heading is None or len(names) < 3:
            continue
        answer = answer_to(heading["task"], names)
        assert names.count(answer) == 1, f"{heading['task']}: {names}"
        # Unless the round ended just now.
        with suppress(TimeoutError):
            board.get_by_role("button", name=str(answer), exact=True).press("Enter", timeout=1_000)
            tasks.append(heading["task"])
    return tasks


@in_both_engines
def test_number_rush_by_headings_and_names(tablet: Tablet, system: RunningSystem) -> None:
    child = new_children(system)[0]
    page = signed_in(tablet, child)
    page.evaluate(f"globalThis.__neuroplaySpeed = {SPEED}")
    open_game(page, "number_rush")
    board = page.get_by_role("group", name=re.compile("Three lanterns"))
    said = page.locator(".round > [aria-live=polite]")
    expect(said).to_have_text(re.compile(r"^Which has the most lights\? \d, \d, \d$"))
    tasks = answer_all(page, board)
    assert len(tasks) > 15
    assert any("plus" in task for task in tasks)
    score = int(page.get_by_test_id("result-score").get_attribute("data-score") or 0)
    assert score > 100
    wait_empty(page)
    [stored] = system.neuroplay("sync", "list", "--student", str(child.student_id))["items"]
    assert (stored["game_type"], stored["score"]) == ("number_rush", score)
