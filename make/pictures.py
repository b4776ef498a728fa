"""Takes the pictures of the README and of the app's manifest, from a real system with a real child.

Build the page first (`make build`). Look at the pictures before you commit them.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import chromium
from tests.browser.conftest import RunningSystem, running_system
from tests.browser.play import GOOD_HAND, card_link, open_game, play_a_round
from tests.browser.tablet import wait_empty, wait_for
from tests.browser.walk import settle

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "pwa" / "public" / "screenshots"
README = ROOT / "docs" / "images" / "readme.png"

GAMES = {
    "cyber_runner": 12,
    "signal_stop": 12,
    "memory_pairs": 12,
    "echo_sequence": 4,
    "number_rush": 12,
    "n_back_trail": 12,
}
"""Points that a round has when its picture is taken."""

COLLAGE = """<style>
  body { margin: 0; display: grid; grid-template: 376px 376px / 570px repeat(3, 282px); gap: 8px; }
  img { display: block; width: 100%; height: 100%; border-radius: 12px; }
  img:first-child { grid-row: span 2; }
</style>"""


def main() -> None:
    with (
        TemporaryDirectory() as home,
        running_system(Path(home)) as system,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.FLAGS)
        )
        for_the_manifest(browser, system)
        for_the_readme(browser, system)
        browser.close()


def for_the_manifest(browser: Browser, system: RunningSystem) -> None:
    narrow, wide = (360, 740, 1.5), (1366, 768, 1.0)
    for name, size in {"narrow": narrow, "wide": wide}.items():
        with child(browser, system, "Raposa Risonha", "pt-BR", size) as page:
            page.screenshot(path=MANIFEST / f"home-{name}.png")
            begin(page, "cyber_runner")
            page.screenshot(path=MANIFEST / f"game-{name}.png")


def for_the_readme(browser: Browser, system: RunningSystem) -> None:
    with child(browser, system, "Merry Fox", "en", (768, 1024, 1.0)) as page:
        taken = [page.screenshot()]
        for game in GAMES:
            page.set_viewport_size({"width": 480, "height": 640})
            begin(page, game)
            taken.append(page.screenshot())
            page.get_by_test_id("game-pause").click()
            page.get_by_test_id("game-leave").click()
            expect(
                page.get_by_test_id("level").or_(page.get_by_test_id("result-home"))
            ).to_be_visible()
            if page.get_by_test_id("result-home").is_visible():
                page.get_by_test_id("result-home").click()
    collage = browser.new_page(viewport={"width": 570 + 3 * (282 + 8), "height": 760})
    encoded = [base64.b64encode(one).decode() for one in taken]
    collage.set_content(
        COLLAGE + "".join(f'<img src="data:image/png;base64,{one}">' for one in encoded)
    )
    collage.screenshot(path=README)


@contextmanager
def child(
    browser: Browser, system: RunningSystem, name: str, language: str, size: tuple[int, int, float]
) -> Iterator[Page]:
    """The home screen of a child who has played a round."""
    made = system.neuroplay("class", "create", f"3A {language} {size[0]}", "--names", name)
    width, height, scale = size
    context = browser.new_context(
        locale=language, viewport={"width": width, "height": height}, device_scale_factor=scale
    )
    page = context.new_page()
    page.goto(card_link(system, made, 0))
    expect(page.get_by_test_id("level")).to_be_visible()
    play_a_round(page)
    page.get_by_test_id("result-home").click()
    wait_empty(page)
    wait_for(page, "() => Number(document.querySelector('[data-testid=level]')?.dataset.xp) > 0")
    settle(page)
    yield page
    context.close()


def begin(page: Page, game: str) -> None:
    """A round of the game, as the game's own bot plays it, until it has some points."""
    page.evaluate(f"{GOOD_HAND}; globalThis.__neuroplaySpeed = 1")
    open_game(page, game)
    points = "Number(document.querySelector('[data-testid=game-score]')?.textContent)"
    wait_for(page, f"() => {points} >= {GAMES[game]}", timeout_ms=60_000)
    # What was just caught covers Neo.
    settle(page)


if __name__ == "__main__":
    main()
