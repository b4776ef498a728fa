"""The API's master process, which starts the others and restarts them when they end."""

from __future__ import annotations

import math
import os
import signal
import socket
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NoReturn

from neuroplay.api.door.unyielding import SO_TIMESTAMPNS
from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.supervision.child import die_with_parent

BACKLOG = 4096
"""Connections that the kernel queues: enough for 2,000 tablets that connect at once."""

AGAIN_S = 0.5
"""Delay before a process that ended is restarted."""

FAILED = 1

POLL_S = 0.02

ENDING = (signal.SIGTERM, signal.SIGINT)
WATCHED = (*ENDING, signal.SIGCHLD)

log = get_logger(__name__)


def listen(host: str, port: int) -> socket.socket:
    """A bound, listening socket. Raises OSError."""
    family, _, _, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


class Processes:
    """Runs `work(n)` in `count` processes until TERM, and restarts those that end.

    If an exception ends the only process that is left, `run` logs it and returns. It calls
    `heartbeat` every second or more often.
    """

    def __init__(
        self,
        count: int,
        work: Callable[[int], None],
        *,
        patience_s: float,
        heartbeat: Callable[[], None] = lambda: None,
    ) -> None:
        self._work, self._patience_s, self._heartbeat = work, patience_s, heartbeat
        self._pids: dict[int, int] = {}
        self._due = dict.fromkeys(range(count), 0.0)
        self._failed = False

    def run(self) -> int:
        """Run until TERM or INT; returns the exit code when all processes have ended."""
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)  # received by sigtimedwait
        while not self._failed:
            self._heartbeat()
            self._start_due()
            due = min(self._due.values(), default=time.monotonic() + 1)
            received = signal.sigtimedwait(WATCHED, max(0.0, due - time.monotonic()))
            # After SIGSTOP and SIGCONT, Python 3.11 may return a signal number that means nothing.
            if received and received.si_signo in ENDING:
                break
            for place, pid, code in self._reap():
                self._plan_restart(place, pid, code)
        code = FAILED if self._failed else 0
        self._end()
        return code

    def _start_due(self) -> None:
        now = time.monotonic()
        for place in [place for place, due in self._due.items() if due <= now]:
            del self._due[place]
            pid = os.fork()
            if not pid:
                self._run_child(place)
            self._pids[pid] = place

    def _run_child(self, place: int) -> NoReturn:
        code = FAILED
        try:
            # Otherwise the process would outlive a killed master, and keep the port.
            die_with_parent(signal.SIGTERM)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
            self._work(place)
            code = 0
        except Exception:  # noqa: BLE001 - it is logged, and the process is restarted
            traceback.print_exc()
        finally:
            os._exit(code)

    def _reap(self) -> Iterator[tuple[int, int, int]]:
        """The place, pid and exit code of each process that has ended since the last call; the code
        is -N after the signal N."""
        while self._pids:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            if (place := self._pids.pop(pid, None)) is not None:
                yield place, pid, os.waitstatus_to_exitcode(status)

    def _plan_restart(self, place: int, pid: int, code: int) -> None:
        if code == FAILED and not self._pids:
            self._failed = True
            return
        how = {"signal": -code} if code < 0 else {"exit_code": code}
        log.warning("process ended, restarting it", process=place + 1, pid=pid, **how)
        self._due[place] = time.monotonic() + AGAIN_S

    def _end(self) -> None:
        for number, seconds in ((signal.SIGTERM, self._patience_s), (signal.SIGKILL, math.inf)):
            for pid in self._pids:
                os.kill(pid, number)
            ends = time.monotonic() + seconds
            while self._pids and time.monotonic() < ends:
                for _ in self._reap():
                    pass
                time.sleep(POLL_S)
