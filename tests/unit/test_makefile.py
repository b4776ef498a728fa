"""The environment that `make` sets for its tools."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TRUST = ("UV_SYSTEM_CERTS", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="this machine has no make")


def environment_under_make(**given: str) -> dict[str, str]:
    shown = subprocess.run(
        ["make", "-s", "--eval", "show: ; @env", "show"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)


def test_pip_uv_and_npm_believe_whom_the_system_believes() -> None:
    told = environment_under_make()
    assert told["UV_SYSTEM_CERTS"] == "true"
    assert Path(told["REQUESTS_CA_BUNDLE"]).is_file()
    assert told["NODE_EXTRA_CA_CERTS"] == told["REQUESTS_CA_BUNDLE"]


def test_what_is_set_already_stays() -> None:
    own = dict.fromkeys(TRUST, "/etc/own.pem")
    assert own.items() <= environment_under_make(**own).items()


@pytest.mark.parametrize(("terminal", "moves"), [("xterm", True), ("dumb", False)])
def test_a_long_step_moves_only_on_a_terminal_that_can(terminal: str, moves: bool) -> None:
    reader, writer = os.openpty()
    step = [sys.executable, str(ROOT / "make" / "step.py"), "Building", "true"]
    subprocess.run(step, stderr=writer, env={**os.environ, "TERM": terminal}, check=True)
    os.close(writer)
    shown = os.read(reader, 4096)
    os.close(reader)
    assert b"Building" in shown
    assert (b"\x1b" in shown) is moves
