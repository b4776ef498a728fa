"""The command line of the Chromium that tests drive."""

from __future__ import annotations

import psutil
import pytest
from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SWITCH = "--disable-features="


def lists_of(process: psutil.Process) -> list[set[str]]:
    """What each list of features to disable names, in their order."""
    words = (word for word in process.cmdline() if word.startswith(SWITCH))
    return [set(word.removeprefix(SWITCH).split(",")) for word in words]


def test_the_features_that_playwright_disables_are_disabled(browser: Browser) -> None:
    below = psutil.Process().children(recursive=True)
    both = [lists for one in below if len(lists := lists_of(one)) == 2]
    assert both, "no Chromium was started with the two lists"
    for playwrights, ours in both:
        assert playwrights <= ours, "Playwright disables more now: see PLAYWRIGHTS_FEATURES"
