"""The operator's page in a real Chromium: live, on a phone, and for everyone who may see it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.installation import Installation
from tests.browser.test_accessibility import AXE, RULES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOTS = os.environ.get("NEUROPLAY_SHOTS")


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    system = Installation(
        home=tmp_path_factory.mktemp("ops") / "home", settings={"NEUROPLAY_OPS_TOKEN": "s3cret"}
    )
    with system.detached():
        yield system


@pytest.fixture(params=[(375, 740, "dark"), (1366, 768, "light")], ids=["phone", "desk"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, height, scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=False
    )
    yield context.new_page()
    context.close()


def test_the_picture_is_live_and_for_everyone(system: Installation, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.goto(f"http://127.0.0.1:{system.port}/ops")
    expect(page.get_by_label("Operator's token")).to_be_visible()
    page.get_by_label("Operator's token").fill("wrong")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("status")).to_have_text("Wrong token.")
    page.get_by_label("Operator's token").fill("s3cret")
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_text("Workers", exact=True)).to_be_visible()
    system.get("/api/v1/games")
    expect(page.get_by_role("cell", name="/api/v1/games")).to_be_visible()
    expect(page.locator("figure canvas")).to_have_count(4)
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    # Past the policy of the page: axe is not part of it.
    page.evaluate(Path(AXE).read_text())
    assert page.evaluate(RULES) == []
    assert [line for line in said if "401" not in line] == []
    if SHOTS:
        page.wait_for_timeout(8000)
        page.screenshot(path=f"{SHOTS}/ops-{page.viewport_size['width']}.png", full_page=True)  # type: ignore[index]


def test_a_system_that_stops_is_said(browser: Browser, tmp_path: Path) -> None:
    system = Installation(home=tmp_path / "home", settings={"NEUROPLAY_OPS_TOKEN": "s3cret"})
    system.json("serve", "--detach")
    try:
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{system.port}/ops")
        page.get_by_label("Operator's token").fill("s3cret")
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_role("status")).to_have_text("Everything responds.")
        system.run("stop")
        expect(page.get_by_role("status")).to_contain_text("No response")
        page.close()
    finally:
        system.end()
