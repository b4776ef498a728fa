"""Ctrl-C at the moment of a fork."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from neuroplay.config import Settings
from neuroplay.operation.serving.launch import ARENAS, environment

PRESSED = """
import os, signal
def pressed():
    os.kill(os.getpid(), signal.SIGINT)
os.register_at_fork(after_in_parent=pressed, after_in_child=pressed)
"""

LAUNCH = """
from neuroplay.operation.serving.launch import launch
from neuroplay.config import load_settings
from neuroplay.infra.supervision.supervisor import Program
settings = load_settings()
settings.runtime_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
(settings.home / "logs").mkdir(parents=True)
lock = os.open(settings.home / "lock", os.O_RDWR | os.O_CREAT)
nothing = Program(name="worker", argv=["/bin/true"], rank=0, stop_patience_s=1)
try:
    launch(settings, [nothing], lock_descriptor=lock, detach=False, bring_up=print)
except KeyboardInterrupt:
    os._exit(130)
"""

LOOK = """
from pathlib import Path
from neuroplay.infra.embedded.accounts import Account
try:
    print(Account(uid={uid}, gid={gid}, other=True).cannot_read([Path("/"), Path("{closed}")]))
except KeyboardInterrupt:
    print("interrupted")
"""


def run(script: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PRESSED + script],
        env={**os.environ, "NEUROPLAY_HOME": str(home), "DATABASE_URL": "", "REDIS_URL": ""},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_the_supervisor_hears_it_and_stops_and_the_other_process_ends(server_folder: Path) -> None:
    home = server_folder / "interrupted"
    done = run(LAUNCH, home)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    log = (home / "logs" / "supervisor.log").read_text()
    assert "received SIGINT: stopping" in log


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
def test_a_look_as_another_user_shows_nothing_of_it(tmp_path: Path) -> None:
    done = run(LOOK.format(uid=65534, gid=65534, closed=tmp_path), tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n", "")


@pytest.mark.parametrize(("named", "taken"), [(None, "2"), ("7", "7")])
def test_programs_share_few_pools_of_memory(
    monkeypatch: pytest.MonkeyPatch, named: str | None, taken: str
) -> None:
    monkeypatch.delenv(ARENAS, raising=False)
    if named:
        monkeypatch.setenv(ARENAS, named)
    assert environment(Settings())["MALLOC_ARENA_MAX"] == taken
