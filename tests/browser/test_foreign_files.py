"""Files that are replaced by a web filter's page, truncated, or damaged in a cache."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from neuroplay.api.page.pwa import BUILT
from tests.browser import books
from tests.browser.conftest import RunningSystem
from tests.browser.network import LOGIN_PAGE, Network, fair, problem
from tests.browser.network import always as every
from tests.browser.play import Child, new_children, start_a_round
from tests.browser.tablet import (
    Tablet,
    at_home,
    ids_of,
    outbox,
    put_sessions,
    signed_in,
    wait_empty,
    wait_for,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REPAIRED_MS = 40_000
"""Some seconds, on a machine that has other things to do."""


@pytest.fixture
def child(system: RunningSystem) -> Child:
    return new_children(system)[0]


def file_of_the_app(part: str) -> str:
    """The address of the one built file whose name begins so."""
    (file,) = (BUILT / "assets").glob(f"{part}-*.js")
    return f"/assets/{file.name}"


NO_WORKER = "async () => !(await navigator.serviceWorker.getRegistration())?.active"


@pytest.mark.first_visit
@pytest.mark.parametrize("how", ["a page of a filter", "half of it", "another type"])
def test_a_foreign_file_fails_the_installation_which_is_tried_again(
    tablet: Tablet, network: Network, child: Child, how: str
) -> None:
    game = file_of_the_app("cyber_runner")
    asked: list[bytes] = []
    if how == "half of it":
        network.changed[game] = lambda body: asked.append(body) or body[: len(body) // 2]
    elif how == "another type":
        plain = {"Content-Type": "text/plain"}
        body = (BUILT / game.removeprefix("/")).read_bytes()
        network.instead[game] = type(LOGIN_PAGE)(body=body, headers=plain)
    else:
        network.instead[game] = LOGIN_PAGE
    page = tablet.open(child.card)
    at_home(page, child)
    while not asked and game not in network.asked_instead:
        page.wait_for_timeout(20)
    # The attempt ends without a worker.
    wait_for(page, "async () => !(await navigator.serviceWorker.getRegistration())?.installing")
    assert page.evaluate(NO_WORKER)
    network.changed, network.instead = {}, {}
    tablet.ready_for_no_network(page)
    network.down()
    page.reload()
    at_home(page, child)
    start_a_round(page)
    tablet.expected("Failed to find a valid digest", "came as another type")


REPLACE = """async (path) => {
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      if (new URL(request.url).pathname !== path) continue;
      const page = { headers: { 'Content-Type': 'text/html' } };
      await cache.put(request, new Response('<h1>Blocked</h1>', page));
    }
  }
}"""


def spoil_the_cache(page: Page, path: str) -> None:
    page.evaluate(REPLACE, path)


def test_an_empty_page_repairs_itself_and_keeps_the_games(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    page = signed_in(tablet, child)
    network.mood = every(problem(503, "store_unavailable"))
    ids = put_sessions(page, child.student_id, 2)
    spoil_the_cache(page, file_of_the_app("index"))
    page.reload()
    expect(page.get_by_test_id("level")).to_be_visible(timeout=REPAIRED_MS)
    assert sorted(ids_of(outbox(page))) == sorted(ids)
    network.mood = fair
    wait_empty(page)
    books.check(system, [(one, child.student_id) for one in ids])
    tablet.expected("MIME type", "digest")


@pytest.mark.first_visit
def test_an_empty_page_without_a_server_says_so_and_repairs_itself_later(
    tablet: Tablet, network: Network, child: Child
) -> None:
    page = signed_in(tablet, child)
    spoil_the_cache(page, file_of_the_app("index"))
    network.down()
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("NeuroPlay", timeout=REPAIRED_MS)
    # What still works without a network is not thrown away.
    assert page.evaluate("async () => (await caches.keys()).length") > 0
    network.up()
    expect(page.get_by_test_id("level")).to_be_visible(timeout=REPAIRED_MS)
    tablet.expected("MIME type", "digest")


@pytest.mark.first_visit
def test_a_page_that_cannot_be_repaired_ends_in_words_and_not_in_a_circle(
    tablet: Tablet, network: Network, child: Child
) -> None:
    network.instead[file_of_the_app("index")] = LOGIN_PAGE
    page = tablet.open(child.card)
    loads: list[str] = []
    page.on("load", lambda _: loads.append(page.url))
    expect(page.get_by_role("alert")).to_contain_text("NeuroPlay", timeout=REPAIRED_MS)
    assert len(loads) <= 3
    network.instead = {}
    expect(page.get_by_role("main").get_by_role("heading")).to_contain_text("NeuroPlay")
    assert page.get_by_role("main").get_attribute("lang") == "en"
    size = page.get_by_role("button").bounding_box()
    assert size is not None
    assert min(size["width"], size["height"]) >= 44
    page.get_by_role("button").click()
    expect(page.get_by_test_id("new-card").or_(page.get_by_test_id("level"))).to_be_visible(
        timeout=REPAIRED_MS
    )
    tablet.expected("MIME type", "digest")


def test_a_game_whose_file_is_spoiled_opens_again(
    tablet: Tablet, network: Network, child: Child
) -> None:
    page = signed_in(tablet, child)
    spoil_the_cache(page, file_of_the_app("cyber_runner"))
    page.reload()
    at_home(page, child)
    page.get_by_test_id("tile-cyber_runner").click()
    # The page begins again by itself, with fresh files.
    wait_for(page, "document.querySelector('[data-testid=level]') !== null")
    at_home(page, child)
    start_a_round(page)
    tablet.expected("MIME type", "digest", "dynamically imported")


OF_THE_RELEASE_BEFORE = """async (paths) => {
  const cache = await caches.open('workbox-precache-v2-' + location.origin + '/');
  for (const path of paths) {
    const page = { headers: { 'Content-Type': 'text/html' } };
    await cache.put(path, new Response('<h1>Blocked</h1>', page));
  }
}"""


@pytest.mark.parametrize("part", ["cyber_runner", "index", "the page"])
def test_an_update_repairs_what_the_release_before_had_kept(
    tablet: Tablet, network: Network, child: Child, part: str
) -> None:
    page = signed_in(tablet, child)
    file = "/index.html" if part == "the page" else file_of_the_app(part)
    page.evaluate(OF_THE_RELEASE_BEFORE, [file])
    loads: list[str] = []
    page.on("load", lambda _: loads.append(page.url))
    network.changed["/sw.js"] = lambda body: body + b"\n// a newer release"
    page.evaluate("async () => { await (await navigator.serviceWorker.ready).update() }")
    # It does not wait to be asked, and what was wrong is gone.
    wait_for(
        page,
        "async () => !(await caches.keys()).some((name) => name.startsWith('workbox-precache-'))",
    )
    while part != "cyber_runner" and not loads:  # its pages are empty: they begin again
        page.wait_for_timeout(20)
    at_home(page, child)
    start_a_round(page)
