"""Frame rate of the game on a slow tablet: headless Chromium with its CPU throttled 4 times."""

from __future__ import annotations

from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.harness.system import System
from tests.browser import chromium

THROTTLE = 4
SECONDS = 8

COUNT_FRAMES = """
seconds => new Promise(resolve => {
  let frames = 0;
  let late = 0;
  let last = 0;
  const begun = performance.now();
  requestAnimationFrame(function count(now) {
    if (last) {
      frames += 1;
      if (now - last > 25) late += 1;
    }
    last = now;
    if (now - begun < seconds * 1000) requestAnimationFrame(count);
    else resolve({ fps: frames * 1000 / (now - begun), late: 100 * late / frames });
  });
})
"""


def measure(options: Options) -> list[Figure]:
    from playwright.sync_api import sync_playwright

    fps, late = [], []
    with System.temporary() as system, sync_playwright() as playwright:
        system.start()
        made = system.command("class", "create", "frames", "--students", "1")
        card = f"{made['class']['code']}-{made['students'][0]['card_code']}"
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.FLAGS)
        )
        page = browser.new_page(viewport={"width": 1024, "height": 600})
        page.goto(f"http://127.0.0.1:{system.port}/#card={card}")
        devtools = page.context.new_cdp_session(page)
        for _ in range(options.runs):
            page.get_by_test_id("tile-cyber_runner").click()
            page.get_by_test_id("play").click()
            page.get_by_test_id("game-canvas").wait_for()
            if page.get_by_test_id("tutorial-skip").is_visible():
                page.get_by_test_id("tutorial-skip").click()
            devtools.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
            # Skips the countdown and the first seconds, when a slow tablet adapts its resolution.
            page.evaluate(COUNT_FRAMES, 6)
            counted = page.evaluate(COUNT_FRAMES, SECONDS)
            devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
            fps.append(counted["fps"])
            late.append(counted["late"])
            page.reload()
        browser.close()
    return [
        Figure(
            name=f"game, CPU throttled {THROTTLE} times",
            unit="frames/s",
            aim=59.5,
            more_is_better=True,
            values=tuple(fps),
        ),
        Figure(name="game, frames over 25 ms", unit="%", aim=2, values=tuple(late)),
    ]
