"""The API's processes: one that starts the others and has them back when they end."""

from __future__ import annotations

import os
import signal
import socket
import time
import traceback
from collections.abc import Callable
from typing import NoReturn

from neuroplay.infra.supervision.child import die_with_parent

BACKLOG = 4096
"""Connections that the kernel keeps until they are accepted: 2,000 tablets at once."""

AGAIN_S = 0.5
"""A process that ended comes back after this time."""

FAILED = 1

POLL_S = 0.02

WATCHED = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)


def listen(host: str, port: int) -> socket.socket:
    """A bound, listening socket. Raises OSError."""
    family, _, _, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


class Processes:
    """`work(n)` runs in each of `count` processes, until TERM. Where one ends, it begins again;
    where an exception ends the only one that was left, all ends, and the log says why."""

    def __init__(self, count: int, work: Callable[[int], None], *, patience_s: float) -> None:
        self._work, self._patience_s = work, patience_s
        self._pids: dict[int, int] = {}
        self._due = dict.fromkeys(range(count), 0.0)
        self._failed = False

    def run(self) -> int:
        """Keep them until TERM or INT; return the exit code when the last has ended."""
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)  # they wait for `_wait`
        while not self._failed:
            self._start_due()
            due = min(self._due.values(), default=time.monotonic() + 1)
            received = signal.sigtimedwait(WATCHED, max(0.0, due - time.monotonic()))
            if received and received.si_signo != signal.SIGCHLD:
                break
            self._reap()
        code = FAILED if self._failed else 0
        self._end()
        return code

    def _start_due(self) -> None:
        now = time.monotonic()
        for place in [place for place, due in self._due.items() if due <= now]:
            del self._due[place]
            pid = os.fork()
            if not pid:
                self._become(place)
            self._pids[pid] = place

    def _become(self, place: int) -> NoReturn:
        code = FAILED
        try:
            # A worker outlives a killed master otherwise, and keeps the port.
            die_with_parent(signal.SIGTERM)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
            self._work(place)
            code = 0
        except Exception:  # noqa: BLE001 - it is told, and the process begins again
            traceback.print_exc()
        finally:
            os._exit(code)

    def _reap(self) -> None:
        while self._pids:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            if (place := self._pids.pop(pid, None)) is not None:
                self._due[place] = time.monotonic() + AGAIN_S
                if os.waitstatus_to_exitcode(status) == FAILED and not self._pids:
                    self._failed = True

    def _end(self) -> None:
        self._send(signal.SIGTERM)
        ends = time.monotonic() + self._patience_s
        while self._pids and time.monotonic() < ends:
            self._reap()
            time.sleep(POLL_S)
        self._send(signal.SIGKILL)
        while self._pids:
            self._reap()
            time.sleep(POLL_S)

    def _send(self, number: int) -> None:
        for pid in self._pids:
            os.kill(pid, number)
