from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from neuroplay.infra.supervision import child

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); "
    "print('up', flush=True); time.sleep(60)",
]


def start(argv: list[str], mark: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        argv, env={**os.environ, child.MARK: mark}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def test_leftovers_are_found_by_their_mark_and_ended() -> None:
    mark = f"/run/{uuid4()}:api"
    with start(SLEEP, mark) as ours, start(SLEEP, f"{mark}-other") as other:
        assert child.marked_processes(mark) == [ours.pid]
        assert sorted(child.marked_processes(mark, prefix=True)) == sorted([ours.pid, other.pid])
        assert child.end_leftovers(mark) == 1
        assert ours.wait(5) == -15
        assert other.poll() is None
        other.kill()


def test_a_server_is_found_by_its_program_and_folder_even_if_its_file_was_replaced(
    tmp_path: Path,
) -> None:
    program, mark, folder = tmp_path / "a-server", f"/run/{uuid4()}:a", str(tmp_path)
    shutil.copy("/bin/sh", program)
    waits = ["-c", "read line"]
    with (
        subprocess.Popen([program, *waits], cwd=folder, stdin=subprocess.PIPE) as server,
        subprocess.Popen(["/bin/sh", *waits], cwd=folder, stdin=subprocess.PIPE) as other,
    ):
        assert child.marked_processes(mark, at=folder, program="a-server") == [server.pid]
        assert child.marked_processes(mark, at="/", program="a-server") == []
        program.unlink()
        assert child.end_leftovers(mark, at=folder, program="a-server") == 1
        assert server.wait(5) == -15
        assert other.poll() is None


def test_one_that_does_not_listen_is_killed() -> None:
    mark = f"/run/{uuid4()}:api"
    with start(STUBBORN, mark) as ours:
        child.end_leftovers(mark, patience_s=0.2)
        assert ours.wait(5) == -9


def test_a_program_ends_with_its_parent_and_gets_no_secret_when_clean(tmp_path: Path) -> None:
    said = tmp_path / "environment"
    program = [sys.executable, "-c", f"import os; open({str(said)!r}, 'w').write(repr(os.environ))"]
    step = [sys.executable, "-I", "-S", child.__file__, "--parent-death=SIGTERM"]
    environment = {"PATH": "/bin", "NEUROPLAY_SECRET": "hush", child.PARENT: str(os.getpid())}
    subprocess.run([*step, "--clean", "--", *program], env=environment, check=True)
    assert "hush" not in said.read_text()
    subprocess.run([*step, "--", *program], env=environment, check=True)
    assert "hush" in said.read_text()
    assert child.PARENT not in said.read_text()


def test_a_program_whose_parent_is_gone_already_is_not_started() -> None:
    step = [sys.executable, "-I", "-S", child.__file__, "--parent-death=SIGTERM", "--"]
    environment = {"PATH": "/bin", child.PARENT: "1"}
    done = subprocess.run([*step, "/bin/true"], env=environment, check=False)
    assert done.returncode == 1


def as_nobody(privileges: list[str], *program: str) -> subprocess.CompletedProcess[str]:
    step = [sys.executable, "-I", "-S", child.__file__, *privileges, "--user=65534:65534", "--"]
    return subprocess.run([*step, *program], env={}, capture_output=True, text=True, check=False)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_with_the_power_to_reach_access_answers_as_open_does(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    file = tmp_path / "file"
    file.touch()
    look = f"import os; print(os.access({str(file)!r}, os.F_OK), bool(open({str(file)!r})))"
    python = str(Path(sys.executable).resolve())
    assert as_nobody(["--reach"], python, "-I", "-S", "-c", look).stdout == "True True\n"
    for privileges in ([], ["--bind"]):
        assert as_nobody(privileges, "/bin/cat", "/etc/hostname").returncode == 0
        assert "denied" in as_nobody(privileges, "/bin/cat", str(file)).stderr.lower()
