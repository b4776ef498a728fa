"""Is the API alive? Each of its processes is asked GET /health/live on a socket file of its own.

It is done between other things, without ever waiting: a question is sent at one look and its
answer read at a later one. What counts is the time in which a process could have answered and did
not, so that neither a supervisor that stood still itself nor a busy machine makes it deaf.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

QUESTION = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
GOOD = b"HTTP/1.1 200 "

DEAF_S = 15.0

START_S = 120.0
"""For the first answer, once the gate is open: before that it may wait for migrations."""

LONGEST_LOOK_S = 2.0
"""Between two looks no more than this counts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deaf:
    """`pid` is the process to be ended; None: the whole program."""

    seconds: float
    place: int
    pid: int | None


class Ear:
    """At one process. `silent_s` is how long it has owed an answer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket: socket.socket | None = None
        self._nowhere = False
        """Whether there is no file to ask at: a cleaner took it, or nothing has made it yet."""

        self.silent_s = 0.0
        self.was_heard = False
        self.was_replaced = False
        self.pid: int | None = None

    def listen(self, elapsed_s: float) -> None:
        if self._answered():
            self.silent_s, self.was_heard, self.was_replaced = 0.0, True, False
        elif not self._nowhere:
            self.silent_s += elapsed_s

    def forget(self, *, replaced: bool = False) -> None:
        """Its process is another one from now on."""
        self._hang_up()
        self.silent_s, self.was_heard, self.was_replaced, self.pid = 0.0, False, replaced, None

    def _answered(self) -> bool:
        """Whether a good answer came since the last look; there is always a question on the way."""
        good = False
        if self._socket is not None:
            try:
                answer = self._socket.recv(64)
            except BlockingIOError:
                return False
            except OSError:
                answer = b""
            good = answer.startswith(GOOD)
            self._hang_up()
        self._ask()
        return good

    def _ask(self) -> None:
        asking = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        asking.setblocking(False)
        try:
            asking.connect(str(self._path))
            asking.send(QUESTION)
            credentials = asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            self.pid = struct.unpack("3i", credentials)[0]
            self._socket = asking
        except OSError as error:
            asking.close()
            self.pid = None
            self._nowhere = isinstance(error, FileNotFoundError)
        else:
            self._nowhere = False

    def _hang_up(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()
            self._socket = None


class Watch:
    """Over one program's processes, of which each answers at a path of its own."""

    def __init__(self, paths: Sequence[Path], gate: Path) -> None:
        self._ears = [Ear(path) for path in paths]
        self._gate = gate
        self._program: int | None = None
        self._looked_at: float | None = None

    def look(self, now: float, program: int | None) -> Deaf | None:
        """Who is deaf, where one is; `program` is the pid of what is watched, None where it does
        not run or is being stopped. Whoever is named is taken for ended."""
        elapsed_s = min(now - (self._looked_at or now), LONGEST_LOOK_S)
        self._looked_at = now
        if program != self._program:
            self._program = program
            for ear in self._ears:
                ear.forget()
        if program is None or not os.path.exists(self._gate):
            return None
        for ear in self._ears:
            ear.listen(elapsed_s)
        return next(filter(None, map(self._judged, range(len(self._ears)))), None)

    @property
    def longest_silence_s(self) -> float:
        """Of those that had answered before."""
        return max((ear.silent_s for ear in self._ears if ear.was_heard), default=0.0)

    def _judged(self, place: int) -> Deaf | None:
        ear = self._ears[place]
        patience_s = DEAF_S if ear.was_heard or ear.was_replaced else START_S
        if ear.silent_s < patience_s:
            return None
        # One of several is replaced alone; where that does not help, they all are.
        pid = ear.pid if ear.was_heard and len(self._ears) > 1 else None
        deaf = Deaf(seconds=ear.silent_s, place=place, pid=pid)
        for one in self._ears if pid is None else (ear,):
            one.forget(replaced=pid is not None)
        return deaf
