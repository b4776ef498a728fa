"""Run a command, and end with it whatever it started: python -m tests.guard COMMAND ARGS

Tests that are killed would leave servers, containers and hosts behind, since these have sessions
and parents of their own. So the command runs below a keeper, which the kernel makes the parent of
every orphan below it. The keeper is in another session: what ends this program, such as Ctrl-C, the
end of a terminal, or SIGKILL to the process group, does not reach it. It then asks the command to
end as Ctrl-C does, and then ends what is left.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

import psutil

PATIENCE_S = 60.0
"""For the command to stop what it started, once it is asked to end."""

TERM_PATIENCE_S = 10.0
"""For all that the command left."""

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_CHILD_SUBREAPER = 36


def main(command: Sequence[str]) -> int:
    """Returns the command's exit code, or 128 and the number of the signal that ended it."""
    ours, theirs = os.pipe()
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)  # until both processes heed them
    keeper = os.fork()
    if not keeper:
        os.close(theirs)
        return _keep(command, front=ours)
    os.close(ours)
    for number in ENDINGS:
        signal.signal(number, lambda received, _: os.kill(keeper, received))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
    _, status = os.waitpid(keeper, 0)
    return _code(status)


def _keep(command: Sequence[str], front: int) -> int:
    """`front` has an end when the process that was started first has ended."""
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    pid = os.posix_spawnp(command[0], list(command), os.environ, setsigmask=())
    handle = os.pidfd_open(pid)

    def ask() -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, signal.SIGINT)

    def end() -> None:
        ask()
        time.sleep(PATIENCE_S)
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)

    def end_with_the_front() -> None:
        os.read(front, 1)
        end()

    for number in ENDINGS:
        signal.signal(number, lambda *_: threading.Thread(target=end, daemon=True).start())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
    threading.Thread(target=end_with_the_front, daemon=True).start()
    status = _wait(pid)
    _end_the_rest()
    return _code(status)


def _wait(pid: int) -> int:
    """The status of this child; those of the orphans are of no interest."""
    while True:
        ended, status = os.wait()
        if ended == pid:
            return status


def _end_the_rest() -> None:
    """SIGTERM, and later SIGKILL: a container that is killed has nobody who clears up after it."""
    asked = _left()
    _send(signal.SIGTERM, asked)
    deadline = time.monotonic() + TERM_PATIENCE_S
    while left := _left():
        if time.monotonic() > deadline:
            _send(signal.SIGKILL, left)
        _reap()
        time.sleep(0.02)
    _reap()
    if asked:
        names = ", ".join(sorted({name for _, name in asked}))
        print(f"ended what the command left: {names}", file=sys.stderr)


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def _left() -> list[tuple[psutil.Process, str]]:
    """The processes below this one that have not ended, and their names."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append((process, process.name()))
    return found


def _send(number: signal.Signals, processes: list[tuple[psutil.Process, str]]) -> None:
    for process, _ in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
