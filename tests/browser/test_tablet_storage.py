"""What a tablet keeps: with a full disk, an older app, an update, a file, several children."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import books
from tests.browser.conftest import RunningSystem, in_both_engines, in_firefox_at_length
from tests.browser.network import LOGIN_PAGE, Network, always, fair, problem
from tests.browser.play import Child, new_children, open_game, play_a_round
from tests.browser.tablet import (
    DAY_MS,
    Tablet,
    at_home,
    device_id,
    expect_here,
    ids_of,
    open_adults,
    outbox,
    put_sessions,
    show_card,
    signed_in,
    stored,
    wait_empty,
    wait_for,
    wake,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def child(system: RunningSystem) -> Child:
    return new_children(system)[0]


def of(child: Child, ids: list[str]) -> list[tuple[str, int]]:
    return [(session, child.student_id) for session in ids]


def test_a_full_disk_is_told_and_the_game_is_kept_until_there_is_room(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    signed_in(tablet, child)
    tablet.close()
    # Chromium believes for some time what it measured: the disk is full before the app opens.
    blank = tablet.start().new_page()
    cdp = tablet.context.new_cdp_session(blank)
    cdp.send("Storage.overrideQuotaForOrigin", {"origin": network.url, "quotaSize": 1})
    network.mood = always(problem(503, "store_unavailable"))
    page = tablet.open()
    at_home(page, child)
    play_a_round(page)
    expect(page.get_by_test_id("saved")).to_have_attribute("data-saved", "false")
    page.get_by_test_id("result-home").click()
    expect(page.get_by_test_id("unsaved")).to_be_visible()
    assert outbox(page) == []
    cdp.send("Storage.overrideQuotaForOrigin", {"origin": network.url})
    expect(page.get_by_test_id("safe")).to_have_attribute("data-here", "1", timeout=60_000)
    ids = ids_of(outbox(page))
    network.mood = fair
    wait_empty(page)
    books.check(system, of(child, ids))


FIRST_VERSION = """async ({ student, session }) => {
  await new Promise((resolve, reject) => {
    const gone = indexedDB.deleteDatabase('neuroplay');
    gone.onsuccess = resolve;
    gone.onerror = reject;
  });
  await new Promise((resolve, reject) => {
    const opening = indexedDB.open('neuroplay', 1);
    opening.onerror = reject;
    opening.onupgradeneeded = () => {
      const database = opening.result;
      database.createObjectStore('students', { keyPath: 'id' });
      const outbox = database.createObjectStore('outbox', { keyPath: 'sessionId' });
      outbox.createIndex('byStudent', 'studentId');
      database.createObjectStore('device');
    };
    opening.onsuccess = () => {
      const database = opening.result;
      const tx = database.transaction(['students', 'outbox', 'device'], 'readwrite');
      tx.objectStore('students').put(student);
      tx.objectStore('outbox').put(session);
      tx.objectStore('device').put(student.device, 'id');
      tx.objectStore('device').put(String(student.id), 'current');
      tx.oncomplete = () => { database.close(); resolve(); };
    };
  });
}"""


@in_both_engines
def test_a_tablet_of_the_first_version_keeps_its_games(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    network.down()
    (session_id,) = put_sessions(page, child.student_id)
    (student,) = stored(page, "students")
    (session,) = outbox(page)
    device = device_id(page)
    # On a page of the same origin without the app, whose own connection would be in the way.
    page.goto(network.url + "/icons/icon.svg")
    page.evaluate(FIRST_VERSION, {"student": {**student, "device": device}, "session": session})
    network.up()
    page = tablet.open()
    at_home(page, child)
    wait_empty(page)
    books.check(system, of(child, [session_id]))


@pytest.mark.first_visit
@in_both_engines
def test_an_installation_that_failed_is_tried_again(
    tablet: Tablet, network: Network, child: Child
) -> None:
    """A file that did not come fails it as a whole; the child should not have to come back."""
    fails = b"addEventListener('install', (event) => event.waitUntil(Promise.reject('cut')));\n"
    asked: list[bytes] = []

    def first_fails(body: bytes) -> bytes:
        asked.append(body)
        return fails + body if len(asked) == 1 else body

    network.changed["/sw.js"] = first_fails
    page = tablet.open(child.card)
    at_home(page, child)
    tablet.ready_for_no_network(page)
    assert len(asked) > 1
    network.down()
    page.reload()
    at_home(page, child)


def test_a_page_that_the_worker_missed_is_taken_all_the_same(
    tablet: Tablet, network: Network, child: Child
) -> None:
    """As one that was loading while the worker began: there is a worker, and it has not the page. A
    reload past all caches leaves a page so, too."""
    page = signed_in(tablet, child)
    tablet.context.new_cdp_session(page).send("Page.reload", {"ignoreCache": True})
    wait_for(page, "performance.getEntriesByType('navigation')[0].type === 'reload'")
    at_home(page, child)
    tablet.ready_for_no_network(page)


def test_an_update_waits_for_the_end_of_the_game_and_keeps_the_outbox(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    network.mood = always(problem(503, "store_unavailable"))
    ids = put_sessions(page, child.student_id, 3)
    network.changed["/sw.js"] = lambda body: body + b"\n// a newer release"
    # Before another tab covers this one: Chromium looks for an update only once a page has been in
    # front until it was idle, or after three minutes.
    page.evaluate("async () => { await (await navigator.serviceWorker.ready).update() }")
    expect(page.get_by_test_id("update")).to_be_visible()
    other = tablet.open()
    at_home(other, child)
    page.bring_to_front()

    open_game(page)
    expect(page.get_by_test_id("update")).to_have_count(0)
    expect(page.get_by_test_id("game-canvas")).to_be_visible()

    # The other tab, at home, takes it; the game goes on.
    page.evaluate("globalThis.stillHere = true")
    other.get_by_test_id("update").click()
    wait_for(other, "async () => !(await navigator.serviceWorker.ready).waiting")
    assert page.get_by_test_id("game-canvas").is_visible()
    page.get_by_test_id("game-pause").click()
    page.get_by_test_id("game-leave").click()
    result = page.get_by_test_id("result-home")
    expect(page.get_by_test_id("level").or_(result)).to_be_visible()
    if result.is_visible():  # the game went on for long enough to be kept
        result.click()
    at_home(page, child)
    wait_for(page, "globalThis.stillHere === undefined")
    at_home(page, child)
    left = ids_of(outbox(page))
    assert set(left) >= set(ids)
    network.mood = fair
    wait_empty(page)
    books.check(system, of(child, left))


def test_a_file_carries_the_games_of_a_tablet_without_a_network(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child, tmp_path: Path
) -> None:
    page = signed_in(tablet, child)
    network.down()
    ids = put_sessions(page, child.student_id, 3)
    page.reload()
    expect_here(page, 3)
    open_adults(page)
    with page.expect_download() as download:
        page.get_by_test_id(f"save-{child.student_id}").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)

    changed = tmp_path / "changed.json"
    document = json.loads(file.read_text())
    document["payload"] = document["payload"].replace('"score":300', '"score":499', 1)
    changed.write_text(json.dumps(document))
    assert system.fails("sync", "import", str(changed)) == 1
    assert books.inbox(system, [child.student_id]) == []

    (taken,) = system.neuroplay("sync", "import", str(file))["files"]
    assert (taken["accepted"], taken["student_id"]) == (3, child.student_id)
    books.check(system, of(child, ids))
    # The games stayed on the tablet too; one day it meets the network after all.
    assert sorted(ids_of(outbox(page))) == sorted(ids)
    network.up()
    wake(page)
    wait_empty(page)
    books.check(system, of(child, ids))


@in_firefox_at_length
def test_children_take_turns_without_a_network_and_each_keeps_their_own(
    tablet: Tablet, network: Network, system: RunningSystem
) -> None:
    children = new_children(system, 3)
    page = signed_in(tablet, children[0])
    for child in children[1:]:
        show_card(page, child)
    network.down()
    expected = []
    known: set[str] = set()
    # Out of order: the last child plays first, and the first one has an older game.
    older = put_sessions(page, children[0].student_id, age_ms=DAY_MS)
    known.update(older)
    expected += of(children[0], older)
    for child in (children[2], children[0], children[1]):
        turn_to(page, child)
        play_a_round(page)
        page.get_by_test_id("result-home").click()
        fresh = [i for i in ids_of(outbox(page)) if i not in known]
        known.update(fresh)
        expected += of(child, fresh)
    assert len(expected) == 4
    expect(page.get_by_test_id("as-of")).to_be_visible()
    network.up()
    wake(page)
    wait_empty(page)
    books.check(system, expected)


def turn_to(page: Page, child: Child) -> None:
    page.get_by_test_id("switch-child").click()
    page.get_by_test_id(f"child-{child.student_id}").click()
    at_home(page, child)


@in_firefox_at_length
def test_signing_out_keeps_unsent_games_and_says_so(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    network.mood = always(LOGIN_PAGE)
    ids = put_sessions(page, child.student_id, 2)
    wake(page)
    expect_here(page, 2)
    open_adults(page)
    expect(page.get_by_test_id("waiting")).to_contain_text("something else responded")
    page.get_by_test_id("sign-out").click()
    expect(page.get_by_role("alertdialog")).to_contain_text("2")
    page.get_by_test_id("sign-out-yes").click()
    expect(page.get_by_test_id("new-card")).to_be_visible()
    expect(page.get_by_test_id(f"child-{child.student_id}")).to_have_count(0)
    assert sorted(ids_of(outbox(page))) == sorted(ids)
    network.mood = fair
    wake(page)
    wait_empty(page)
    books.check(system, of(child, ids))
    # Nothing is left of the child on this tablet, then.
    wait_for(page, NO_STUDENTS)


NO_STUDENTS = """() => new Promise((resolve) => {
  const opening = indexedDB.open('neuroplay');
  opening.onsuccess = () => {
    const all = opening.result.transaction('students').objectStore('students').getAll();
    all.onsuccess = () => { resolve(all.result.length === 0); opening.result.close(); };
  };
})"""


def test_the_school_sees_which_tablet_still_holds_games(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    busy = problem(503, "store_unavailable", Retry_After="600")
    seen = 0

    def after_the_first(_: object) -> object:
        nonlocal seen
        seen += 1
        return None if seen == 1 else busy

    network.mood = after_the_first  # type: ignore[assignment]
    ids = put_sessions(page, child.student_id, 60)
    wake(page)
    expect_here(page, 10)
    device = device_id(page)
    rows = system.neuroplay("sync", "devices")["devices"]
    (row,) = [row for row in rows if row["device_id"] == device]
    assert (row["pending"], row["student_id"]) == (10, child.student_id)
    network.mood = fair
    open_adults(page)
    page.get_by_test_id("send-now").click()
    wait_empty(page)
    books.check(system, of(child, ids))
    rows = system.neuroplay("sync", "devices")["devices"]
    assert [row for row in rows if row["device_id"] == device] == []


def test_installing_is_offered_after_a_game_that_was_sent(
    tablet: Tablet, network: Network, child: Child
) -> None:
    page = signed_in(tablet, child)
    page.evaluate(
        """() => {
          const event = new Event('beforeinstallprompt', { cancelable: true });
          event.prompt = async () => { globalThis.asked = true; return { outcome: 'accepted' } };
          dispatchEvent(event);
        }"""
    )
    offer = page.get_by_test_id("install")
    expect(offer).to_have_count(0)
    network.mood = always(problem(503, "store_unavailable"))
    play_a_round(page)
    page.get_by_test_id("result-home").click()
    expect_here(page, 1)
    expect(offer).to_have_count(0)
    network.mood = fair
    wake(page)
    expect(offer).to_be_visible(timeout=20_000)
    page.get_by_test_id("install-yes").click()
    expect(offer).to_have_count(0)
    assert page.evaluate("globalThis.asked") is True
