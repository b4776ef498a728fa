"""The supervisor as a process, with programs of the test."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from neuroplay.home import control_socket
from neuroplay.infra.supervision import BACKOFF, DEAF, RUNNING, STOPPED, child, client
from neuroplay.infra.supervision.client import SupervisorAway, SupervisorSilent
from neuroplay.infra.supervision.errors import CannotStart
from neuroplay.infra.supervision.supervisor import Program
from neuroplay.operation import daemon
from neuroplay.operation.place import Place
from tests.integration.serving.supervised import (
    PATIENCE_S,
    SLEEP,
    Supervised,
    home,
    program,
    supervise,
    wait_until,
)

__all__ = ["home", "supervise"]

STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
PARENT = "import os; print(os.fork() and os.getpid(), flush=True); "


@contextmanager
def asking(system: Supervised) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as guest:
        guest.settimeout(PATIENCE_S)
        guest.connect(str(control_socket(system.runtime)))
        yield guest


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP"])
def test_a_signal_stops_everything_in_order(supervise, name):
    system = supervise(*(program(one, rank=rank) for rank, one in enumerate("abc")))
    for one in "abc":
        system.wait_for(one)
    system.process.send_signal(signal.Signals[name])
    assert system.ended() == 0
    said = system.log("supervisor")
    assert f"received {name}: stopping" in said
    stops = [line.split("stopped: ")[1][0] for line in said.splitlines() if "stopped: " in line]
    assert stops == ["c", "b", "a"]


def test_a_signal_that_waited_since_before_it_began_stops_it_before_anything_runs(home):
    with child.end_signals_blocked():
        system = Supervised(home, [program("a", "print('it ran')")])
        system.process.send_signal(signal.SIGINT)
    assert system.ended() == 0
    system.close()
    assert "started" not in system.log("supervisor")


def test_where_the_boot_process_ends_without_a_word_everything_is_stopped(supervise):
    system = supervise(program("a"))
    system.wait_for("a")
    system.close()
    assert system.ended() == 3
    assert "the start was not completed" in system.log("supervisor")


def test_where_it_said_that_all_is_ready_everything_goes_on(supervise):
    system = supervise(program("a"))
    assert system.client.published() == {}
    system.client.ready({"url": "http://127.0.0.1:5000"})
    system.close()
    system.wait_for("a")
    assert system.client.published() == {"url": "http://127.0.0.1:5000"}
    assert system.process.poll() is None
    system.process.terminate()
    assert system.ended() == 0


def test_a_program_has_its_arguments_its_mark_its_log_and_no_file_of_ours(supervise):
    odd = ["with space", "a #comment", "100%", "%(here)s", "it's", 'a "quote"', "", "açaí", "$HOME"]
    script = (
        "import json, os, signal, sys; sys.stderr.write('to stderr\\n'); print(json.dumps(["
        "sys.argv[1:], os.environ['NEUROPLAY_PROCESS'], os.environ['ITS'], os.getcwd(),"
        "sorted(map(int, os.listdir('/proc/self/fd')))[:-1], os.getpgid(0) == os.getpid(),"
        "[*signal.pthread_sigmask(0, [])]]), flush=True);" + SLEEP
    )
    kept = program("a", script, environment={"ITS": "own"})
    argv = [*kept.argv, *odd]
    system = supervise(
        Program(
            name="a", argv=argv, rank=0, stop_patience_s=9, at_once=True, environment={"ITS": "own"}
        )
    )
    wait_until(lambda: system.log("a").count("\n") == 2, "it told")
    to_stderr, told = sorted(system.log("a").splitlines(), reverse=True)
    assert to_stderr == "to stderr"
    assert json.loads(told) == [
        *(odd, f"{system.runtime}:a", "own", os.getcwd(), [0, 1, 2], True, []),
    ]


def test_logs_are_copied_to_its_standard_error_if_wanted(supervise):
    system = supervise(program("a", "print('of a', flush=True);" + SLEEP), copy_logs=True)
    wait_until(lambda: system.log("a") == "of a\n", "it wrote")
    system.process.terminate()
    _, copied = system.process.communicate(timeout=PATIENCE_S)
    assert "of a\n" in copied
    assert "received SIGTERM: stopping" in copied


def test_a_killed_program_comes_back_and_one_that_cannot_be_run_says_why(supervise):
    nowhere = Program(name="b", argv=["/nonexistent"], rank=1, stop_patience_s=1, at_once=True)
    system = supervise(program("a"), nowhere)
    first = system.wait_for("a")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: system.state("a").pid not in (None, first), "it comes back")
    failing = system.state("b")
    assert (failing.state, failing.pid) == (BACKOFF, None)
    assert "no such file or directory" in failing.reason
    assert failing.failures >= 1


def test_one_that_ignores_the_request_is_killed_with_its_children(supervise):
    script = STUBBORN + PARENT + SLEEP
    system = supervise(program("a", script, stop_patience_s=0.3))
    wait_until(lambda: system.log("a").count("\n") == 2, "it has a child")
    (grandchild,) = psutil.Process(system.wait_for("a")).children()
    system.client.stop("a")
    system.wait_for("a", STOPPED)
    wait_until(lambda: not grandchild.is_running(), "the child is gone too")


def test_the_heartbeats_of_a_watched_program_are_heard_again_after_each_start(supervise):
    script = (
        "import os, struct, time\n"
        "pipe = int(os.environ['NEUROPLAY_HEARTBEATS'])\n"
        "os.write(pipe, struct.pack('II', 0, os.getpid()))\n"
        "time.sleep(1.2); os.write(pipe, b'what is no heartbeat')\n" + SLEEP
    )
    system = supervise(program("a", script, heartbeats=1))
    first = system.wait_for("a")
    assert system.client.wait_for(["a"], [DEAF], PATIENCE_S)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: system.state("a").pid not in (None, first), "it comes back")
    assert system.client.wait_for(["a"], [DEAF], PATIENCE_S)


def test_a_suspended_supervisor_is_silent_not_away(supervise, monkeypatch):
    monkeypatch.setattr(client, "ANSWER_TIMEOUT_S", 0.3)
    system = supervise(program("a"))
    system.wait_for("a")
    os.kill(system.process.pid, signal.SIGSTOP)
    try:
        with pytest.raises(SupervisorSilent, match="does not respond"):
            system.client.processes()
        with pytest.raises(SupervisorSilent):
            daemon.processes(Place(home=system.home, runtime=system.runtime))
    finally:
        os.kill(system.process.pid, signal.SIGCONT)
    assert system.state("a").state == RUNNING
    system.process.terminate()
    assert system.ended() == 0
    with pytest.raises(SupervisorAway) as away:
        system.client.processes()
    assert not isinstance(away.value, SupervisorSilent)


def test_a_child_that_left_its_group_and_outlives_it_is_ended_in_the_end(supervise):
    script = STUBBORN + "import os; os.fork() or (os.setsid(), print(os.getpid(), flush=True)); "
    system = supervise(program("a", script + SLEEP))
    wait_until(lambda: system.log("a").endswith("\n"), "it has a child")
    left = psutil.Process(int(system.log("a")))
    os.kill(system.wait_for("a"), signal.SIGKILL)
    assert left.is_running()
    system.process.terminate()
    assert system.ended() == 0
    wait_until(lambda: not left.is_running(), "it was ended")


def test_a_program_that_says_nothing_has_a_log(supervise):
    system = supervise(program("a"))
    system.wait_for("a")
    assert (system.home / "logs" / "a.log").exists()


def test_a_program_that_says_much_fills_its_log_and_nothing_else(supervise):
    lines = 200_000
    system = supervise(
        program(
            "a",
            f"[print('x' * 60) for _ in range({lines})]; print('', end='', flush=True);" + SLEEP,
        )
    )
    wait_until(lambda: system.log("a").count("\n") + rotated(system) >= lines, "all is written")
    assert system.state("a").state == RUNNING


def rotated(system: Supervised) -> int:
    return sum(p.read_bytes().count(b"\n") for p in (system.home / "logs").glob("a.log.*"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_costs_lines_and_no_program(supervise, home):
    script = "import time\nwhile True: print('x' * 1000, flush=True); time.sleep(0.01)"
    kept = program("a", f"import os; exec({script!r})")
    (home / "logs").mkdir()
    (home / "logs" / "a.log").symlink_to("/dev/full")
    system = supervise(kept, program("b", "print('heard', flush=True);" + SLEEP))
    pid = system.wait_for("a")
    wait_until(lambda: "heard" in system.log("b"), "the other one is heard")
    assert system.wait_for("a") == pid


NO_QUESTIONS = (
    *(
        b"\0",
        b"\xff\xfe",
        b"GET / HTTP/1.1\r\n\r\n",
        b"null",
        b"1e999",
        b"[]",
        b"{}",
        b"[" * 60_000,
    ),
    *(b'{"do": "start"}', b'{"do": "stop", "name": ["a"]}', b'{"do": "start", "name": "b"}'),
    *(b'{"do": "fly", "name": "a"}', b'{"do": "ready"}', b'{"do": "ready", "told": 7}'),
)


def test_a_question_that_is_none_is_answered_as_such(supervise):
    system = supervise(program("a"))
    for said in NO_QUESTIONS:
        with asking(system) as guest:
            guest.send(said)
            assert json.loads(guest.recv(1 << 16)) == {"error": "no such question"}, said[:40]
    with asking(system) as guest:
        guest.shutdown(socket.SHUT_WR)
        assert json.loads(guest.recv(1 << 16)) == {"error": "no such question"}
    system.wait_for("a")


def test_guests_that_say_nothing_keep_nobody_out(supervise):
    system = supervise(program("a"))
    silent = []
    for _ in range(20):
        guest = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        guest.connect(str(control_socket(system.runtime)))
        silent.append(guest)
    system.wait_for("a")
    for guest in silent:
        guest.close()
    system.wait_for("a")


def test_only_its_user_may_ask(supervise):
    system = supervise(program("a"))
    assert control_socket(system.runtime).stat().st_mode & 0o777 == 0o600


def test_a_start_is_refused_while_everything_stops(supervise):
    script = STUBBORN + "print('up', flush=True);" + SLEEP
    system = supervise(program("a", script), program("b", rank=1, at_once=False))
    wait_until(lambda: "up" in system.log("a"), "it listens to nobody")
    system.process.terminate()
    wait_until(system.client.is_stopping, "it stops")
    with pytest.raises(CannotStart, match="everything is being stopped"):
        system.client.start("b")
    os.kill(system.state("a").pid or 0, signal.SIGKILL)
    assert system.ended() == 0
    with pytest.raises(SupervisorAway):
        system.client.processes()


def test_what_a_cleaner_took_comes_back(supervise):
    system = supervise(program("a"))
    system.client.ready({"url": "here"})
    for name in ("control.sock", "gate"):
        (system.runtime / name).unlink(missing_ok=True)
    wait_until(control_socket(system.runtime).exists, "the socket is back")
    wait_until((system.runtime / "gate").exists, "the gate is back")
    assert system.client.published() == {"url": "here"}


def test_when_the_supervisor_is_killed_its_programs_end(supervise):
    wrapped = [sys.executable, "-I", "-S", child.__file__, "--parent-death=SIGTERM", "--"]
    argv = [*wrapped, sys.executable, "-I", "-S", "-c", "print('up', flush=True);" + SLEEP]
    kept = Program(name="a", argv=argv, rank=0, stop_patience_s=5, at_once=True)
    system = supervise(kept)
    wait_until(lambda: "up" in system.log("a"), "it runs")
    left = psutil.Process(system.wait_for("a"))
    system.process.kill()
    wait_until(lambda: not is_alive(left), "it ends")


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
