"""A tablet with WebKitGTK: a browser with a profile on the disk, opened, closed and killed."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from selenium.webdriver import Keys, WebKitGTK
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import (
    element_to_be_clickable,
    visibility_of_element_located,
)
from selenium.webdriver.support.wait import WebDriverWait
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tests.browser.play import SPEED, Child
from tests.browser.tablet import READ_STORE
from tests.webkit import programs

PATIENCE_SECONDS = 60
"""Other tests may run on this machine at the same time."""

BROWSER = Path(__file__).with_name("browser.py")

NATURAL = (
    "Failed to load resource",
    "no-response",  # of a request that the service worker could not answer
    "Unrecognized Content-Security-Policy directive 'manifest-src'",  # which WebKitGTK lacks
    "was preloaded using link preload but not used",  # of a module that it had already
)
"""What WebKit writes whatever the page makes of it."""


@dataclass(kw_only=True)
class Tablet:
    profile: Path
    url: str
    display: str
    _driver: WebKitGTK | None = None
    _logs: list[Path] = field(default_factory=list)

    @property
    def driver(self) -> WebKitGTK:
        assert self._driver is not None, "the tablet is closed"
        return self._driver

    def open(self, address: str = "/") -> None:
        """NeuroPlay in a browser that was just started."""
        self.profile.mkdir(exist_ok=True)
        self._logs.append(self.profile / f"log-{len(self._logs)}")
        options = Options()
        options.binary_location = programs.PYTHON
        options.add_argument(str(BROWSER))
        options.add_argument(str(self.profile))
        options.set_capability("browserName", "WebKitGTK")
        service = Service(
            shutil.which(programs.DRIVER),
            log_output=str(self._logs[-1]),
            env={**os.environ, "DISPLAY": self.display},
        )
        self._driver = WebKitGTK(options=options, service=service)
        self.go(address)

    def go(self, address: str) -> None:
        self.driver.get(self.url + address)

    def close(self) -> None:
        if self._driver is not None:
            self._driver.quit()
            self._driver = None

    def kill(self) -> None:
        """SIGKILL to all of the browser, as an empty battery does."""
        driver = psutil.Process(self.driver.service.process.pid)
        for process in driver.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        self.close()

    def complaints(self) -> list[str]:
        """Warnings and errors on the pages' consoles."""
        lines = [line for log in self._logs for line in log.read_text().splitlines()]
        return [
            line
            for line in lines
            if line.startswith("CONSOLE")
            and (" WARN " in line or " ERROR " in line)
            and not any(words in line for words in NATURAL)
        ]

    # What is on the page

    def see(self, test_id: str) -> WebElement:
        """The element with this name, once it is to be seen."""
        element: WebElement = self._until(visibility_of_element_located(_named(test_id)), test_id)
        return element

    def tap(self, test_id: str) -> None:
        element: WebElement = self._until(element_to_be_clickable(_named(test_id)), test_id)
        element.click()

    def type(self, *keys: str) -> None:
        """Into what has the focus."""
        self.driver.switch_to.active_element.send_keys(*keys)

    def see_marked(self, test_id: str, mark: str, value: str) -> None:
        """Return when the element says so of itself."""
        selector = f'[data-testid="{test_id}"][{mark}="{value}"]'
        there = visibility_of_element_located((By.CSS_SELECTOR, selector))
        self._until(there, f"{test_id} with {mark}={value}")

    def run(self, script: str, *given: Any) -> Any:
        """What a function of the page returns."""
        return self.driver.execute_script(f"return ({script})(...arguments)", *given)

    def until(self, script: str) -> None:
        self._until(lambda _: self.run(script), script)

    def outbox(self) -> list[Any]:
        """The games that wait on the tablet."""
        found: list[Any] = self.driver.execute_async_script(
            f"const done = arguments[0]; ({READ_STORE})('outbox').then(done)"
        )
        return found

    def _until(self, condition: Any, what: str) -> Any:
        return WebDriverWait(self.driver, PATIENCE_SECONDS, poll_frequency=0.05).until(
            condition, f"waited in vain for {what}"
        )


def _named(test_id: str) -> tuple[str, str]:
    return By.CSS_SELECTOR, f'[data-testid="{test_id}"]'


# What a child does


def at_home(tablet: Tablet, child: Child) -> None:
    tablet.see("level")
    heading = tablet.driver.find_element(By.CSS_SELECTOR, "h1")
    assert child.nickname in heading.text


def signed_in(tablet: Tablet, child: Child) -> None:
    """The tablet with this child at home, ready to go on without a network."""
    tablet.open(child.card)
    at_home(tablet, child)
    tablet.until("() => navigator.serviceWorker.controller !== null")


def play_a_round(tablet: Tablet) -> int:
    """From the home screen through a whole round to its result; the points."""
    tablet.run(f"() => {{ globalThis.__neuroplaySpeed = {SPEED} }}")
    tablet.tap("tile-cyber_runner")
    tablet.tap("play")
    tablet.see("game-pause")
    # In one step: at many times the speed, the tutorial may end before a tap arrives.
    tablet.run("() => document.querySelector('[data-testid=tutorial-skip]')?.click()")
    tablet.type(Keys.ARROW_LEFT, Keys.ARROW_RIGHT, Keys.ARROW_UP, Keys.ARROW_RIGHT)
    return int(tablet.see("result-score").get_attribute("data-score") or -1)
