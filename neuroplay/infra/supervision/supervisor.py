"""The rules by which programs are kept running. What they do to the world goes through a `Machine`,
and all their times are of its clock.

- A program that dies soon after its start comes back after 1, 2, 3 ... 30 s, one that had run well
  at once. It is never given up.
- A program that is asked to end and does not is killed with its whole process group.
- When everything stops, those of the highest rank end first, and nothing is started any more.
- A program that runs and has no heartbeat any more (`watch`) is killed, and so comes back.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from neuroplay.infra.supervision import BACKOFF, DEAF, RUNNING, STARTING, STOPPED, STOPPING
from neuroplay.infra.supervision.watch import DEAF_S, Watch

STARTED_S = 0.3
"""After this time a program is shown as RUNNING."""

STEADY_S = 10.0
"""A program that ran this long had started well; its death is no reason to wait."""

LONGEST_WAIT_S = 30.0
KILL_EVERY_S = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """What is kept running. Programs are started by rising `rank`, and stopped by falling rank,
    those of one rank together. `heartbeats` is how many of its processes write them (`watch`).
    """

    name: str
    argv: Sequence[str]
    rank: int
    stop_patience_s: float
    stop_signal: int = signal.SIGTERM
    at_once: bool = False
    """Started with the supervisor; the others when somebody asks."""
    environment: Mapping[str, str] = field(default_factory=dict)
    heartbeats: int = 0


class Machine(Protocol):
    """The world as the rules need it."""

    def now(self) -> float:
        """Seconds of a clock that nobody sets."""

    def moment(self) -> str:
        """The time of day, for people."""

    def start(self, program: Program) -> int:
        """The pid of a new process, which leads a group of its own. Raises OSError."""

    def heartbeats(self, name: str) -> Iterable[tuple[int, int]]:
        """What a program wrote since its start, or since this was asked last."""

    def send(self, pid: int, number: int, *, group: bool = False) -> None:
        """Send a signal to a process, or to all of its group; nothing where it is gone."""

    def note(self, text: str) -> None:
        """Write a line into the supervisor's log."""


Rescue = Callable[[str, int], str]
"""Called with the name and the wait status of a program that died soon after its start: what was
done so that the next start may go better, '' where nothing was."""


class Stopping(Exception):  # noqa: N818 - a state, no fault
    """Everything is being stopped; nothing is started any more."""


class _Kept:
    """A program, and what has become of it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.watch = Watch(program.heartbeats)
        self.state = STOPPED
        self.pid: int | None = None
        self.begun = 0.0
        self.due: float | None = None
        """When its state goes on by itself."""

        self.again = False
        """Whether it starts as soon as it has ended."""

        self.told = ""
        """What is to be known of its last restart, until it is stopped."""

        self.fault = ""
        """Why it does not run."""

        self.failures = 0
        self.rescued = False


class Supervisor:
    """Keeps `programs`; the loop tells it who ended (`ended`), and that time passes (`tick`)."""

    def __init__(self, programs: Sequence[Program], machine: Machine, rescue: Rescue) -> None:
        ordered = sorted(programs, key=lambda program: program.rank)
        self._kept = {program.name: _Kept(program) for program in ordered}
        self._machine, self._rescue = machine, rescue
        self.stopping = False

    def begin(self) -> None:
        """Start what is for at once."""
        for kept in self._kept.values():
            if kept.program.at_once and not self.stopping:
                self._spawn(kept)

    @property
    def done(self) -> bool:
        """Whether everything was stopped, and has ended."""
        return self.stopping and not any(kept.pid for kept in self._kept.values())

    @property
    def due(self) -> float | None:
        """When `tick` has something to do, if nothing happens before."""
        return min((k.due for k in self._kept.values() if k.due is not None), default=None)

    def start(self, name: str) -> None:
        """Start a program: now, or when it has ended; nothing where it runs. Raises KeyError,
        Stopping."""
        if self.stopping:
            raise Stopping
        kept = self._kept[name]
        kept.again = kept.state == STOPPING
        if kept.pid is None:
            self._spawn(kept)

    def stop(self, name: str) -> None:
        """Ask a program to end; nothing where it does not run. Raises KeyError."""
        kept = self._kept[name]
        kept.again = False
        if kept.pid is None:
            self._rest(kept)
        elif kept.state != STOPPING:
            self._set(kept, STOPPING, kept.program.stop_patience_s)
            self._machine.send(kept.pid, kept.program.stop_signal)

    def stop_everything(self, why: str) -> None:
        """Stop all programs in order; `done` says when that is over."""
        if not self.stopping:
            self._machine.note(f"{why}: stopping")
        self.stopping = True
        for kept in self._kept.values():
            if kept.pid is None:
                self._rest(kept)
        self._stop_next()

    def ended(self, pid: int, status: int) -> None:
        """A process ended; `status` is what waitpid gave."""
        kept = next((one for one in self._kept.values() if one.pid == pid), None)
        if kept is None:
            return  # an orphan that came to us
        asked, lived_s, kept.pid = kept.state == STOPPING, self._machine.now() - kept.begun, None
        how = f"{kept.program.name} ({_how(status)})"
        self._machine.note(f"stopped: {how}" if asked else f"ended: {how}")
        if asked or self.stopping:
            self._rest(kept)
            if kept.again and not self.stopping:
                self._spawn(kept)
        elif lived_s >= STEADY_S:
            kept.failures, kept.rescued = 0, False
            self._spawn(kept)
        elif not kept.rescued and (said := self._rescue(kept.program.name, status)):
            kept.rescued = True
            self._machine.note(said)
            self._spawn(kept)
        else:
            self._failed(kept, f"it ended soon after its start ({_how(status)})")
        if self.stopping:
            self._stop_next()

    def tick(self) -> None:
        """Do what is due by now."""
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

    def listen(self) -> None:
        """Hear which programs are alive of those that say so, and end those that are deaf."""
        for kept in self._kept.values():
            running = kept.pid if kept.state in (STARTING, RUNNING) else None
            name = kept.program.name
            deaf = kept.watch.look(self._machine.now(), running, self._machine.heartbeats(name))
            if deaf is None or running is None:
                continue
            which = name if deaf.pid is None else f"process {deaf.place + 1} of {name}"
            kept.told = (
                f"{which} did not answer for {deaf.seconds:.0f} s and was restarted at "
                f"{self._machine.moment()}"
            )
            self._machine.note(kept.told)
            self._machine.send(deaf.pid or running, signal.SIGKILL, group=deaf.pid is None)

    def processes(self) -> list[dict[str, Any]]:
        """All programs, in the order of their starts, as ProcessState has them."""
        return [self._shown(kept) for kept in self._kept.values()]

    def _shown(self, kept: _Kept) -> dict[str, Any]:
        silent_s = kept.watch.longest_silence_s
        deaf = kept.state == RUNNING and silent_s >= DEAF_S / 3
        return {
            "name": kept.program.name,
            "state": DEAF if deaf else kept.state,
            "pid": kept.pid,
            "uptime_s": None if kept.pid is None else int(self._machine.now() - kept.begun),
            "reason": f"no answer for {silent_s:.0f} s" if deaf else kept.fault or kept.told,
            "failures": kept.failures,
        }

    def _set(self, kept: _Kept, state: str, for_s: float | None = None) -> None:
        kept.state = state
        kept.due = None if for_s is None else self._machine.now() + for_s

    def _rest(self, kept: _Kept) -> None:
        kept.told, kept.fault, kept.failures, kept.rescued = "", "", 0, False
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
        self._machine.note(f"{kept.program.name}: {reason}; again in {wait_s:.0f} s")
        self._set(kept, BACKOFF, wait_s)

    def _stop_next(self) -> None:
        """Ask those of the highest rank that still run."""
        alive = [kept.program for kept in self._kept.values() if kept.pid is not None]
        last = max((program.rank for program in alive), default=0)
        for program in alive:
            if program.rank == last:
                self.stop(program.name)


def _how(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        known = number in set(signal.Signals)
        return signal.Signals(number).name if known else f"signal {number}"
    return f"exit status {os.WEXITSTATUS(status)}"
