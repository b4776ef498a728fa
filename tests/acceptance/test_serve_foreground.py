"""`neuroplay serve` in a terminal, by its signals."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.installation import PATIENCE_S, Installation, wait_until

pytestmark = pytest.mark.slow


def is_ready(system: Installation) -> bool:
    return system.get("/health/ready")[0] == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_in_order(tmp_path: Path, number: signal.Signals) -> None:
    system = Installation(home=tmp_path / "home")
    with system.foreground("--no-demo") as serve:
        ready = f"ready at http://127.0.0.1:{system.port}"
        wait_until(lambda: ready in system.said, "ready")
        assert is_ready(system)
        assert len(system.status()) == 5
        if number == signal.SIGINT:
            os.killpg(serve.pid, number)  # Ctrl-C goes to the whole foreground group
        else:
            serve.send_signal(number)
        _, complained = serve.communicate(timeout=PATIENCE_S)
        assert serve.returncode == 0
        assert "Demo" not in system.said
        assert "Traceback" not in system.said + complained
        assert system.processes() == []
    log = (system.home / "logs" / "supervisor.log").read_text()
    stops = [
        line.split("stopped: ")[1].split()[0] for line in log.splitlines() if "stopped:" in line
    ]
    assert sorted(stops[:2]) == ["beat", "worker"]
    assert stops[2:] == ["api", "redis", "postgres"]


def test_ctrl_c_during_the_start_leaves_nothing(tmp_path: Path) -> None:
    system = Installation(home=tmp_path / "home")
    with system.foreground() as serve:
        wait_until((system.home / "postgres").exists, "the start has begun")
        os.killpg(serve.pid, signal.SIGINT)
        _, complained = serve.communicate(timeout=PATIENCE_S)
        assert "Traceback" not in complained
        assert system.processes() == []


def test_a_start_that_is_killed_half_way_does_not_spoil_the_next(tmp_path: Path) -> None:
    system = Installation(home=tmp_path / "home")
    with system.foreground() as serve:
        wait_until((system.home / "postgres").exists, "the start has begun")
        for process in system.processes():
            process.kill()
        serve.communicate(timeout=PATIENCE_S)
    try:
        assert system.run("serve", "--detach").code == 0
    finally:
        system.end()


def can_run_python(uid: int) -> bool:
    tried = [sys.executable, "-c", "import cli.main"]
    try:
        done = subprocess.run(
            tried, user=uid, group=uid, extra_groups=[], cwd="/", capture_output=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="the suite itself runs as an ordinary user")
def test_an_ordinary_user_serves_and_stops(tmp_path_factory: pytest.TempPathFactory) -> None:
    uid = pwd.getpwnam("nobody").pw_uid
    if not can_run_python(uid):
        pytest.skip(f"an ordinary user cannot run {sys.executable}: it lies in a closed folder")
    open_folder = Path("/tmp") / f"neuroplay-user-{os.getpid()}"
    open_folder.mkdir(mode=0o755)
    try:
        os.chown(open_folder, uid, uid)
        system = Installation(
            home=open_folder / "home", user=uid, settings={"HOME": str(open_folder)}
        )
        try:
            assert system.run("serve", "--detach").code == 0
            owners = {process.uids().real for process in system.processes()}
            assert owners == {uid}
            assert system.run("stop").code == 0
            assert system.processes() == []
        finally:
            system.end()
    finally:
        subprocess.run(["rm", "-rf", str(open_folder)], check=True)
