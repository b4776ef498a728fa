"""Ways to make a real server hang, and to wait for something to hold."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil


@contextmanager
def hung(*pids: int) -> Iterator[None]:
    """These processes and their children stand still meanwhile, their sockets open."""
    processes = [psutil.Process(pid) for pid in pids]
    stopped = [*processes, *(child for p in processes for child in p.children(recursive=True))]
    for process in stopped:
        with suppress(ProcessLookupError):  # a child that ended just now
            os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in stopped:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)


def postgres_pid(data: Path) -> int:
    return int((data / "postmaster.pid").read_text().partition("\n")[0])


def wait_until(holds: Callable[[], object], what: str, patience_s: float = 30.0) -> None:
    deadline = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.02)
