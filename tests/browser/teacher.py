"""A teacher at the page for adults."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.browser.play import watch_console
from tests.browser.test_accessibility import AXE, RULES, SIDEWAYS, SMALL_TARGETS
from tests.browser.test_large_text import BROKEN_WORDS

PHONE = 320
SIZES = ((PHONE, 100), (360, 200), (768, 100), (1920, 100))
"""Widths, and sizes of the text in per cent."""

TEXT_SIZE = "size => { document.documentElement.style.fontSize = size }"

FOCUS = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const drawn = element.matches('.animals input') ? getComputedStyle(element.parentElement) : style;
  return {
    name: (element.labels?.[0] ?? element).textContent.trim(),
    seen: element === document.body ||
      drawn.outlineStyle !== 'none' && parseFloat(drawn.outlineWidth) >= 2,
  };
}"""

PASSPHRASE = "seven lanterns over the river"


class Teacher:
    """A browser in which a teacher works. Each screen is looked at when it is first opened."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints = watch_console(page)
        self.looked_at: set[str] = set()
        self.found: dict[str, object] = {}

    def opens(self, link: str, heading: str | re.Pattern[str]) -> None:
        self.page.get_by_role("link", name=link, exact=True).first.click()
        self.sees(heading)

    def sees(self, heading: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        expect(self.page.get_by_text("Loading…")).to_have_count(0)
        # At /teacher itself are the invitation, the sign-in and the overview.
        path = re.sub(r"\d+", "N", urlsplit(self.page.url).path)
        screen = f"{path} {heading}" if path == "/teacher" else path
        self._look_once(screen)

    def looks_at(self, state: str) -> None:
        """A screen that was looked at in another state."""
        self._look_once(state)

    def _look_once(self, screen: str) -> None:
        if screen not in self.looked_at:
            self.looked_at.add(screen)
            self._look(screen)

    def _look(self, screen: str) -> None:
        self.page.evaluate(Path(AXE).read_text())
        wrong = self.page.evaluate(RULES)
        for width, percent in SIZES:
            self.page.set_viewport_size({"width": width, "height": 740})
            self.page.evaluate(TEXT_SIZE, f"{percent}%")
            wrong += self.page.evaluate(SIDEWAYS)
            # An address is a word of any length.
            broken = self.page.evaluate(BROKEN_WORDS)
            wrong += [one for one in broken if "://" not in one]
            if width == PHONE:
                wrong += self.page.evaluate(SMALL_TARGETS)
        self.page.evaluate(TEXT_SIZE, "")
        self.page.set_viewport_size({"width": 1366, "height": 768})
        if wrong:
            self.found[screen] = wrong

    def fills(self, **fields: str) -> None:
        for label, value in fields.items():
            self.page.get_by_label(label.replace("_", " "), exact=True).fill(value)

    def presses(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def cell(self, child: str, head: str) -> Locator:
        row = self.page.get_by_role("row").filter(has_text=child)
        return row.locator(f'[data-head="{head}"]')

    def tabs_to(self, name: str) -> None:
        """Goes there by the Tab key; whatever has the focus on the way shows it."""
        for _ in range(80):
            self.page.keyboard.press("Tab")
            focus = self.page.evaluate(FOCUS)
            assert focus["seen"], focus
            if focus["name"] == name:
                return
        raise AssertionError(f"the keyboard does not reach {name}")

    def joins(self, link: str, name: str) -> None:
        """Opens an invitation and sets the passphrase."""
        self.page.goto(link)
        self.sees(f"Welcome, {name}")
        self.fills(New_passphrase=PASSPHRASE, The_same_once_more=PASSPHRASE)
        self.presses("Save and begin")
        self.sees("Overview")

    def waits_for(self, figure: Locator, text: str) -> None:
        """Until the figure is there: a worker counts a game some moments after it came."""
        expect(figure.or_(self.page.get_by_role("button", name="Refresh")).first).to_be_visible()
        for _ in range(60):
            if figure.count() and figure.first.inner_text() == text:
                return
            self.presses("Refresh")
            self.page.wait_for_timeout(250)
        expect(figure).to_have_text(text)
