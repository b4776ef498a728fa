"""The server burns down and is restored from a backup that lacks the last games; the tablets bring
them back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright

from tests.browser import books
from tests.browser.conftest import (
    RunningSystem,
    in_firefox_at_length,
    running_system,
)
from tests.browser.network import Network
from tests.browser.play import Child, new_children, play_a_round
from tests.browser.tablet import (
    READ_STORE,
    Tablet,
    at_home,
    put_sessions,
    send_sync,
    service_worker,
    show_card,
    signed_in,
    stored,
    wait_empty,
    wait_for,
    wake,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """A system that may be restored: of this file's own."""
    with running_system(tmp_path_factory.mktemp("school")) as running:
        yield running


@pytest.fixture
def way(school: RunningSystem) -> Iterator[Network]:
    network = Network(school.url)
    network.up()
    yield network
    network.down()


@pytest.fixture
def tablet(playwright: Playwright, way: Network, tmp_path: Path, engine: str) -> Iterator[Tablet]:
    tablet = Tablet(
        playwright=playwright, profile=tmp_path / "tablet", url=way.url, engine=engine, still=True
    )
    yield tablet
    tablet.close()
    assert tablet.quiet() == []


def sent(page: Page, child: Child, count: int) -> list[tuple[str, int]]:
    """So many games of the child, with their receipts. They lie an hour back, so that a round that
    is really played overlaps none."""
    ids = put_sessions(page, child.student_id, count, age_ms=3_600_000)
    wake(page)
    wait_empty(page)
    return [(session, child.student_id) for session in ids]


def kept(page: Page) -> set[str]:
    return {item["sessionId"] for item in stored(page, "kept")}


def restored(system: RunningSystem, way: Network, file: Path) -> None:
    way.down()
    system.stop()
    system.neuroplay("db", "restore", str(file), "--yes")
    system.start()
    way.up()


READ_XP = """(id) => new Promise((resolve, reject) => {
  const opening = indexedDB.open('neuroplay');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const asked = opening.result.transaction('students').objectStore('students').get(id);
    asked.onsuccess = () => { resolve(asked.result.me?.xp); opening.result.close(); };
  };
})"""


ALL_OF_EPOCH = f"""async ([ids, epoch]) => {{
  const read = {READ_STORE};
  const [waiting, kept] = [await read('outbox'), await read('kept')];
  const now = kept.filter((item) => item.epoch === epoch).map((item) => item.sessionId);
  return waiting.length === 0 && ids.every((id) => now.includes(id));
}}"""


def wait_offered(page: Page, system: RunningSystem, games: list[tuple[str, int]]) -> None:
    """Return when the restored server has acknowledged all of these, and nothing waits."""
    wait_for(page, ALL_OF_EPOCH, [[session for session, _ in games], books.epoch(system)])


@in_firefox_at_length
def test_games_that_the_backup_lacks_come_back_once_from_two_tabs_and_two_children(
    tablet: Tablet, way: Network, school: RunningSystem, tmp_path: Path
) -> None:
    ana, bia = new_children(school, 2)
    page = signed_in(tablet, bia)
    games = sent(page, bia, 2)
    show_card(page, ana)
    games += sent(page, ana, 2)
    books.check(school, games)
    file = tmp_path / "before.dump"
    school.neuroplay("db", "backup", str(file))

    games += sent(page, bia, 60)
    games += sent(page, ana, 3)
    play_a_round(page)
    page.get_by_test_id("result-home").click()
    wait_empty(page)
    (own,) = kept(page) - {session for session, _ in games}
    games.append((own, ana.student_id))
    books.check(school, games)
    students = [ana.student_id, bia.student_id]
    before = dict(books.xp(school, students))

    restored(school, way, file)
    assert len(books.inbox(school, students)) == 4
    # A new page asks for the epoch; the other one was open all the time.
    second = tablet.open()
    page.reload()
    wait_offered(second, school, games)
    books.check(school, games)
    assert dict(books.xp(school, students)) == before
    page.get_by_role("button", name=ana.nickname).click()
    at_home(page, ana)
    shown = f"async () => (await ({READ_XP})({ana.student_id})) === {before[ana.student_id]}"
    wait_for(page, shown)


@in_firefox_at_length
def test_a_child_who_was_erased_after_the_backup_stays_erased(
    tablet: Tablet, way: Network, school: RunningSystem, tmp_path: Path
) -> None:
    ana, bia = new_children(school, 2)
    page = signed_in(tablet, ana)
    file = tmp_path / "before.dump"
    show_card(page, bia)
    school.neuroplay("db", "backup", str(file))
    sent(page, ana, 3)
    games = sent(page, bia, 2)
    assert len(kept(page)) == 5
    way.down()
    school.neuroplay("student", "erase", f"id:{ana.student_id}", "--yes")
    restored(school, way, file)
    page.reload()
    wait_offered(page, school, games)
    books.check(school, games)
    assert books.inbox(school, [ana.student_id]) == []
    assert [known["id"] for known in stored(page, "students")] == [bia.student_id]
    assert kept(page) == {session for session, _ in games}
    assert {one["session_id"] for one in stored(page, "keptSessions")} == kept(page)


def test_the_service_worker_brings_them_back_with_no_page_open(
    tablet: Tablet, way: Network, school: RunningSystem, tmp_path: Path
) -> None:
    (ana,) = new_children(school)
    page = signed_in(tablet, ana)
    file = tmp_path / "before.dump"
    school.neuroplay("db", "backup", str(file))
    games = sent(page, ana, 3)
    empty = tablet.context.new_page()
    cdp, registration = service_worker(tablet, empty, way.url)
    page.close()
    restored(school, way, file)
    assert books.inbox(school, [ana.student_id]) == []
    while len(books.inbox(school, [ana.student_id])) < len(games):
        send_sync(cdp, registration, way.url)
        empty.wait_for_timeout(200)
    books.check(school, games)


@in_firefox_at_length
def test_what_a_backup_covers_is_kept_no_longer(
    tablet: Tablet, way: Network, school: RunningSystem, tmp_path: Path
) -> None:
    (ana,) = new_children(school)
    page = signed_in(tablet, ana)
    (old,) = sent(page, ana, 1)
    assert kept(page) == {old[0]}
    school.neuroplay("db", "backup", str(tmp_path / "a.dump"))
    (new,) = sent(page, ana, 1)
    # It covers what came five minutes before it began; a later one has both.
    assert kept(page) == {old[0], new[0]}
    books.cover(school)
    while kept(page):
        page.reload()
        at_home(page, ana)
    books.check(school, [old, new])
