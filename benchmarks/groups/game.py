"""Games on a slow tablet: frames of those drawn on a canvas, and from a press to its picture, in
headless Chromium with its CPU throttled 4 times; how busy home is when nobody touches it; and the
weight of each game's own code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.groups.page import DIST, weight_kb
from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.harness.system import System
from neuroplay.core.entities.game_catalogue import GAMES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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


# The game's own bot, until the benchmark presses itself.
HAND = """
globalThis.__neuroplayHand = (state, bot) => {
  globalThis.__neuroplayState = state;
  return globalThis.__isIdle ? 0 : bot(state);
}
"""

PRESSES = 20

# Frames from a press to the first one that is drawn from a state which the press changed: looked at
# after all callbacks of a frame. `ready` says when a press does something, `shown` what it changes.
AWAIT_PICTURE = """
([ready, shown, key]) => new Promise(resolve => {
  const state = () => globalThis.__neuroplayState;
  const channel = new MessageChannel();
  let before = null;
  let frames = 0;
  channel.port1.onmessage = () => {
    if (before === null) {
      if (!state() || !ready(state())) return;
      before = shown(state());
      dispatchEvent(new KeyboardEvent('keydown', { code: key(state()), key: key(state()) }));
      return;
    }
    frames += 1;
    if (shown(state()) !== before) {
      resolve(frames);
      channel.port1.close();
    }
  };
  requestAnimationFrame(function end() {
    channel.port2.postMessage(0);
    requestAnimationFrame(end);
  });
})
"""


@dataclass(frozen=True, kw_only=True)
class Press:
    """A press that changes the picture, as JavaScript on the round's state."""

    ready: str
    shown: str
    key: str


PRESSED = {
    "cyber_runner": Press(
        ready="s => s.step % 30 === 0",
        shown="s => s.target",
        key="s => s.target === 0 ? 'ArrowRight' : 'ArrowLeft'",
    ),
    "signal_stop": Press(
        ready="s => s.open && s.step - s.appeared > 12", shown="s => s.open", key="s => 'Space'"
    ),
}


def playable() -> list[str]:
    return [name for name, game in GAMES.items() if game.playable]


def weights() -> list[Figure]:
    """A game's own chunks have its name."""
    figures = []
    for game in playable():
        files = [*DIST.glob(f"assets/{game}-*.js"), *DIST.glob(f"assets/{game}-*.css")]
        values = (weight_kb(*files),) if files else ()
        figures.append(Figure(name=f"{game}, JS + CSS", unit="kB", aim=30, values=values))
    return figures


def measure(options: Options) -> list[Figure]:
    from playwright.sync_api import sync_playwright

    from tests.browser import chromium

    figures = weights()
    with System.temporary() as system, sync_playwright() as playwright:
        system.start()
        made = system.command("class", "create", "frames", "--students", "30")
        homes = (
            f"http://127.0.0.1:{system.port}/#card={made['class']['code']}-{one['card_code']}"
            for one in made["students"]
        )
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.FLAGS)
        )
        figures.append(home_alone(browser, homes, options.runs))
        for game in playable():
            figures.extend(frames(browser, homes, game, options.runs))
        browser.close()
    return figures


def home_alone(browser: Browser, homes: Iterator[str], runs: int) -> Figure:
    """What the pictures of home cost the main thread, and so a battery."""
    page = browser.new_page(viewport={"width": 1024, "height": 600})
    page.goto(next(homes))
    page.get_by_test_id("level").wait_for()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    page.wait_for_timeout(3_000)

    def busy_s() -> float:
        metrics = devtools.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))

    values = []
    for _ in range(runs):
        before = busy_s()
        page.wait_for_timeout(SECONDS * 1000)
        values.append(100 * (busy_s() - before) / SECONDS)
    page.close()
    return Figure(name="home, main thread busy", unit="%", aim=5, values=tuple(values))


def frames(browser: Browser, homes: Iterator[str], game: str, runs: int) -> list[Figure]:
    """Of a game whose field is a canvas; none of the others. Each round is another child's, at the
    first of `homes`: nobody goes on with a round that another had left."""
    from tests.browser.play import open_game

    fps: list[float] = []
    late: list[float] = []
    pressed: list[float] = []
    for _ in range(runs):
        page = browser.new_page(viewport={"width": 1024, "height": 600})
        page.goto(next(homes))
        devtools = page.context.new_cdp_session(page)
        # A round that goes well shows the most.
        page.evaluate(f"{HAND}; 0")
        open_game(page, game)
        is_drawn = page.get_by_test_id("game-canvas").is_visible()
        if is_drawn:
            devtools.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
            # Skips the countdown and the first seconds, when a slow tablet adapts its resolution.
            page.evaluate(COUNT_FRAMES, 6)
            counted = page.evaluate(COUNT_FRAMES, SECONDS)
            fps.append(counted["fps"])
            late.append(counted["late"])
            page.evaluate("globalThis.__isIdle = true")
            pressed.extend(page.evaluate(_await_picture(game)) for _ in range(PRESSES))
        page.context.close()
        if not is_drawn:
            return []
    return [
        Figure(
            name=f"{game}, CPU throttled {THROTTLE} times",
            unit="frames/s",
            aim=59.5,
            more_is_better=True,
            values=tuple(fps),
        ),
        Figure(name=f"{game}, frames over 25 ms", unit="%", aim=2, values=tuple(late)),
        Figure(
            name=f"{game}, from a press to its picture", unit="frames", aim=2, values=tuple(pressed)
        ),
    ]


def _await_picture(game: str) -> str:
    press = PRESSED[game]
    return f"() => ({AWAIT_PICTURE.strip()})([{press.ready}, {press.shown}, {press.key}])"
