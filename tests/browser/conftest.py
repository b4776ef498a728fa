"""A real Chromium against a real, running NeuroPlay."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browser import chromium


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
    """A `neuroplay serve --detach` of its own: address, home and a way to run commands on it."""

    url: str
    home: Path
    environment: Mapping[str, str]

    def neuroplay(self, *arguments: str) -> Any:
        """Run a command with --json and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments, "--json"],
            env=dict(self.environment), cwd=self.home, capture_output=True, text=True,
            timeout=60, check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return json.loads(done.stdout)


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    home = tmp_path_factory.mktemp("home")
    port = free_port()
    environment = {
        **{k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}},
        "NEUROPLAY_HOME": str(home),
        "NEUROPLAY_PORT": str(port),
    }
    serve = [sys.executable, "-m", "cli.main", "serve", "--detach", "--no-demo"]
    done = subprocess.run(
        serve, env=environment, cwd=home, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    try:
        yield RunningSystem(
            url=f"http://127.0.0.1:{port}", home=home, environment=environment
        )
    finally:
        subprocess.run(
            [sys.executable, "-m", "cli.main", "stop"], env=environment, cwd=home,
            capture_output=True, timeout=60, check=False,
        )
