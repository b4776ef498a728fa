"""Time until a waiting session is delivered, and until the app opens without a server."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.harness.system import System
from tests.browser.play import Child
from tests.browser.tablet import Tablet, put_sessions, signed_in

THROTTLE = 4

OUTBOX_EMPTY = """async () => {
  const begun = performance.now();
  const waiting = () => new Promise((resolve) => {
    const opening = indexedDB.open('neuroplay');
    opening.onsuccess = () => {
      const count = opening.result.transaction('outbox').objectStore('outbox').count();
      count.onsuccess = () => { opening.result.close(); resolve(count.result > 0); };
    };
  });
  while (await waiting()) await new Promise((resolve) => setTimeout(resolve, 5));
  return performance.now();
}"""

HOME_SHOWN = """() => new Promise((resolve) => {
  (function look() {
    if (document.querySelector('[data-testid=level]')) {
      requestAnimationFrame(() => resolve(performance.now()));
    } else requestAnimationFrame(look);
  })();
})"""


def measure(options: Options) -> list[Figure]:
    back, reopened, opens = [], [], []
    with (
        System.temporary() as system,
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory() as folder,
    ):
        system.start()
        made = system.command("class", "create", "offline", "--students", "1")
        (one,) = made["students"]
        child = Child(
            student_id=one["id"],
            nickname=one["nickname"],
            card=f"/#card={made['class']['code']}-{one['card_code']}",
        )
        tablet = Tablet(
            playwright=playwright,
            profile=Path(folder),
            url=f"http://127.0.0.1:{system.port}",
        )
        page = signed_in(tablet, child)
        for _ in range(options.runs):
            back.append(_after_the_network_is_back(tablet, page, child))
        for _ in range(options.runs):
            page = _reopened_with_a_game(tablet, child)
            reopened.append(page.evaluate(OUTBOX_EMPTY) / 1000)
        system.stop()
        devtools = tablet.context.new_cdp_session(page)
        for _ in range(options.runs):
            opens.append(_opened(page, devtools))
        tablet.close()
    return [
        Figure(name="delivered, network back", unit="s", aim=1, values=tuple(back)),
        Figure(name="delivered, app reopened", unit="s", aim=1, values=tuple(reopened)),
        Figure(
            name=f"opens offline, CPU throttled {THROTTLE} times",
            unit="s",
            aim=1,
            values=tuple(opens),
        ),
    ]


def _after_the_network_is_back(tablet: Tablet, page: Page, child: Child) -> float:
    tablet.context.set_offline(True)
    put_sessions(page, child.student_id)
    tablet.context.set_offline(False)
    begun = time.perf_counter()
    page.evaluate(OUTBOX_EMPTY)
    return time.perf_counter() - begun


def _reopened_with_a_game(tablet: Tablet, child: Child) -> Page:
    """Open the app on a tablet with an unsent session; times count from its opening."""
    tablet.context.set_offline(True)
    put_sessions(tablet.context.pages[-1], child.student_id)
    tablet.close()
    return tablet.open()


def _opened(page: Page, devtools: CDPSession) -> float:
    """Seconds from navigation to the first paint of the home screen, without a server."""
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    page.reload(wait_until="commit")
    shown: float = page.evaluate(HOME_SHOWN) / 1000
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    return shown
