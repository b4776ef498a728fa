"""A tablet: a browser with a profile on disk, which can be opened, closed and killed."""

from __future__ import annotations

import http.client
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psutil
from playwright.sync_api import BrowserContext, CDPSession, Error, Page, Playwright, expect

from tests.browser import chromium, firefox
from tests.browser.conftest import RunningSystem
from tests.browser.play import Child, watch_console

PATIENCE_MS = 40_000

DAY_MS = 24 * 60 * 60 * 1000

NATURAL = (
    "Failed to load resource",  # Chromium, of any request that fails
    "no-response",  # Firefox, of one that the service worker could not answer
    "Cross-Origin-Opener-Policy header has been ignored",  # Chromium, of a page without https
)
"""What browsers write whatever the page makes of it."""

SHIFTED_CLOCK = """(() => {
  if (!location.protocol.startsWith('http')) return; // Firefox gives an empty page no storage
  const shift = Number(localStorage.getItem('test-clock-shift') ?? 0);
  if (!shift) return;
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given) {
      if (given.length) super(...given);
      else super(Real.now() + shift);
    }
    static now() { return Real.now() + shift; }
  };
})()"""

PUT_SESSIONS = """async ({ student, ids, slot, ageMs, metadata, changes }) => {
  const database = await new Promise((resolve, reject) => {
    const opening = indexedDB.open('neuroplay');
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const tx = database.transaction('outbox', 'readwrite');
  const now = Date.now() - ageMs;
  for (const [n, id] of ids.entries()) {
    const ended = now - (slot + n) * 200_000;
    tx.objectStore('outbox').put({
      sessionId: id,
      studentId: student,
      putAt: ended,
      parked: null,
      session: {
        session_id: id,
        game_type: 'cyber_runner',
        game_version: '1',
        started_at: new Date(ended - 125_000).toISOString(),
        ended_at: new Date(ended).toISOString(),
        utc_offset_minutes: -180,
        score: 300 + n,
        duration: 120,
        accuracy: 0.8,
        completed: true,
        metadata: { difficulty: 2, ...metadata },
        ...changes,
      },
    });
  }
  await new Promise((resolve, reject) => {
    tx.oncomplete = resolve;
    tx.onerror = () => reject(tx.error);
  });
  database.close();
}"""

READ_STORE = """(name) => new Promise((resolve, reject) => {
  const opening = indexedDB.open('neuroplay');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    const all = database.transaction(name).objectStore(name).getAll();
    all.onsuccess = () => { resolve(all.result); database.close(); };
  };
})"""


READ_DEVICE_ID = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('neuroplay');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const asked = opening.result.transaction('device').objectStore('device').get('id');
    asked.onsuccess = () => { resolve(asked.result); opening.result.close(); };
  };
})"""


@dataclass(kw_only=True)
class Tablet:
    playwright: Playwright
    profile: Path
    url: str
    engine: str = "chromium"
    flags: tuple[str, ...] = ()
    """Of Chromium's command line."""
    scripts: tuple[str, ...] = ()
    """Run before any script of a page."""
    begins_as: Path | None = None
    """The profile of a closed Chromium, of which this one has a copy at first."""
    still: bool = False
    """Its system asks for little motion. To draw what moves without a pause takes half a core."""
    excused: tuple[str, ...] = ()
    _context: BrowserContext | None = None
    _told: list[list[str]] = field(default_factory=list)

    @property
    def context(self) -> BrowserContext:
        assert self._context is not None, "the tablet is closed"
        return self._context

    def start(self) -> BrowserContext:
        """The browser alone, with an empty page."""
        if self.begins_as and not self.profile.exists():
            shutil.copytree(self.begins_as, self.profile)
        self._context = self._firefox() if self.engine == "firefox" else self._chromium()
        self._context.add_init_script(SHIFTED_CLOCK)
        for script in self.scripts:
            self._context.add_init_script(script)
        return self._context

    def _chromium(self) -> BrowserContext:
        return self.playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path=chromium.find() or chromium.playwrights_own(),
            args=[*chromium.FLAGS, *self.flags],
            accept_downloads=True,
            reduced_motion="reduce" if self.still else None,
        )

    def _firefox(self) -> BrowserContext:
        return self.playwright.firefox.launch_persistent_context(
            self.profile,
            executable_path=firefox.find(),
            channel=firefox.CHANNEL,
            firefox_user_prefs={
                **firefox.PREFERENCES,
                "ui.prefersReducedMotion": int(self.still),
            },
            accept_downloads=True,
        )

    def open(self, address: str = "/") -> Page:
        """NeuroPlay in a new tab, in front."""
        if self._context is None:
            self.start()
        page = self.context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        self.complaints_of(page)
        page.goto(address if address.startswith("http") else self.url + address)
        return page

    def complaints_of(self, page: Page) -> None:
        self._told.append(watch_console(page))

    def quiet(self) -> list[str]:
        """What the pages wrote to the console, beyond the browser's own words on failed loads."""
        lines = [line for told in self._told for line in told]
        return [line for line in lines if not any(words in line for words in self._expected())]

    def expected(self, *words: str) -> None:
        """Lines with these words are no complaint."""
        self.excused += words

    def _expected(self) -> tuple[str, ...]:
        return (*NATURAL, *self.excused)

    def shown(self) -> list[tuple[str, str]]:
        """Of each open page its address and what a reader of its screen would find."""
        pages = self._context.pages if self._context is not None else []
        found = [(f"page {number}: {page.url}", _shown(page)) for number, page in enumerate(pages)]
        return [*found, ("console", "\n".join(line for told in self._told for line in told))]

    def close(self) -> None:
        if self._context is not None:
            self._context.close()
            self._context = None

    def kill(self) -> None:
        """SIGKILL to all of the browser, as an empty battery does; its profile is free then."""
        killed = self._processes()
        for process in killed:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(killed, timeout=PATIENCE_MS / 1000)
        with suppress(Error):
            self.context.close()
        self._context = None

    def _processes(self) -> list[psutil.Process]:
        marks = {f"--user-data-dir={self.profile}", str(self.profile)}
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if marks.intersection(process.cmdline()):
                    found += [process, *process.children(recursive=True)]
        return found

    def ready_for_no_network(self, page: Page) -> None:
        """Wait until the service worker has the page."""
        wait_for(page, "navigator.serviceWorker.controller !== null")


def _shown(page: Page) -> str:
    try:
        return page.locator("body").aria_snapshot(timeout=2_000)
    except Error as error:
        return f"not to be read: {error}"


_slots: Counter[int] = Counter()
"""How many games each student has, to place the next ones before them."""


def put_sessions(
    page: Page,
    student: int,
    count: int = 1,
    *,
    age_ms: int = 0,
    metadata: dict[str, Any] | None = None,
    changes: dict[str, Any] | None = None,
) -> list[str]:
    """Finished games, as the app keeps them; their ids. No two of a student overlap. `changes` are
    of the sessions' own fields."""
    slot = _slots[student]
    _slots[student] += count
    ids = [str(uuid4()) for _ in range(count)]
    wanted = {
        "student": student,
        "ids": ids,
        "slot": slot,
        "ageMs": age_ms,
        "metadata": metadata or {},
        "changes": changes or {},
    }
    page.evaluate(PUT_SESSIONS, wanted)
    return ids


def stored(page: Page, name: str) -> list[Any]:
    """All that an object store of the tablet holds."""
    found: list[Any] = page.evaluate(READ_STORE, name)
    return found


def device_id(page: Page) -> str:
    """The id by which the school knows the tablet."""
    return str(page.evaluate(READ_DEVICE_ID))


def outbox(page: Page) -> list[Any]:
    return stored(page, "outbox")


def wait_empty(page: Page, timeout_ms: int = PATIENCE_MS) -> None:
    """Return when nothing waits on the tablet any more."""
    wait_left(page, [], timeout_ms)


def wait_left(page: Page, ids: Iterable[str], timeout_ms: int = PATIENCE_MS) -> None:
    """Return when these sessions, and no others, wait on the tablet."""
    script = f"""async wanted => {{
      const left = (await ({READ_STORE})('outbox')).map((item) => item.sessionId).sort();
      return JSON.stringify(left) === JSON.stringify(wanted);
    }}"""
    wait_for(page, script, sorted(ids), timeout_ms=timeout_ms)


def wait_for(
    page: Page, script: str, arg: Any = None, *, timeout_ms: int = PATIENCE_MS, every_ms: int = 50
) -> None:
    """Return when the script says true. Unlike Playwright's own it needs no `eval` in the page,
    which our Content-Security-Policy forbids."""
    deadline = time.monotonic() + timeout_ms / 1000
    while not _true(page, script, arg):
        assert time.monotonic() < deadline, f"waited in vain: {script[:200]}"
        page.wait_for_timeout(every_ms)


def _true(page: Page, script: str, arg: Any) -> bool:
    try:
        return bool(page.evaluate(script, arg))
    except Error as error:
        if "context was destroyed" in str(error):  # the page is just being reloaded
            return False
        raise


def wake(page: Page) -> None:
    """The network came back, says the browser."""
    page.evaluate("dispatchEvent(new Event('online'))")


def expect_here(page: Page, count: int) -> None:
    """The child's quiet line says that so many games wait on the tablet."""
    expect(page.get_by_test_id("safe")).to_have_attribute(
        "data-here", str(count), timeout=PATIENCE_MS
    )


@contextmanager
def shifted(page: Page, milliseconds: int) -> Iterator[Page]:
    """The tablet's clock is wrong by so much, from the next load on."""
    page.evaluate("shift => localStorage.setItem('test-clock-shift', String(shift))", milliseconds)
    page.reload()
    yield page
    page.evaluate("localStorage.removeItem('test-clock-shift')")
    page.reload()


def ids_of(items: Iterable[Any]) -> list[str]:
    return [item["sessionId"] for item in items]


def signed_in(tablet: Tablet, child: Child) -> Page:
    """The tablet with this child at home, ready to go on without a network."""
    page = tablet.open(child.card)
    at_home(page, child)
    tablet.ready_for_no_network(page)
    return page


def show_card(page: Page, child: Child) -> None:
    """Another child comes, with a card."""
    hold_card(page, child)
    at_home(page, child)


def hold_card(page: Page, child: Child) -> None:
    """A card before the camera, whatever comes of it."""
    page.evaluate("card => { location.hash = card }", child.card.removeprefix("/"))


def at_home(page: Page, child: Child) -> None:
    expect(page.get_by_test_id("level")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text(child.nickname)


def open_adults(page: Page) -> None:
    """Hold the door for three seconds."""
    page.get_by_test_id("adults").click()
    page.get_by_test_id("hold").focus()
    page.keyboard.down("Enter")
    expect(page.get_by_test_id("send-now")).to_be_visible(timeout=30_000)
    page.keyboard.up("Enter")


def service_worker(tablet: Tablet, page: Page, url: str) -> tuple[CDPSession, str]:
    """A DevTools session, and the registration of the app's service worker."""
    cdp = tablet.context.new_cdp_session(page)
    found: list[str] = []
    cdp.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(
            one["registrationId"]
            for one in event["registrations"]
            if one["scopeURL"].startswith(url) and not one["isDeleted"]
        ),
    )
    cdp.send("ServiceWorker.enable")
    while not found:
        page.wait_for_timeout(20)
    return cdp, found[0]


def send_sync(cdp: CDPSession, registration: str, url: str, *, last: bool = False) -> None:
    cdp.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": url,
            "registrationId": registration,
            "tag": "gameplay-queue",
            "lastChance": last,
        },
    )


def wait_refused(system: RunningSystem, page: Page, student_id: int) -> None:
    """Until the server refuses the student's sign-in: an answer about a token is believed for some
    seconds."""
    token = next(one["token"] for one in stored(page, "students") if one["id"] == student_id)
    while _status_of_me(system, token) != 401:
        page.wait_for_timeout(200)


def _status_of_me(system: RunningSystem, token: str) -> int:
    bearer = {"Authorization": f"Bearer {token}"}
    address = urlsplit(system.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
    try:
        connection.request("GET", "/api/v1/me", headers=bearer)
        return connection.getresponse().status
    finally:
        connection.close()
