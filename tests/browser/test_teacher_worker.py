"""The page for adults where the children's app is, too: its service worker stays out of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import RunningSystem
from tests.browser.network import Network
from tests.browser.play import new_children
from tests.browser.tablet import Tablet, at_home, signed_in, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CACHED = """async () => {
  const names = await caches.keys();
  const caught = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
  return caught.flat().map(({ url }) => url);
}"""

KNOWS_ADULTS = re.compile(rb"\\/teacher\(-assets\)\?")


def as_before_there_was_a_page_for_adults(worker: bytes) -> bytes:
    """As 2.5.0 had it: /teacher is an address of the app."""
    older, times = KNOWS_ADULTS.subn(rb"\\/nowhere", worker)
    assert times == 1, "the service worker names the page for adults in another way"
    return older


def sign_in_is_shown(page: Page) -> None:
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.first_visit
def test_an_older_worker_shows_the_app_only_until_the_new_one_is_there(
    tablet: Tablet, network: Network, system: RunningSystem
) -> None:
    child = new_children(system)[0]
    network.changed["/sw.js"] = as_before_there_was_a_page_for_adults
    page = signed_in(tablet, child)
    page.goto(f"{network.url}/teacher")
    at_home(page, child)

    network.changed = {}
    page.reload()
    sign_in_is_shown(page)
    assert page.url == f"{network.url}/teacher"


def test_the_worker_neither_answers_for_the_page_nor_keeps_any_of_it(
    tablet: Tablet, network: Network, system: RunningSystem
) -> None:
    child = new_children(system)[0]
    app = signed_in(tablet, child)
    page = tablet.open("/teacher/class/1")
    sign_in_is_shown(page)
    page.get_by_role("link", name="Help").click()
    expect(page.get_by_role("heading", name="Your first ten minutes")).to_be_visible()
    assert page.evaluate("navigator.serviceWorker.controller !== null")
    kept = page.evaluate(CACHED)
    assert any("/assets/" in url for url in kept)
    assert [url for url in kept if "teacher" in url or "/adult" in url] == []
    app.bring_to_front()
    wait_for(app, "navigator.serviceWorker.controller !== null")
    at_home(app, child)
