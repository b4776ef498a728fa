"""The app in a browser that lacks what the oldest ones lack (`pwa/.browserslistrc`), and on an
address without https, where every browser lacks the service worker and more."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser import books
from tests.browser.conftest import RunningSystem, in_firefox_at_length
from tests.browser.network import Network
from tests.browser.play import Child, new_children, play_a_round
from tests.browser.tablet import (
    Tablet,
    at_home,
    expect_here,
    ids_of,
    open_adults,
    outbox,
    put_sessions,
    signed_in,
    wait_empty,
    wake,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PWA = Path(__file__).parents[2] / "pwa"
DIST = Path(__file__).parents[2] / "neuroplay/api/pwa_dist"

FAMILIES = {
    "chrome": "chrome",
    "edge": "edge",
    "samsung": "samsunginternet_android",
    "firefox": "firefox",
    "safari": "safari",
    "ios_saf": "safari_ios",
}
"""Of .browserslistrc, as MDN's data calls them."""

REMOVE = """for (const [owner, member] of %s) {
  try {
    const type = globalThis[owner];
    if (member === null) delete globalThis[owner];
    else if (member.endsWith('_static')) delete type[member.replace('_static', '')];
    else delete type.prototype[member];
  } catch { /* this browser never had it */ }
}
"""


@pytest.fixture
def child(system: RunningSystem) -> Child:
    return new_children(system)[0]


@cache
def missing() -> list[tuple[str, str | None]]:
    """(type, member or None) of the web's and the language's, that one of the oldest lacks and
    whose name stands anywhere in the built scripts."""
    data = json.loads((PWA / "node_modules/@mdn/browser-compat-data/data.json").read_text())
    oldest = dict(re.findall(r"^(\w+) >= ([\d.]+)$", (PWA / ".browserslistrc").read_text(), re.M))
    assert oldest.keys() == FAMILIES.keys()

    def lacks(feature: dict[str, Any]) -> bool:
        support = feature.get("__compat", {}).get("support", {})
        return any(
            FAMILIES[family] in support and not _has(support[FAMILIES[family]], version)
            for family, version in oldest.items()
        )

    built = (script.read_text() for script in (*DIST.glob("assets/*.js"), DIST / "sw.js"))
    words = {word for script in built for word in re.findall(r"[A-Za-z_$][\w$]*", script)}
    found: list[tuple[str, str | None]] = []
    for group in (data["api"], data["javascript"]["builtins"]):
        for owner, members in group.items():
            if owner.startswith("_"):
                continue
            if lacks(members):
                found += [(owner, None)] if owner in words else []
                continue
            found += [
                (owner, member)
                for member, feature in members.items()
                if member.removesuffix("_static") in words and lacks(feature)
            ]
    return found


def _has(support: Any, version: str) -> bool:
    for one in support if isinstance(support, list) else [support]:
        added = one.get("version_added")
        since = re.match(r"≤?([\d.]+)$", added) if isinstance(added, str) else None
        if since and _numbers(since[1]) <= _numbers(version) and "flags" not in one:
            return True
    return False


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


@pytest.mark.first_visit
def test_with_only_what_the_oldest_browsers_have_a_child_plays_and_nothing_is_lost(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child
) -> None:
    remove = REMOVE % json.dumps(missing())
    tablet.scripts = (remove,)
    network.changed["/sw.js"] = lambda body: remove.encode() + body
    page = signed_in(tablet, child)
    assert page.evaluate("[typeof BroadcastChannel, typeof navigator.locks]") == ["undefined"] * 2
    network.down()
    page.reload()
    at_home(page, child)
    play_a_round(page)
    expect(page.get_by_test_id("saved")).to_have_attribute("data-saved", "true")
    page.get_by_test_id("result-home").click()
    expect_here(page, 1)
    ids = ids_of(outbox(page))
    open_adults(page)
    with page.expect_download() as download:
        page.get_by_test_id(f"save-{child.student_id}").click()
    (taken,) = system.neuroplay("sync", "import", str(download.value.path()))["files"]
    assert taken["accepted"] == 1
    network.up()
    wake(page)
    wait_empty(page)
    books.check(system, [(session, child.student_id) for session in ids])


@in_firefox_at_length
def test_without_https_the_games_play_online(
    tablet: Tablet, network: Network, system: RunningSystem, child: Child, tmp_path: Path
) -> None:
    tablet.url = f"http://school.lan:{urlsplit(network.url).port}"
    tablet.flags = ("--host-resolver-rules=MAP school.lan 127.0.0.1",)
    page = tablet.open(child.card)
    at_home(page, child)
    assert page.evaluate("isSecureContext") is False
    play_a_round(page)
    expect(page.get_by_test_id("saved")).to_have_attribute("data-saved", "true")
    page.get_by_test_id("result-home").click()
    wait_empty(page)
    (played,) = books.inbox(system, [child.student_id])
    if tablet.engine == "firefox":  # Playwright hears of no downloads there
        return
    # A game that finds no network waits on the tablet, and an adult can carry it.
    network.down()
    (kept,) = put_sessions(page, child.student_id, age_ms=60 * 60_000)
    wake(page)
    expect_here(page, 1)
    open_adults(page)
    with page.expect_download() as download:
        page.get_by_test_id(f"save-{child.student_id}").click()
    file = tmp_path / "kept.json"
    download.value.save_as(file)
    (taken,) = system.neuroplay("sync", "import", str(file))["files"]
    assert taken["accepted"] == 1
    network.up()
    wake(page)
    wait_empty(page)
    books.check(system, [(played[0], child.student_id), (kept, child.student_id)])
