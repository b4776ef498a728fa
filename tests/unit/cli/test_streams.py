"""Commands with closed or full standard streams, and terminals without colours."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ME = f"{sys.executable} -m cli"


def shell(line: str, tmp_path: Path, **environment: str) -> tuple[int, str]:
    """Exit code and stderr."""
    ran = subprocess.run(
        ["/bin/sh", "-c", line.replace("neuroplay", ME)],
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "NEUROPLAY_HOME": str(tmp_path), **environment},
        check=False,
    )
    return ran.returncode, ran.stderr


def on_a_terminal(line: str, tmp_path: Path, **environment: str) -> str:
    """What a terminal is sent."""
    master, slave = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "cli", *line.split()],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "NEUROPLAY_HOME": str(tmp_path), "TERM": "xterm", **environment},
        check=False,
    )
    os.close(slave)
    sent = b""
    try:
        while data := os.read(master, 4096):
            sent += data
    except OSError:  # the end, on Linux
        pass
    os.close(master)
    return sent.decode()


@pytest.mark.parametrize("line", ["config show", "--help", "class create 3A --students 1"])
def test_a_closed_stdout_is_told_before_anything_is_done(tmp_path, line):
    code, said = shell(f"neuroplay {line} >&-", tmp_path)

    assert code == 3
    assert said.startswith("Error: stdout is closed")
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_stop_does_its_work_whoever_listens(tmp_path):
    assert shell("neuroplay stop >&- 2>&- <&-", tmp_path)[0] == 0


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("line", ["config show", "config show --json", "--help", "--version"])
def test_a_full_disk_behind_stdout_is_told_in_one_line(tmp_path, line, unbuffered):
    code, said = shell(f"neuroplay {line} >/dev/full", tmp_path, PYTHONUNBUFFERED=unbuffered)

    assert (code, said) == (3, "Error: the result could not be written: no space left on device\n")


def test_a_stderr_that_takes_nothing_changes_no_exit_code(tmp_path):
    assert shell("neuroplay stats 2>/dev/full", tmp_path)[0] == 2
    assert shell("neuroplay stats 2>&-", tmp_path)[0] == 2


def test_a_closed_stdin_cannot_answer(tmp_path):
    (tmp_path / "a.dump").write_text("x")
    code, said = shell(f"neuroplay db backup {tmp_path}/a.dump <&-", tmp_path)

    assert code in (2, 3)  # nobody to answer, or nothing to back up: never a crash
    assert "unexpected" not in said


@pytest.mark.parametrize("wish", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_who_wants_no_colours_gets_none(tmp_path, wish):
    for line in ("stats", "config show"):
        assert "\x1b[" not in on_a_terminal(line, tmp_path, **wish).replace("\x1b[1m", "").replace(
            "\x1b[0m", ""
        )
    assert "\x1b[31m" in on_a_terminal("stats", tmp_path)
