"""Is a program alive? Each of its processes writes heartbeats into a pipe that it inherited.

What counts is the time in which a process could have written and did not, so that neither a
supervisor that stood still itself nor a busy machine makes it deaf.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

HEARTBEATS = "NEUROPLAY_HEARTBEATS"
"""Environment variable of a watched program: the descriptor of that pipe."""

DESCRIPTOR = 3
"""What it is in the program, behind the three that everybody has."""

MESSAGE = struct.Struct("II")
"""Which of the program's processes it is, from 0, and its pid."""

DEAF_S = 15.0

LONGEST_LOOK_S = 2.0
"""Between two looks no more than this counts."""


def heartbeat_of(place: int) -> Callable[[], None]:
    """For a process of a watched program: what to call several times a second, for as long as it
    answers. It never waits, and does nothing where nobody watches."""
    if HEARTBEATS not in os.environ:
        return lambda: None
    pipe, message = int(os.environ[HEARTBEATS]), MESSAGE.pack(place, os.getpid())

    def beat() -> None:
        with suppress(OSError):  # full: the supervisor stands still; broken: it is gone
            os.write(pipe, message)

    return beat


@dataclass(frozen=True, kw_only=True, slots=True)
class Deaf:
    """`pid` is the process to be ended; None: the whole program."""

    seconds: float
    place: int
    pid: int | None


@dataclass(kw_only=True, slots=True)
class _Process:
    """`silent_s` is how long it has owed a heartbeat, `pid` is 0 until its first one: a program
    may load, and wait for migrations, all day. A replaced one was heard before."""

    silent_s: float = 0.0
    pid: int = 0
    was_replaced: bool = False


class Watch:
    """Over the `count` processes of one program."""

    def __init__(self, count: int) -> None:
        self._processes = [_Process() for _ in range(count)]
        self._program: int | None = None
        self._looked_at: float | None = None

    def look(
        self, now: float, program: int | None, heartbeats: Iterable[tuple[int, int]]
    ) -> Deaf | None:
        """Who is deaf, where one is. `program` is the pid of what is watched, None where it does
        not run or is being stopped; `heartbeats` are those since the last look, as MESSAGE has
        them. Whoever is named is taken for ended."""
        elapsed_s = min(now - (self._looked_at or now), LONGEST_LOOK_S)
        self._looked_at = now
        if program != self._program:
            self._program = program
            self._forget_all()
        if program is None:
            return None
        for one in self._processes:
            if one.pid or one.was_replaced:
                one.silent_s += elapsed_s
        for place, pid in heartbeats:
            if place < len(self._processes):
                self._processes[place] = _Process(pid=pid)
        for place, one in enumerate(self._processes):
            if one.silent_s >= DEAF_S:
                return self._named(place, one)
        return None

    @property
    def longest_silence_s(self) -> float:
        """Of those that were heard before."""
        return max((one.silent_s for one in self._processes if one.pid), default=0.0)

    def _named(self, place: int, one: _Process) -> Deaf:
        """One of several is replaced alone; where that does not help, they all are."""
        if one.pid and len(self._processes) > 1:
            self._processes[place] = _Process(was_replaced=True)
            return Deaf(seconds=one.silent_s, place=place, pid=one.pid)
        self._forget_all()
        return Deaf(seconds=one.silent_s, place=place, pid=None)

    def _forget_all(self) -> None:
        self._processes = [_Process() for _ in self._processes]
