"""Ways to make a real server hang, and to wait for something to hold."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil


@contextmanager
def hung(*pids: int) -> Iterator[None]:
    """These processes and their children stand still meanwhile, their sockets open."""
    parents = [psutil.Process(pid) for pid in pids]
    _send(signal.SIGSTOP, parents)  # first: no child comes after that
    children = [child for parent in parents for child in parent.children(recursive=True)]
    _send(signal.SIGSTOP, children)
    try:
        yield
    finally:
        _send(signal.SIGCONT, [*parents, *children])


def _send(number: signal.Signals, processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # a child that ended just now
            process.send_signal(number)


def postgres_pid(data: Path) -> int:
    return int((data / "postmaster.pid").read_text().partition("\n")[0])


def wait_until(
    holds: Callable[[], object], what: str | Callable[[], str], patience_s: float = 30.0
) -> None:
    deadline = time.monotonic() + patience_s
    while not holds():
        in_vain = time.monotonic() >= deadline
        assert not in_vain, f"waited in vain: {what() if callable(what) else what}"
        time.sleep(0.02)
