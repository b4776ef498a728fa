"""Detects programs that hang: each of their processes writes heartbeats into an inherited pipe.

Between two checks at most LONGEST_STEP_S count as silence. So a process is not taken for deaf
because the supervisor itself was suspended or the machine was busy.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

HEARTBEATS = "NEUROPLAY_HEARTBEATS"
"""Environment variable of a monitored program: the descriptor of its heartbeat pipe."""

DESCRIPTOR = 3
"""The heartbeat pipe's descriptor in the program."""

MESSAGE = struct.Struct("II")
"""A heartbeat: the process's index in its program, from 0, and its pid."""

DEAF_S = 15.0
"""A process is deaf after this much silence."""

LONGEST_STEP_S = 2.0


def heartbeat_of(place: int) -> Callable[[], None]:
    """A function that sends a heartbeat for the process with the index `place`. The process calls
    it several times a second while it is able to work. It never blocks, and does nothing if the
    program is not monitored."""
    if HEARTBEATS not in os.environ:
        return lambda: None
    pipe, message = int(os.environ[HEARTBEATS]), MESSAGE.pack(place, os.getpid())

    def beat() -> None:
        with suppress(OSError):  # full: the supervisor is suspended; broken: it has ended
            os.write(pipe, message)

    return beat


@dataclass(frozen=True, kw_only=True, slots=True)
class Deaf:
    """A deaf process with the index `place`. `pid` is the process to kill, or None for the whole
    program."""

    seconds: float
    place: int
    pid: int | None


@dataclass(kw_only=True, slots=True)
class _Process:
    """`silent_s` is the time since its last heartbeat; `pid` is 0 before its first one. The first
    heartbeat has no deadline, since a program may load and wait for migrations for any time. It has
    one if the process replaces a deaf one (`was_replaced`)."""

    silent_s: float = 0.0
    pid: int = 0
    was_replaced: bool = False


class Watch:
    """Monitors `count` processes of one program. One of them may be its first process, which starts
    the others."""

    def __init__(self, count: int) -> None:
        self._processes = [_Process() for _ in range(count)]
        self._program: int | None = None
        self._checked_at: float | None = None

    def check(
        self, now: float, program: int | None, heartbeats: Iterable[tuple[int, int]]
    ) -> Deaf | None:
        """A deaf process, or None. `program` is the pid of the program, None if it does not run or
        is being stopped; `heartbeats` are those since the last check, as in MESSAGE. A returned
        process counts as ended."""
        elapsed_s = min(now - (self._checked_at or now), LONGEST_STEP_S)
        self._checked_at = now
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
        silent = [place for place, one in enumerate(self._processes) if one.silent_s >= DEAF_S]
        # The program's first process comes first: if it is deaf, it cannot replace the others.
        silent.sort(key=lambda place: self._processes[place].pid != program)
        return self._deaf(silent[0]) if silent else None

    @property
    def longest_silence_s(self) -> float:
        """Seconds; processes without a first heartbeat do not count."""
        return max((one.silent_s for one in self._processes if one.pid), default=0.0)

    def _deaf(self, place: int) -> Deaf:
        """One of several processes is replaced alone; if its successor is silent, all are. All are
        replaced too if it is the process that starts the others."""
        one = self._processes[place]
        if one.pid not in (0, self._program) and len(self._processes) > 1:
            self._processes[place] = _Process(was_replaced=True)
            return Deaf(seconds=one.silent_s, place=place, pid=one.pid)
        self._forget_all()
        return Deaf(seconds=one.silent_s, place=place, pid=None)

    def _forget_all(self) -> None:
        self._processes = [_Process() for _ in self._processes]
