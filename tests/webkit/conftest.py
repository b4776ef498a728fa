"""A real WebKitGTK against a real, running NeuroPlay, on a screen that nobody sees."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import RunningSystem, running_system
from tests.webkit import programs

if TYPE_CHECKING:
    from tests.webkit.tablet import Tablet


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """An X server of the tests' own."""
    if lacks := programs.missing():
        pytest.skip(f"no {', '.join(lacks)} here; to run it: {programs.TO_HAVE_IT}")
    readable, writable = os.pipe()
    screen = ["-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
    server = subprocess.Popen(
        [programs.DISPLAY, "-displayfd", str(writable), *screen],
        pass_fds=[writable],
        stderr=subprocess.DEVNULL,
    )
    os.close(writable)
    with os.fdopen(readable) as told:
        number = told.readline().strip()
    assert number, "Xvfb did not start"
    yield f":{number}"
    server.terminate()
    server.wait()


@pytest.fixture(scope="session")
def system(display: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """A system that a test may stop, if it starts it again."""
    with running_system(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def tablet(display: str, system: RunningSystem, tmp_path: Path) -> Iterator[Tablet]:
    """A tablet of this test's own. At the end its pages had nothing to complain of."""
    from tests.webkit.tablet import Tablet

    tablet = Tablet(profile=tmp_path / "tablet", url=system.url, display=display)
    yield tablet
    tablet.close()
    assert tablet.complaints() == []
