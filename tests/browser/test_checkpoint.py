"""A round outlives its page: Back pauses it; after a closed page it continues or is submitted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from neuroplay.bootstrap import RULES
from neuroplay.core.entities.verification import TracedRound
from neuroplay.infra.verifier.quickjs_ng import QuickJsVerifier
from tests.browser import books
from tests.browser.conftest import RunningSystem
from tests.browser.network import BAD_GATEWAY, Network, always, fair
from tests.browser.play import SPEED, Child, new_children, open_game
from tests.browser.tablet import (
    Tablet,
    at_home,
    outbox,
    show_card,
    signed_in,
    wait_empty,
    wait_for,
    wake,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

UNHURRIED = 3
"""A round of two minutes takes 40 s: long enough for a checkpoint, and not to end by itself."""

KEPT = """() => new Promise((resolve) => {
  const opening = indexedDB.open('neuroplay');
  opening.onsuccess = () => {
    const database = opening.result;
    const range = IDBKeyRange.bound('round ', 'round \\uffff');
    const all = database.transaction('device').objectStore('device').getAll(range);
    all.onsuccess = () => { database.close(); resolve(all.result.map(JSON.parse)); };
  };
})"""


@pytest.fixture
def child(system: RunningSystem) -> Child:
    return new_children(system)[0]


def kept(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(KEPT)
    return found


def in_the_middle_of_a_round(page: Page) -> dict[str, Any]:
    """A round with a checkpoint that is worth keeping; the checkpoint."""
    page.evaluate(f"globalThis.__neuroplaySpeed = {UNHURRIED}")
    open_game(page)
    while True:
        for key in ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowRight"):
            page.keyboard.press(key)
            page.wait_for_timeout(100)
        found = kept(page)
        if found and found[0]["session"] is not None:
            return found[0]


def is_paused(page: Page) -> None:
    expect(page.get_by_test_id("game-continue")).to_be_visible()


def play_to_the_end(page: Page) -> None:
    page.get_by_test_id("game-continue").click()
    expect(page.get_by_test_id("result-score")).to_be_visible(timeout=60_000)


def verified(session: dict[str, Any]) -> bool:
    """Whether the rules give what the session says, from its trace."""
    verifier = QuickJsVerifier(RULES)
    metadata = session["metadata"]
    again = verifier.play_again(
        TracedRound(
            game_type=session["game_type"],
            game_version=session["game_version"],
            seed=metadata["seed"],
            difficulty=metadata["difficulty"],
            trace=tuple(metadata["trace"]),
        )
    )
    verifier.close()
    told = (session["score"], session["accuracy"], session["duration"], session["completed"])
    return told == (again.score, again.accuracy, again.duration, again.completed)


def test_back_pauses_the_round_and_a_reload_goes_on_with_it(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    in_the_middle_of_a_round(page)
    page.go_back(wait_until="commit")
    is_paused(page)
    page.go_back(wait_until="commit")
    is_paused(page)
    (before,) = kept(page)
    tablet.context.add_init_script(f"globalThis.__neuroplaySpeed = {SPEED}")
    page.reload()
    is_paused(page)
    network.mood = always(BAD_GATEWAY)
    play_to_the_end(page)
    (item,) = outbox(page)
    session = item["session"]
    assert session["session_id"] == before["sessionId"]
    assert session["completed"] is True
    assert session["metadata"]["trace"][: len(before["saved"]["trace"])] == before["saved"]["trace"]
    assert verified(session)
    assert kept(page) == []
    network.mood = fair
    wake(page)
    wait_empty(page)
    books.check(system, [(session["session_id"], child.student_id)])


def test_a_killed_tablet_goes_on_and_no_second_tab_does(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    before = in_the_middle_of_a_round(page)
    tablet.kill()
    page = tablet.open()
    is_paused(page)
    second = tablet.open()
    at_home(second, child)
    assert [one["sessionId"] for one in kept(second)] == [before["sessionId"]]
    assert outbox(second) == []
    page.bring_to_front()
    page.get_by_test_id("game-leave").click()
    expect(page.get_by_test_id("result-home")).to_be_visible()
    wait_empty(page)
    books.check(system, [(before["sessionId"], child.student_id)])


def test_another_child_hands_the_round_in_under_the_child_who_played(
    tablet: Tablet, network: Network, system: RunningSystem
) -> None:
    ana, bia = new_children(system, 2)
    page = signed_in(tablet, bia)
    show_card(page, ana)
    before = in_the_middle_of_a_round(page)
    network.mood = always(BAD_GATEWAY)
    page.reload()
    page.get_by_test_id(f"child-{bia.student_id}").click()
    at_home(page, bia)
    wait_for(page, f"async () => (await ({KEPT})()).length === 0")
    (item,) = outbox(page)
    assert (item["sessionId"], item["studentId"]) == (before["sessionId"], ana.student_id)
    assert item["session"]["completed"] is False
    assert verified(item["session"])
    network.mood = fair
    wake(page)
    wait_empty(page)
    books.check(system, [(before["sessionId"], ana.student_id)])


OF_OLD_RULES = """(text) => new Promise((resolve) => {
  const opening = indexedDB.open('neuroplay');
  opening.onsuccess = () => {
    const database = opening.result, kept = JSON.parse(text);
    const tx = database.transaction('device', 'readwrite');
    tx.objectStore('device').put(text, 'round ' + kept.sessionId);
    tx.oncomplete = () => { database.close(); resolve(); };
  };
})"""


@pytest.mark.parametrize("fault", ["other rules", "no round", "long ago"])
def test_a_round_that_cannot_go_on_is_handed_in(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child, fault: str
) -> None:
    page = signed_in(tablet, child)
    before = in_the_middle_of_a_round(page)
    page.goto(network.url + "/icons/icon.svg")
    if fault == "other rules":
        before["saved"]["version"] = before["session"]["game_version"] = "0"
    elif fault == "no round":
        before["saved"]["trace"].append(7)
    else:
        before["savedAt"] -= 2 * 60 * 60_000
    page.evaluate(OF_OLD_RULES, json.dumps(before, separators=(",", ":")))
    page = tablet.open()
    at_home(page, child)
    wait_for(page, f"async () => (await ({KEPT})()).length === 0")
    wait_empty(page)
    rows = books.inbox(system, [child.student_id])
    assert [(session, student) for session, student, _ in rows] == [
        (before["sessionId"], child.student_id)
    ]
