"""`neuroplay serve` when one of its programs cannot run, or its terminal closes."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.acceptance.installation import PATIENCE_S, Installation, wait_until

pytestmark = pytest.mark.slow

BROKEN_API = """
import sys
if {"neuroplay.api.server", "neuroplay.infra.supervision.fork_server"} & {*sys.orig_argv}:
    sys.modules["flask"] = None  # its import fails from now on
"""

SOON_S = 30.0
"""Much less than the start waits for an API that is only slow."""


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(home=tmp_path / "home")
    try:
        yield installation
    finally:
        installation.end()


def deaths(system: Installation) -> int:
    return (system.home / "logs" / "supervisor.log").read_text().count("ended: api")


@pytest.mark.parametrize("detach", [["--detach"], []], ids=["detached", "foreground"])
def test_an_api_that_dies_at_import_ends_the_start_at_once(
    system: Installation, tmp_path: Path, detach: list[str]
) -> None:
    (tmp_path / "sitecustomize.py").write_text(BROKEN_API)
    system.settings = {"PYTHONPATH": str(tmp_path)}
    begun = time.monotonic()
    ended = system.run("serve", "--no-demo", *detach)

    assert time.monotonic() - begun < SOON_S
    assert ended.code == 3
    (line,) = [one for one in ended.err.splitlines() if not one.endswith(" ...")]
    assert line.startswith("Error: api cannot start: ")
    assert "flask" in line
    assert str(system.home / "logs" / "api.log") in line
    assert "Traceback" not in ended.out + ended.err
    assert 1 <= deaths(system) <= 5
    assert system.processes() == []


def test_a_serve_under_nohup_outlives_its_terminal_and_stops_in_order(
    system: Installation, tmp_path: Path
) -> None:
    ours, terminal = pty.openpty()
    said = tmp_path / "nohup.out"
    with said.open("wb") as output:
        serve = subprocess.Popen(
            ["nohup", sys.executable, "-m", "cli", "serve", "--no-demo"],
            env=system.environment,
            cwd="/",
            stdin=terminal,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=lambda: os.close(os.open(os.ttyname(terminal), os.O_RDWR)),
        )
    with serve:
        os.close(terminal)
        wait_until(lambda: "ready at" in said.read_text(), "ready")
        os.close(ours)  # the kernel sends HUP to the session that the terminal was of
        with suppress(ProcessLookupError):
            os.kill(serve.pid, signal.SIGHUP)
        begun = time.monotonic()
        wait_until(lambda: time.monotonic() > begun + 2, "it would have stopped by now")
        assert {one["state"] for one in system.status().values()} == {"RUNNING"}
        assert system.get("/health/ready")[0] == 200

        assert system.run("stop").code == 0
        assert serve.wait(PATIENCE_S) == 0
    assert system.processes() == []
    log = (system.home / "logs" / "supervisor.log").read_text()
    assert "received SIGTERM: stopping" in log
    assert "SIGHUP" not in log
    assert "Traceback" not in said.read_text()


def test_a_redis_that_cannot_read_its_file_starts_with_an_empty_one_and_says_so(
    system: Installation,
) -> None:
    files = system.home / "redis" / "appendonlydir"
    files.mkdir(parents=True)
    (files / "appendonly.aof.manifest").touch()
    ended = system.run("serve", "--detach", "--no-demo")

    assert ended.code == 0, ended
    (kept,) = (system.home / "redis").glob("damaged-*")
    assert f"Redis could not read its file, now kept as {kept}; it contained no games" in ended.err
    assert system.status()["redis"]["state"] == "RUNNING"
