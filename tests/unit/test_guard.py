from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.acceptance.installation import wait_until

ROOT = Path(__file__).parents[2]

DETACHES = """
import os, signal, subprocess, sys, time
from pathlib import Path
folder = Path(sys.argv[1])
started = ["sh", "-c", 'sleep 1000 & echo $! > "$0/one" && mv "$0/one" "$0/orphan"', str(folder)]
subprocess.run(started, start_new_session=True, check=True)
(folder / "two").write_text(str(os.getpid()))
(folder / "two").rename(folder / "command")
try:
    time.sleep(1000)
except KeyboardInterrupt:
    (folder / "interrupted").touch()
    sys.exit(7)
"""
"""Starts a process in a session of its own whose parent ends at once, and waits."""


def guarded(*command: str) -> list[str]:
    return [sys.executable, "-m", "tests.guard", *command]


@contextmanager
def detaching(folder: Path) -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    """The guard, and what runs below it: the command and an orphan of it."""
    process = subprocess.Popen(
        guarded(sys.executable, "-c", DETACHES, str(folder)),
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        wait_until((folder / "command").exists, "the command runs")
        pids = [int((folder / name).read_text()) for name in ("command", "orphan")]
        below = [psutil.Process(pid) for pid in pids]
        try:
            yield process, below
        finally:
            for one in below:
                if one.is_running():
                    one.kill()


def kill_the_group(guard: subprocess.Popen[str]) -> None:
    os.killpg(guard.pid, signal.SIGKILL)


@pytest.mark.parametrize("end", [subprocess.Popen.terminate, subprocess.Popen.kill, kill_the_group])
def test_what_a_command_started_ends_when_the_guard_is_ended(
    end: Callable[[subprocess.Popen[str]], None], tmp_path: Path
) -> None:
    with detaching(tmp_path) as (process, below):
        end(process)
        wait_until(lambda: not any(one.is_running() for one in below), "all have ended")
        assert (tmp_path / "interrupted").exists()


def test_what_a_command_started_ends_when_the_command_is_killed(tmp_path: Path) -> None:
    with detaching(tmp_path) as (process, below):
        below[0].kill()
        assert process.wait(30) == 128 + signal.SIGKILL
        assert not below[1].is_running()
        assert process.stderr is not None
        assert process.stderr.read() == "ended what the command left: sleep\n"


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", 137)])
def test_the_exit_code_is_the_commands(script: str, code: int) -> None:
    done = subprocess.run(guarded("sh", "-c", script), cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (code, b"")
