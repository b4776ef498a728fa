"""Real browsers against a real, running NeuroPlay."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Playwright, expect

from tests.browser import chromium, firefox
from tests.browser.network import Network

expect.set_options(timeout=20_000)
"""Other tests may run on this machine at the same time."""

if TYPE_CHECKING:
    from tests.browser.tablet import Tablet


firefox.understand_each_other()

ROOT = Path(__file__).resolve().parents[2]
PAGE = "neuroplay/api/pwa_dist/index.html"

in_both_engines = pytest.mark.parametrize("engine", ["chromium", "firefox"], indirect=True)
"""Chromium and Firefox differ in how they store, cache, send and close: run it in both."""

in_firefox_at_length = pytest.mark.parametrize(
    "engine", ["chromium", pytest.param("firefox", marks=pytest.mark.long)], indirect=True
)
"""In Firefox only in `make test-long`: a test of `in_both_engines` has what differs there, too."""


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """Whose browser `tablet` is: Chromium's, unless the test asks for both."""
    engine = getattr(request, "param", "chromium")
    if engine == "firefox" and firefox.find() is None:
        pytest.skip("no Firefox here; to run it: sudo apt-get install firefox-esr")
    return str(engine)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = chromium.find() or chromium.playwrights_own()
    return {**browser_type_launch_args, "executable_path": path, "args": list(chromium.FLAGS)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, kw_only=True)
class RunningSystem:
    """A `neuroplay serve --detach`: address, home, and a way to run commands on it."""

    url: str
    home: Path
    environment: Mapping[str, str]

    def neuroplay(self, *arguments: str) -> Any:
        """Run a command with --json and return what it printed."""
        return json.loads(self._run(*arguments, "--json"))

    def fails(self, *arguments: str) -> int:
        """The exit code of a command that is to fail."""
        return self._ended(*arguments).returncode

    def start(self) -> None:
        self._run("serve", "--detach", "--no-demo")

    def stop(self) -> None:
        self._run("stop")

    def _run(self, *arguments: str) -> str:
        done = self._ended(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def _ended(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            env=dict(self.environment),
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )


def is_stale() -> bool:
    """Whether `make` would build the page again, if nothing is to be installed."""
    installed = (".venv/installed", "pwa/node_modules/.package-lock.json")
    asked = subprocess.run(
        ["make", "--question", *(f"--old-file={one}" for one in installed), PAGE],
        cwd=ROOT,
        # `make test` would have it take part in its own work.
        env={name: value for name, value in os.environ.items() if name != "MAKEFLAGS"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode in (0, 1), asked.stderr
    return asked.returncode == 1


@contextmanager
def running_system(home: Path) -> Iterator[RunningSystem]:
    """A system of its own, stopped at the end."""
    assert not is_stale(), "the page is older than its sources; run: make build"
    port = free_port()
    environment = {
        **{k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}},
        "NEUROPLAY_HOME": str(home),
        "NEUROPLAY_PORT": str(port),
    }
    system = RunningSystem(url=f"http://127.0.0.1:{port}", home=home, environment=environment)
    system.start()
    try:
        yield system
    finally:
        system.stop()


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    with running_system(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="session")
def _network(system: RunningSystem) -> Iterator[Network]:
    network = Network(system.url)
    network.up()
    yield network
    network.down()


@pytest.fixture
def network(_network: Network) -> Network:
    """A network to the shared system, that a test may spoil."""
    _network.fresh()
    return _network


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure what each page of the tablet showed: it may not come again."""
    report = yield
    tablet = getattr(item, "funcargs", {}).get("tablet")
    if report.when == "call" and report.failed and tablet is not None:
        report.sections += tablet.shown()
    return report


@pytest.fixture(scope="session")
def installed(
    playwright: Playwright, _network: Network, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The profile of a Chromium that has the app with its service worker, and knows no child."""
    from tests.browser.tablet import Tablet

    _network.fresh()
    profile = tmp_path_factory.mktemp("installed")
    tablet = Tablet(playwright=playwright, profile=profile, url=_network.url)
    tablet.ready_for_no_network(tablet.open())
    tablet.close()
    for stored in ("IndexedDB", "Local Storage"):
        shutil.rmtree(profile / "Default" / stored)
    return profile


@pytest.fixture
def tablet(
    playwright: Playwright,
    network: Network,
    tmp_path: Path,
    engine: str,
    request: pytest.FixtureRequest,
) -> Iterator[Tablet]:
    """A tablet of this test's own. At the end its pages had nothing to complain of. With Chromium
    it has the app, without a child, unless the test is marked `first_visit`: to fetch and keep the
    app takes longer than many a test. Firefox always begins with nothing."""
    from tests.browser.tablet import Tablet

    profile = tmp_path / "tablet"
    marked = request.node.get_closest_marker
    has_it = engine == "chromium" and marked("first_visit") is None
    tablet = Tablet(
        playwright=playwright,
        profile=profile,
        url=network.url,
        engine=engine,
        still=marked("moving") is None,
        begins_as=request.getfixturevalue("installed") if has_it else None,
    )
    yield tablet
    tablet.close()
    assert tablet.quiet() == []
