"""After the first load the app opens and the game plays with the server gone; the game goes up when
it is back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import RunningSystem, running_system
from tests.browser.play import card_link, new_class, play_a_round

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def own_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """A system that a test may stop and start."""
    with running_system(tmp_path_factory.mktemp("home")) as system:
        yield system


@pytest.fixture
def tablet(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.timeout(180)
def test_a_round_played_with_the_server_gone_arrives_when_it_is_back(
    tablet: Page, own_system: RunningSystem
) -> None:
    made = new_class(own_system, students=1)
    tablet.goto(card_link(own_system, made, 0))
    expect(tablet.get_by_test_id("level")).to_be_visible()
    tablet.evaluate("navigator.serviceWorker.ready.then(() => true)")
    tablet.wait_for_function("navigator.serviceWorker.controller !== null")

    own_system.stop()
    tablet.reload()
    expect(tablet.get_by_test_id("level")).to_be_visible()
    score = play_a_round(tablet)
    assert score >= 0
    tablet.get_by_test_id("result-home").click()
    expect(tablet.get_by_test_id("safe")).to_have_attribute("data-here", "1")
    # Closed and opened again, still without a server: the game is still there.
    again = tablet.context.new_page()
    tablet.close()
    again.goto(own_system.url)
    expect(again.get_by_test_id("safe")).to_have_attribute("data-here", "1")

    own_system.start()
    again.bring_to_front()
    again.evaluate("dispatchEvent(new Event('online'))")
    expect(again.get_by_test_id("safe")).to_have_attribute("data-here", "0", timeout=20_000)
    counts = own_system.neuroplay("sync", "status")
    assert counts["pending"] + counts["processed"] == 1
    assert counts["invalid"] == counts["held"] == counts["failed"] == counts["conflict"] == 0
