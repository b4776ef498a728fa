"""Is a program alive? Each of its processes is asked GET /health/live on a socket file of its own.

It is done between other things, without ever waiting: a question is sent at one look and its
answer read at a later one. What counts is the time in which a process could have answered and did
not, so that neither a supervisor that stood still itself nor a busy machine makes it deaf.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass

QUESTION = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
GOOD = b"HTTP/1.1 200 "

DEAF_S = 15.0

START_S = 120.0
"""For the first answer, once there is a socket file to ask at."""

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

    def __init__(self, path: str) -> None:
        self._path = path
        self._asking: socket.socket | None = None
        self.forget()

    def forget(self, *, replaced: bool = False) -> None:
        """Its process is another one from now on."""
        self._hang_up()
        self.silent_s, self.pid = 0.0, 0
        self.was_heard, self.was_replaced = False, replaced

    def listen(self, elapsed_s: float) -> None:
        if self._answered():
            self.silent_s, self.was_heard, self.was_replaced = 0.0, True, False
        elif self._ask():
            self.silent_s += elapsed_s

    def _answered(self) -> bool:
        """Whether a good answer came since the last look."""
        if self._asking is None:
            return False
        try:
            good = self._asking.recv(64).startswith(GOOD)
        except BlockingIOError:
            return False
        except OSError:
            good = False
        self._hang_up()
        if good:
            self._ask()
        return good

    def _ask(self) -> bool:
        """Have a question on the way; False where there is no file to ask at: a cleaner took it,
        or nothing has made it yet."""
        if self._asking is not None:
            return True
        asking = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        asking.setblocking(False)
        try:
            asking.connect(self._path)
            asking.send(QUESTION)
            credentials = asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            self.pid = struct.unpack("3i", credentials)[0]
        except OSError as error:
            asking.close()
            self.pid = 0
            return not isinstance(error, FileNotFoundError)
        self._asking = asking
        return True

    def _hang_up(self) -> None:
        if self._asking is not None:
            self._asking.close()
            self._asking = None


class Watch:
    """Over one program's processes, of which each answers at a path of its own."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._ears = [Ear(path) for path in paths]
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
        if program is None:
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
        pid = ear.pid if ear.was_heard and len(self._ears) > 1 else 0
        deaf = Deaf(seconds=ear.silent_s, place=place, pid=pid or None)
        for one in (ear,) if pid else self._ears:
            one.forget(replaced=bool(pid))
        return deaf
