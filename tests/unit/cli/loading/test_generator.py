"""With a stand-in for Locust, which takes seconds to start."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

import psutil
import pytest

from cli.loading import generator
from cli.output.errors import CommandError

START = """
import json, os, signal, sys, time
words = dict(zip(sys.argv[1::2], sys.argv[2::2]))
out, live = words["--out"], os.fdopen(int(words["--live-fd"]), "w", buffering=1)
def tell(**row): live.write(json.dumps(row) + "\\n")
def end(verdict): open(out + "/result.json", "w").write(json.dumps({"verdict": verdict}))
"""


def play(program, out, hear=lambda _: None, arguments=(), **options):
    return generator.run(
        arguments, out, hear, program=[sys.executable, "-c", START + program], **options
    )


def test_each_look_is_heard_and_the_result_is_what_was_written(tmp_path):
    heard = []

    result = play("tell(t=1); tell(t=2); end('pass')", tmp_path, heard.append)

    assert heard == [{"t": 1}, {"t": 2}]
    assert result == {"verdict": "pass"}


def test_a_run_that_fails_has_a_result_whatever_its_exit_code(tmp_path):
    assert play("end('fail'); sys.exit(1)", tmp_path) == {"verdict": "fail"}


def test_a_generator_without_a_result_could_not_run_and_says_why(tmp_path):
    with pytest.raises(CommandError) as refused:
        play("print('Error: there is no profile'); sys.exit(3)", tmp_path)

    assert refused.value.code == 3
    assert "failed: there is no profile" in refused.value.message
    assert str(tmp_path / "locust.log") in refused.value.hint


def test_a_generator_that_was_killed_says_how(tmp_path):
    with pytest.raises(CommandError, match="exit code -9"):
        play("os.kill(os.getpid(), 9)", tmp_path)


def test_half_a_result_is_none(tmp_path):
    with pytest.raises(CommandError, match="left an incomplete result") as refused:
        play("open(out + '/result.json', 'w').write('{\"verd')", tmp_path)

    assert refused.value.code == 3


def test_a_worker_has_no_result(tmp_path):
    assert play("", tmp_path, arguments=["--worker", "x"]) is None
    with pytest.raises(CommandError):
        play("sys.exit(1)", tmp_path, arguments=["--worker", "x"])


def test_the_environment_of_locust_is_the_command_lines_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("LOCUST_USERS", "9000")
    told = []

    play(
        "tell(users=os.environ.get('LOCUST_USERS'), token=os.environ['NEUROPLAY_OPS_TOKEN'])\n"
        "end('pass')",
        tmp_path,
        told.append,
        ops_token="t0ken",
    )

    assert told == [{"users": None, "token": "t0ken"}]


def interrupting(times):
    def hear(_):
        nonlocal times
        if times:
            times -= 1
            os.kill(os.getpid(), signal.SIGINT)

    return hear


def test_an_interrupt_ends_the_run_in_order(tmp_path):
    result = play(
        "def stop(*_): end('void'); sys.exit()\n"
        "signal.signal(signal.SIGINT, stop)\n"
        "tell(t=1)\n"
        "time.sleep(60)",
        tmp_path,
        interrupting(1),
    )

    assert result == {"verdict": "void"}


def test_an_interrupt_before_the_run_has_begun_is_no_failure(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        play("tell(t=1); time.sleep(60)", tmp_path, interrupting(1))


def test_a_worker_that_is_interrupted_ends_in_order(tmp_path):
    ending = "signal.signal(signal.SIGINT, lambda *_: sys.exit()); tell(t=1); time.sleep(60)"

    assert play(ending, tmp_path, interrupting(1), arguments=["--worker", "x"]) is None


FORKED = """
signal.signal(signal.SIGINT, signal.SIG_IGN)
child = os.fork()
if child:
    tell(pid=child); tell(pid=child)
"""


def ended(pid):
    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(10)
    return True


def test_a_second_interrupt_ends_it_at_once_with_all_its_processes(tmp_path):
    pids = []

    def hear(row):
        pids.append(row["pid"])
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        play(FORKED + "time.sleep(60)", tmp_path, hear)

    assert len(pids) == 2
    assert ended(pids[0])


def test_workers_whose_master_died_keep_nobody_waiting(tmp_path):
    pids = []

    with pytest.raises(CommandError, match="exit code -9"):
        play(
            FORKED + "os.kill(os.getpid(), 9) if child else time.sleep(60)",
            tmp_path,
            lambda row: pids.append(row["pid"]),
        )

    assert ended(pids[0])


def test_a_listener_that_fails_leaves_no_generator_behind(tmp_path):
    def hear(row):
        raise RuntimeError(str(row["pid"]))

    with pytest.raises(RuntimeError) as failed:
        play("tell(pid=os.getpid()); time.sleep(60)", tmp_path, hear)

    with pytest.raises(ProcessLookupError):
        os.kill(int(str(failed.value)), 0)
