from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

PROGRAM = """
import os, signal, sys
from neuroplay.api.door.processes import Processes
from neuroplay.infra.monitoring.logging import configure_logging

configure_logging()

def fails(place):
    raise ImportError("nothing to answer with")

def one_fails_twice(place):
    if place == 1:
        signal.pause()
    os.write(int(sys.argv[3]), b".")
    raise ImportError("nothing to answer with")

def works(place):
    os.write(int(sys.argv[3]), b"%d " % os.getpid())
    signal.pause()

sys.exit(Processes(int(sys.argv[2]), globals()[sys.argv[1]], patience_s=5).run())
"""


def command(*words: str) -> list[str]:
    return [sys.executable, "-c", PROGRAM, *words]


def test_where_no_process_can_work_all_ends_with_the_reason() -> None:
    for count in ("1", "2"):
        ended = subprocess.run(
            command("fails", count), capture_output=True, text=True, timeout=60, check=False
        )
        assert ended.returncode == 1
        assert "ImportError: nothing to answer with" in ended.stderr


def test_where_another_works_the_one_that_fails_begins_again() -> None:
    reader, writer = os.pipe()
    running = subprocess.Popen(
        command("one_fails_twice", "2", str(writer)), pass_fds=[writer], stderr=subprocess.DEVNULL
    )
    os.close(writer)
    assert [os.read(reader, 1) for _ in range(2)] == [b".", b"."]
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=60) == 0
    os.close(reader)


def test_a_process_that_was_killed_is_replaced_and_the_log_tells_it() -> None:
    reader, writer = os.pipe()
    running = subprocess.Popen(
        command("works", "1", str(writer)), pass_fds=[writer], stderr=subprocess.PIPE, text=True
    )
    os.close(writer)
    killed = int(os.read(reader, 100))
    os.kill(killed, signal.SIGKILL)
    assert int(os.read(reader, 100)) != killed
    running.send_signal(signal.SIGTERM)
    _, told = running.communicate(timeout=60)
    lines = [json.loads(line) for line in told.splitlines()]
    assert [(line["level"], line["event"], line["signal"]) for line in lines] == [
        ("warning", "process ended, restarting it", 9)
    ]
    assert (lines[0]["process"], lines[0]["pid"]) == (1, killed)
    os.close(reader)


def test_a_master_that_was_suspended_goes_on_with_the_same_processes() -> None:
    reader, writer = os.pipe()
    running = subprocess.Popen(command("works", "1", str(writer)), pass_fds=[writer])
    os.close(writer)
    child = int(os.read(reader, 100))
    for _ in range(2):
        running.send_signal(signal.SIGSTOP)
        time.sleep(1.2)  # longer than it waits for signals
        running.send_signal(signal.SIGCONT)
        time.sleep(0.2)
    os.kill(child, 0)
    assert running.poll() is None
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=60) == 0
    os.close(reader)
