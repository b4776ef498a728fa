"""The rules by which programs are kept running. They act through a `Machine` and use its clock.

- A program that ends soon after its start is restarted after 1, 2, 3 ... 30 s, others immediately.
  There is no limit of restarts.
- A program that does not end when asked is killed with its process group.
- At a stop of all programs, those of the highest rank end first, and nothing is started any more.
- A running program whose heartbeats stop (`watch`) is killed, and so restarted.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from neuroplay.infra.supervision import BACKOFF, DEAF, RUNNING, STARTING, STOPPED, STOPPING
from neuroplay.infra.supervision.watch import DEAF_S, Watch

STARTED_S = 0.3
"""A program is STARTING for this time, then RUNNING."""

STEADY_S = 10.0
"""A program that ran this long had started successfully: it is restarted without a wait."""

LONGEST_WAIT_S = 30.0
KILL_EVERY_S = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """A program to keep running. Programs start by ascending `rank` and stop by descending rank,
    those of the same rank together. `heartbeats` is the number of its processes that write
    heartbeats (`watch`).
    """

    name: str
    argv: Sequence[str]
    rank: int
    stop_patience_s: float
    stop_signal: int = signal.SIGTERM
    at_once: bool = False
    """Whether it starts with the supervisor; other programs start on request."""
    environment: Mapping[str, str] = field(default_factory=dict)
    heartbeats: int = 0


class Machine(Protocol):
    """The operations of the system that the rules need."""

    def now(self) -> float:
        """Seconds of a monotonic clock."""

    def moment(self) -> str:
        """The date and time in UTC, for people."""

    def start(self, program: Program) -> int:
        """Start a process in a process group of its own; returns its pid. Raises OSError."""

    def heartbeats(self, name: str) -> Iterable[tuple[int, int]]:
        """The heartbeats of a program since the last call, as `watch.MESSAGE` has them."""

    def send(self, pid: int, number: int, *, group: bool = False) -> None:
        """Send a signal to a process or its process group; no effect if it has ended."""

    def note(self, text: str) -> None:
        """Write a line to the supervisor's log."""


Rescue = Callable[[str, int], str]
"""Called with the name and the wait status of a program that ended soon after its start, to repair
the cause; returns what was done, '' if nothing."""


class Stopping(Exception):  # noqa: N818 - a state, no fault
    """All programs are being stopped, so none can be started."""


class _Kept:
    """A program and its state."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.watch = Watch(program.heartbeats)
        self.state = STOPPED
        self.pid: int | None = None
        self.begun = 0.0
        self.due: float | None = None
        """When `tick` changes its state next, if ever."""

        self.again = False
        """Whether to start it once it has ended."""

        self.restart_note = ""
        """Why it was last restarted; kept until it is stopped."""

        self.fault = ""
        """Why it is not running."""

        self.failures = 0
        self.rescued = False


class Supervisor:
    """Keeps `programs` running. The loop reports ended processes (`ended`), and calls `tick` when
    something is due and `check_heartbeats` every second or so."""

    def __init__(self, programs: Sequence[Program], machine: Machine, rescue: Rescue) -> None:
        ordered = sorted(programs, key=lambda program: program.rank)
        self._kept = {program.name: _Kept(program) for program in ordered}
        self._machine, self._rescue = machine, rescue
        self.stopping = False

    def begin(self, names: Collection[str] | None = None) -> None:
        """Start those of `names`, by default of all programs, that are `at_once` and were not
        started yet."""
        for kept in self._kept.values():
            wanted = kept.program.at_once and (names is None or kept.program.name in names)
            if wanted and kept.state == STOPPED and not self.stopping:
                self._spawn(kept)

    @property
    def done(self) -> bool:
        """Whether all programs were asked to stop and have ended."""
        return self.stopping and not any(kept.pid for kept in self._kept.values())

    @property
    def due(self) -> float | None:
        """When `tick` is to be called next, if ever."""
        return min((k.due for k in self._kept.values() if k.due is not None), default=None)

    def start(self, name: str) -> None:
        """Start a program: now, or once it has ended if it is stopping; no effect if it runs.
        Raises KeyError, Stopping."""
        if self.stopping:
            raise Stopping
        kept = self._kept[name]
        kept.again = kept.state == STOPPING
        if kept.pid is None:
            self._spawn(kept)

    def stop(self, name: str) -> None:
        """Ask a program to end; no effect if it does not run. Raises KeyError."""
        kept = self._kept[name]
        kept.again = False
        if kept.pid is None:
            self._set_stopped(kept)
        elif kept.state != STOPPING:
            self._set(kept, STOPPING, kept.program.stop_patience_s)
            self._machine.send(kept.pid, kept.program.stop_signal)

    def stop_everything(self, why: str) -> None:
        """Begin to stop all programs by descending rank; `done` tells when all have ended."""
        if not self.stopping:
            self._machine.note(f"{why}: stopping")
        self.stopping = True
        for kept in self._kept.values():
            if kept.pid is None:
                self._set_stopped(kept)
        self._stop_next()

    def ended(self, pid: int, status: int) -> None:
        """Handle the end of a process; `status` is the wait status from waitpid."""
        kept = next((one for one in self._kept.values() if one.pid == pid), None)
        if kept is None:
            return  # an orphan that was reparented to us
        asked, lived_s, kept.pid = kept.state == STOPPING, self._machine.now() - kept.begun, None
        how = f"{kept.program.name} ({_exit_text(status)})"
        self._machine.note(f"stopped: {how}" if asked else f"ended: {how}")
        if asked or self.stopping:
            self._set_stopped(kept)
            if kept.again and not self.stopping:
                self._spawn(kept)
        elif lived_s >= STEADY_S:
            kept.failures, kept.rescued = 0, False
            self._spawn(kept)
        elif not kept.rescued and (repair := self._rescue(kept.program.name, status)):
            kept.rescued = True
            self._machine.note(repair)
            self._spawn(kept)
        else:
            self._failed(kept, f"it ended soon after its start ({_exit_text(status)})")
        if self.stopping:
            self._stop_next()

    def tick(self) -> None:
        """Perform the state changes that are due."""
        now = self._machine.now()
        for kept in self._kept.values():
            if kept.due is None or kept.due > now:
                continue
            if kept.state == STARTING:
                self._set(kept, RUNNING)
            elif kept.state == BACKOFF:
                self._spawn(kept)
            elif kept.pid is not None:
                self._machine.note(f"killed: {kept.program.name} (it did not end in time)")
                self._machine.send(kept.pid, signal.SIGKILL, group=True)
                self._set(kept, STOPPING, KILL_EVERY_S)

    def check_heartbeats(self) -> None:
        """Kill the processes whose heartbeats have stopped, so that they are restarted."""
        for kept in self._kept.values():
            running = kept.pid if kept.state in (STARTING, RUNNING) else None
            name = kept.program.name
            deaf = kept.watch.check(self._machine.now(), running, self._machine.heartbeats(name))
            if deaf is None or running is None:
                continue
            which = "" if deaf.pid is None else f"process {deaf.place + 1} "
            kept.restart_note = (
                f"{which}did not answer for {deaf.seconds:.0f} s and was restarted at "
                f"{self._machine.moment()}"
            )
            self._machine.note(f"{name}: {kept.restart_note}")
            self._machine.send(deaf.pid or running, signal.SIGKILL, group=deaf.pid is None)

    def processes(self) -> list[dict[str, Any]]:
        """All programs in start order, each with the fields of `client.ProcessState`."""
        return [self._shown(kept) for kept in self._kept.values()]

    def _shown(self, kept: _Kept) -> dict[str, Any]:
        silent_s = kept.watch.longest_silence_s
        deaf = kept.state == RUNNING and silent_s >= DEAF_S / 3
        reason = f"no answer for {silent_s:.0f} s" if deaf else kept.fault or kept.restart_note
        return {
            "name": kept.program.name,
            "state": DEAF if deaf else kept.state,
            "pid": kept.pid,
            "uptime_s": None if kept.pid is None else int(self._machine.now() - kept.begun),
            "reason": reason,
            "failures": kept.failures,
        }

    def _set(self, kept: _Kept, state: str, for_s: float | None = None) -> None:
        kept.state = state
        kept.due = None if for_s is None else self._machine.now() + for_s

    def _set_stopped(self, kept: _Kept) -> None:
        kept.restart_note, kept.fault, kept.failures, kept.rescued = "", "", 0, False
        self._set(kept, STOPPED)

    def _spawn(self, kept: _Kept) -> None:
        try:
            kept.pid = self._machine.start(kept.program)
        except OSError as error:
            self._failed(kept, f"it cannot be started: {(error.strerror or str(error)).lower()}")
            return
        kept.begun, kept.again, kept.fault = self._machine.now(), False, ""
        self._machine.note(f"started: {kept.program.name} (pid {kept.pid})")
        self._set(kept, STARTING, STARTED_S)

    def _failed(self, kept: _Kept, reason: str) -> None:
        kept.failures += 1
        kept.fault = reason
        wait_s = min(float(kept.failures), LONGEST_WAIT_S)
        self._machine.note(f"{kept.program.name}: {reason}; next start in {wait_s:.0f} s")
        self._set(kept, BACKOFF, wait_s)

    def _stop_next(self) -> None:
        """Ask the running programs of the highest rank to end."""
        alive = [kept.program for kept in self._kept.values() if kept.pid is not None]
        highest = max((program.rank for program in alive), default=0)
        for program in alive:
            if program.rank == highest:
                self.stop(program.name)


def _exit_text(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        known = number in set(signal.Signals)
        return signal.Signals(number).name if known else f"signal {number}"
    return f"exit status {os.WEXITSTATUS(status)}"
