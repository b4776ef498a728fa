"""Fifty tablets play when the database burns, real browsers among them. A backup from before their
last games is restored: all of them come back, once, and whoever was erased stays erased.

`make test` has the same with simulated tablets alone (tests/acceptance/chaos). The end of the run
shows what burnt, and when it was back.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psycopg2
import pytest
from playwright.sync_api import Page, Playwright

from tests.acceptance.chaos.books import Auditor, differences, waiting
from tests.acceptance.chaos.history import Settled
from tests.acceptance.chaos.schedule import (
    a_backup_is_made,
    a_backup_is_restored,
    a_child_is_erased,
)
from tests.acceptance.chaos.tablets import TABLETS, Fleet
from tests.acceptance.installation import Installation, wait_until
from tests.browser import firefox
from tests.browser.play import Child
from tests.browser.tablet import (
    Tablet,
    put_sessions,
    send_sync,
    service_worker,
    show_card,
    signed_in,
    stored,
    wait_empty,
    wake,
)
from tests.deploy.conftest import said

pytestmark = [pytest.mark.deploy, pytest.mark.browser]

SEED = 20261128
TITLE = f"fire drill, {TABLETS} tablets and two browsers"
GAMES = 300
"""Acknowledged before the backup, and as many after it."""

PROCESSED_S = 90.0


@dataclass(kw_only=True)
class School:
    """A system under tablets whose database can burn."""

    system: Installation
    fleet: Fleet
    auditor: Auditor
    folder: Path
    random: Random

    def stop(self) -> None:
        """It burns: nothing is shut down, and nothing is left of the database."""
        self.system.kill()
        shutil.rmtree(self.system.home / "postgres")

    def start(self) -> None:
        self.system.json("serve", "--detach", "--no-demo")

    def wait_well(self) -> None:
        known = self.fleet.history.latest
        wait_until(lambda: self.fleet.history.latest != known, "games are accepted")

    def wait_acknowledged(self, games: int) -> None:
        known = len(self.fleet.history.all_acknowledged())
        wait_until(
            lambda: len(self.fleet.history.all_acknowledged()) >= known + games, f"{games} games"
        )


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    system = Installation(home=tmp_path / "home")
    backups = tmp_path / "backups"
    backups.mkdir()
    with system.detached("--no-demo"):
        fleet = Fleet(system, SEED)
        fleet.start()
        try:
            yield School(
                system=system,
                fleet=fleet,
                auditor=Auditor(fleet.history),
                folder=backups,
                random=Random(SEED),
            )
        finally:
            fleet.end()


@dataclass(frozen=True, kw_only=True)
class Browser:
    """A real tablet, with two children on it."""

    tablet: Tablet
    page: Page
    children: tuple[Child, Child]

    def play(self) -> list[tuple[str, int]]:
        """Games of both children, each with its receipt."""
        games = [
            (session, child.student_id)
            for child in self.children
            for session in put_sessions(self.page, child.student_id, 3, age_ms=3_600_000)
        ]
        wake(self.page)
        wait_empty(self.page)
        return games

    def come_back(self) -> None:
        """In Chromium by its service worker alone, in Firefox, which has no sync events, by the
        page."""
        if self.tablet.engine == "firefox":
            self.page.reload()
            return
        empty = self.tablet.context.new_page()
        worker, registration = service_worker(self.tablet, empty, self.tablet.url)
        self.page.close()
        send_sync(worker, registration, self.tablet.url)


@contextmanager
def browser(playwright: Playwright, school: School, folder: Path, engine: str) -> Iterator[Browser]:
    made = school.system.json("class", "create", engine, "--students", "2")
    ana, bia = (
        Child(
            student_id=one["id"],
            nickname=one["nickname"],
            card=f"/#card={made['class']['code']}-{one['card_code']}",
        )
        for one in made["students"]
    )
    url = f"http://127.0.0.1:{school.system.port}"
    tablet = Tablet(playwright=playwright, profile=folder / engine, url=url, engine=engine)
    page = signed_in(tablet, ana)
    show_card(page, bia)
    try:
        yield Browser(tablet=tablet, page=page, children=(ana, bia))
    finally:
        tablet.close()


def in_books(school: School, students: list[int]) -> list[tuple[str, int]]:
    """(session, student) of every row of these students that counted."""
    socket = school.system.runtime / "pg"
    connection = psycopg2.connect(host=str(socket), user="neuroplay", dbname="neuroplay")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT session_id::text, student_id FROM game_sessions "
                "WHERE student_id = ANY(%s) ORDER BY 1",
                (students,),
            )
            return list(cursor.fetchall())
    finally:
        connection.close()


@pytest.mark.timeout(900)
def test_nothing_is_lost_or_counted_twice_by_a_fire_and_the_erased_stay_erased(
    school: School, playwright: Playwright, tmp_path: Path
) -> None:
    engines = ["chromium", *(["firefox"] if firefox.find() else [])]
    history = school.fleet.history
    with ExitStack() as stack:
        browsers = [
            stack.enter_context(browser(playwright, school, tmp_path, engine)) for engine in engines
        ]
        games = [game for one in browsers for game in one.play()]
        school.wait_acknowledged(GAMES)
        a_backup_is_made(school)
        before = history.all_acknowledged()
        games += [game for one in browsers for game in one.play()]
        school.wait_acknowledged(GAMES)
        a_child_is_erased(school)
        burnt = len(history.all_acknowledged() - before)

        began = time.monotonic()
        a_backup_is_restored(school)
        restored = time.monotonic()
        for one in browsers:
            one.come_back()
        school.fleet.rest(PROCESSED_S)
        students = [child.student_id for one in browsers for child in one.children]
        wait_until(
            lambda: in_books(school, students) == sorted(games), "the browsers' games", PROCESSED_S
        )
        wait_until(lambda: not waiting(school.system), "all is processed", PROCESSED_S)
        well = time.monotonic()
        history.add(Settled)
        found = school.auditor.audit(school.system)
        said.setdefault(TITLE, []).append(
            f"{burnt} acknowledged games burnt, and {len(games) // 2} of {len(browsers)} browsers; "
            f"restored and serving after {restored - began:.0f} s, all there {well - restored:.0f} "
            f"s later: {found}"
        )
        assert found.holds, found
        assert found.is_complete, found
        assert differences(school.system) is None
        for one in browsers:
            page = one.tablet.open()
            wait_empty(page)
            assert {item["sessionId"] for item in stored(page, "kept")} == {
                session
                for session, student in games
                if student in {child.student_id for child in one.children}
            }
