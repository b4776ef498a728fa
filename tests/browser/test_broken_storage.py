"""A tablet whose storage fails: games are kept or reported, and no screen waits forever."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import books
from tests.browser.conftest import RunningSystem
from tests.browser.network import BAD_GATEWAY, Network, always, fair
from tests.browser.play import Child, new_children, play_a_round
from tests.browser.tablet import (
    Tablet,
    at_home,
    ids_of,
    outbox,
    signed_in,
    wait_empty,
    wait_for,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS_WITHIN_MS = 5_000
SLOW_MACHINE_MS = 5_000
"""Other tests run at the same time."""


@pytest.fixture
def child(system: RunningSystem) -> Child:
    return new_children(system)[0]


def of(child: Child, ids: list[str]) -> list[tuple[str, int]]:
    return [(session, child.student_id) for session in ids]


LOSES_THE_CONNECTION = """(() => {
  const real = IDBDatabase.prototype.transaction, dead = new WeakSet(), seen = new Set();
  IDBDatabase.prototype.transaction = function (...given) {
    seen.add(this);
    if (dead.has(this)) throw new DOMException('Connection lost', globalThis.lostAs);
    return real.apply(this, given);
  };
  globalThis.loseTheConnection = (name) => {
    globalThis.lostAs = name;
    for (const one of seen) dead.add(one);
  };
})()"""


@pytest.mark.parametrize("name", ["UnknownError", "TransactionInactiveError"])
def test_a_game_that_ends_on_a_dead_connection_is_on_the_disk(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child, name: str
) -> None:
    tablet.scripts = (LOSES_THE_CONNECTION,)
    page = signed_in(tablet, child)
    network.mood = always(BAD_GATEWAY)
    page.evaluate("name => loseTheConnection(name)", name)
    play_a_round(page)
    expect(page.get_by_test_id("saved")).to_have_attribute("data-saved", "true")
    ids = ids_of(outbox(page))
    assert len(ids) == 1
    page.reload()
    assert ids_of(outbox(page)) == ids
    network.mood = fair
    wait_empty(page)
    books.check(system, of(child, ids))


NO_MORE_STORAGE = """() => {
  IDBFactory.prototype.open = () => { throw new DOMException('gone', 'UnknownError') };
  IDBDatabase.prototype.transaction = () => { throw new DOMException('gone', 'UnknownError') };
}"""


def test_a_game_that_no_storage_takes_is_told_of_and_sent_from_memory(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    page.evaluate(NO_MORE_STORAGE)
    network.mood = always(BAD_GATEWAY)
    play_a_round(page)
    saved = page.get_by_test_id("saved")
    expect(saved).to_have_attribute("data-saved", "false")
    page.get_by_test_id("result-home").click()
    expect(page.get_by_test_id("unsaved")).to_be_visible()
    network.mood = fair
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_test_id("unsaved")).to_contain_text("tablet")
    while not books.inbox(system, [child.student_id]):
        page.wait_for_timeout(20)
    books.check(system, of(child, network.sync_requests[-1].sessions))


def later_release(page: Page) -> None:
    page.evaluate(
        """() => new Promise((done) => {
          const opening = indexedDB.open('neuroplay', 99);
          opening.onsuccess = () => { opening.result.close(); done(); };
        })"""
    )


NEVER_OPENS = """(() => {
  const real = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function () {
    const opening = real.call(this, 'another');
    opening.addEventListener = () => {};
    return opening;
  };
})()"""

NO_LOCAL_STORAGE = """Object.defineProperty(globalThis, 'localStorage', {
  get() { throw new DOMException('blocked', 'SecurityError') },
})"""

NO_INDEXED_DB = "delete globalThis.indexedDB; delete Window.prototype.indexedDB"


def test_what_a_later_release_left_is_used(tablet: Tablet, network: Network, child: Child) -> None:
    page = signed_in(tablet, child)
    page.goto(network.url + "/icons/icon.svg")  # a page without the app
    later_release(page)
    page = tablet.open()
    at_home(page, child)


@pytest.mark.parametrize("fault", ["damaged", "hangs", "missing"])
def test_a_storage_that_does_not_open_is_told_of_and_the_child_plays_online(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child, fault: str
) -> None:
    signed_in(tablet, child)
    tablet.close()
    if fault == "damaged":
        damage(tablet.profile)
    else:
        tablet.scripts = (NEVER_OPENS if fault == "hangs" else NO_INDEXED_DB,)
    page = tablet.open()
    expect(page.get_by_test_id("storage-away")).to_be_visible(
        timeout=WORDS_WITHIN_MS + SLOW_MACHINE_MS
    )
    page.evaluate("card => { location.hash = card }", child.card.removeprefix("/"))
    at_home(page, child)
    play_a_round(page)
    while not books.inbox(system, [child.student_id]):
        page.wait_for_timeout(20)
    books.check(system, of(child, network.sync_requests[-1].sessions))
    if fault != "damaged":  # that one may be recreated
        expect(page.get_by_test_id("saved")).to_have_text("Safe at school")


def damage(profile: Path) -> None:
    (folder,) = profile.glob("Default/**/http_127.0.0.1_*.indexeddb.leveldb")
    shutil.rmtree(folder)
    folder.write_text("damaged")


def test_a_broken_card_link_ends_at_the_card(tablet: Tablet, network: Network) -> None:
    for card in ("%E0%A4", "%", "", "x", "%00", "A" * 5_000):
        page = tablet.open(f"/#card={card}")
        expect(page.get_by_test_id("card-field")).to_be_visible()
        assert "card" not in page.url
        page.close()


def test_a_browser_without_local_storage_opens(
    tablet: Tablet, network: Network, child: Child
) -> None:
    tablet.scripts = (NO_LOCAL_STORAGE,)
    tablet.start()
    page = tablet.open(child.card)
    at_home(page, child)


NO_HELPERS = """
delete globalThis.BroadcastChannel;
delete Navigator.prototype.locks;
"""


def test_a_browser_without_channels_and_locks_delivers(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    tablet.scripts = (NO_HELPERS,)
    page = signed_in(tablet, child)
    play_a_round(page)
    ids = [session for request in network.sync_requests for session in request.sessions]
    wait_empty(page)
    books.check(system, of(child, sorted(set(ids))))


def test_a_screen_that_breaks_says_so_and_offers_a_way_out(
    tablet: Tablet, network: Network, child: Child
) -> None:
    page = signed_in(tablet, child)
    # In one step: the screen may be drawn again at any time, and then has no button any more.
    page.evaluate(
        """() => {
            Array.prototype.map = function () { throw new Error('on purpose') }
            document.querySelector('[data-testid=switch-child]').click()
        }"""
    )
    mishap = page.get_by_test_id("mishap")
    expect(mishap.get_by_role("heading")).to_be_visible()
    with page.expect_navigation():
        mishap.get_by_role("button").click()
    wait_for(page, "document.querySelector('[data-testid=new-card], [data-testid=level]') !== null")
    # The console has the error all the same.
    tablet.expected("on purpose")
