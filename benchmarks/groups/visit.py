"""A first visit over a slow network: until the first text, and until the first screen."""

from __future__ import annotations

from playwright.sync_api import Browser, sync_playwright

from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.harness.system import System
from tests.browser import chromium

KBIT_S = 400
ROUND_TRIP_MS = 400

FIRST_TEXT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def measure(options: Options) -> list[Figure]:
    text, screen = [], []
    with System.temporary() as system, sync_playwright() as playwright:
        system.start()
        browser = playwright.chromium.launch(
            executable_path=chromium.find() or chromium.playwrights_own(),
            args=list(chromium.FLAGS),
        )
        _visit(browser, system.port)
        for _ in range(options.runs):
            first_text, first_screen = _visit(browser, system.port)
            text.append(first_text)
            screen.append(first_screen)
        browser.close()
    network = f"{KBIT_S} kbit/s, {ROUND_TRIP_MS} ms"
    return [
        Figure(name=f"first text, {network}", unit="s", values=tuple(text)),
        Figure(name=f"first screen, {network}", unit="s", aim=4, values=tuple(screen)),
    ]


def _visit(browser: Browser, port: int) -> tuple[float, float]:
    """Seconds until the first text and the first screen of a browser that has nothing stored."""
    context = browser.new_context(viewport={"width": 1024, "height": 600}, locale="pt-BR")
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": ROUND_TRIP_MS,
            "downloadThroughput": KBIT_S * 1000 / 8,
            "uploadThroughput": KBIT_S * 1000 / 8,
        },
    )
    page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
    page.get_by_test_id("new-card").wait_for()
    first_screen = page.evaluate("performance.now()")
    first_text = page.evaluate(FIRST_TEXT)
    context.close()
    return first_text / 1000, first_screen / 1000
