"""Programs that the supervisor has forked from a process with their modules."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from neuroplay.infra.embedded.server import wrapped
from neuroplay.infra.supervision import child, fork_server
from neuroplay.infra.supervision.forks import NAME, Forked
from neuroplay.infra.supervision.supervisor import Program
from neuroplay.operation.programs import IMPORTS, SEVERAL_IMPORTS
from tests.integration.serving.supervised import (
    PATIENCE_S,
    Supervised,
    home,
    supervise,
    wait_until,
)

__all__ = ["home", "supervise"]

SHARED = "import os; PID = os.getpid()"
TELLS = """
import json, os, shared_module, signal, sys, time
print(json.dumps({
    "argv": sys.argv[1:],
    "importer": shared_module.PID,
    "mark": os.environ["NEUROPLAY_PROCESS"],
    "its": os.environ.get("ITS"),
    "files": sorted(map(int, os.listdir("/proc/self/fd")))[:-1],
    "leads": os.getpgid(0) == os.getpid(),
    "parent": os.getppid(),
    "blocked": [*signal.pthread_sigmask(0, [])],
}), flush=True)
time.sleep(600)
"""


@pytest.fixture
def modules(home: Path) -> Path:
    folder = home / "modules"
    folder.mkdir()
    (folder / "shared_module.py").write_text(SHARED)
    (folder / "tells.py").write_text(TELLS)
    return folder


def program(name: str, module: str = "tells", *words: str, **other) -> Program:
    return Program(
        name=name,
        argv=wrapped([sys.executable, "-m", module, *words], options=[]),
        rank=0,
        **{"at_once": True, "stop_patience_s": 10.0, **other},
    )


def forked(*stages: tuple[str, str]) -> Forked:
    launcher = wrapped([], options=[])
    return Forked(launcher=launcher, stages=[([name], [module]) for name, module in stages])


def told(system: Supervised, name: str, line: int = 0):
    """What a program's log has as its line number `line`."""
    wait_until(lambda: system.log(name).count("\n") > line, f"{name} told")
    return json.loads(system.log(name).splitlines()[line])


def servers(system: Supervised) -> list[int]:
    return child.marked_processes(child.mark(system.runtime, NAME))


@pytest.fixture
def two(supervise, modules: Path) -> Supervised:
    """Two programs: `a` is started after the first stage, `b` after the second."""
    return supervise(
        program("a", "tells", "with space", "", "açaí", environment={"ITS": "own"}),
        program("b"),
        forked=forked(("a", "shared_module"), ("b", "json")),
        environment={"PYTHONPATH": str(modules)},
    )


def test_a_program_shares_the_modules_and_is_else_as_one_that_is_started_by_itself(two):
    a, b = told(two, "a"), told(two, "b")
    pid, server = two.wait_for("a"), b["importer"]
    assert server not in (pid, two.wait_for("b"), two.process.pid)
    assert a == {
        "argv": ["with space", "", "açaí"],
        "importer": server,
        "mark": f"{two.runtime}:a",
        "its": "own",
        "files": [0, 1, 2],
        "leads": True,
        "parent": two.process.pid,
        "blocked": [],
    }
    assert (b["importer"], b["argv"], b["its"]) == (server, [], None)
    shown = psutil.Process(pid)
    assert [word for word in shown.cmdline() if word][1:] == ["-m", "tells", "with space", "açaí"]
    assert child.marked_processes(a["mark"]) == [pid]


def test_the_server_ends_when_its_programs_run_and_they_go_on(two):
    told(two, "b")
    before = [two.wait_for(name) for name in "ab"]
    wait_until(lambda: servers(two) == [], "the server ends")
    assert [two.wait_for(name) for name in "ab"] == before
    two.process.terminate()
    assert two.ended() == 0
    assert "the fork server has ended" not in two.log("supervisor")
    assert "killed" not in two.log("supervisor")


def test_one_that_is_killed_later_is_started_by_itself(two):
    first = two.wait_for("a")
    told(two, "b")
    wait_until(lambda: servers(two) == [], "the server ends")
    os.kill(first, signal.SIGKILL)
    again = told(two, "a", 1)
    assert again == {**told(two, "a"), "importer": again["importer"]}
    assert again["importer"] == two.wait_for("a") != first


def test_a_killed_supervisor_takes_the_programs_and_the_server_with_it(two):
    told(two, "b")
    two.process.kill()
    two.process.wait(PATIENCE_S)
    mark = child.mark(two.runtime, "")
    wait_until(lambda: not child.marked_processes(mark, prefix=True), "all have ended")


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSTOP"])
def test_without_a_server_that_answers_programs_are_started_by_themselves(supervise, modules, name):
    """It gets the signal when it begins to fork."""
    (modules / "falls.py").write_text(
        "import os, signal\n"
        f"os.register_at_fork(before=lambda: os.kill(os.getpid(), signal.{name}))"
    )
    system = supervise(
        program("a"),
        program("b"),
        forked=forked(("a", "falls"), ("b", "json")),
        environment={"PYTHONPATH": str(modules)},
    )
    for name in "ab":
        assert told(system, name)["importer"] == system.wait_for(name)
    assert "the fork server does not answer" in system.log("supervisor")
    assert servers(system) == []


def test_what_cannot_be_forked_is_told_at_once(monkeypatch):
    def no_fork():
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", no_fork)
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, its:
        fork_server._start({}, [], its)
        assert json.loads(ours.recv(1 << 10)) == {"error": "Resource temporarily unavailable"}


def test_where_its_modules_cannot_be_imported_programs_are_started_by_themselves(
    supervise, modules
):
    system = supervise(
        program("a"),
        forked=forked(("a", "no_such_module")),
        environment={"PYTHONPATH": str(modules)},
    )
    assert told(system, "a")["importer"] == system.wait_for("a")
    assert "the fork server has ended" in system.log("supervisor")


@pytest.mark.parametrize(
    ("script", "status", "said"),
    [
        ("import sys; sys.exit(7)", "exit status 7", ""),
        ("import sys; sys.exit()", "exit status 0", ""),
        ("print('last words', end='')", "exit status 0", "last words"),
        ("import sys; sys.exit('why')", "exit status 1", "why\n"),
        ("1 / 0", "exit status 1", "ZeroDivisionError: division by zero\n"),
        ("import atexit; atexit.register(print, 'bye')", "exit status 0", "bye\n"),
        (
            "import threading; threading.Timer(0.2, print, ['late']).start()",
            "exit status 0",
            "late\n",
        ),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "SIGTERM", ""),
    ],
)
def test_it_ends_as_any_program_does(supervise, modules, script, status, said):
    (modules / "ends.py").write_text(script)
    system = supervise(
        program("a", "ends"),
        forked=forked(("a", "shared_module")),
        environment={"PYTHONPATH": str(modules)},
    )
    wait_until(lambda: f"ended: a ({status})" in system.log("supervisor"), "it ended")
    assert system.log("a").endswith(said)


def test_what_is_imported_before_the_fork_starts_no_thread_and_leaves_no_file_open():
    needed = (*IMPORTS.values(), SEVERAL_IMPORTS)
    modules = sorted({module for several in needed for module in several})
    script = (
        "import importlib, os, sys\n"
        "before = os.listdir('/proc/self/fd')\n"
        "for module in sys.argv[1:]: importlib.import_module(module)\n"
        "assert os.listdir('/proc/self/task') == [str(os.getpid())]\n"
        "assert os.listdir('/proc/self/fd') == before\n"
        "assert not {'neuroplay.api.server', 'neuroplay.worker.run'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script, *modules], check=True, timeout=PATIENCE_S)
