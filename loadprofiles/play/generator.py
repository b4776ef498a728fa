"""The state of one generator process: its students, and what was recorded since the last look."""

from __future__ import annotations

import gc
import itertools
import math
import time
from typing import TYPE_CHECKING, Any

import gevent
import psutil
from gevent.event import Event

from loadprofiles.play.roster import Card
from loadprofiles.profiles import DEFAULT, PROFILES, Profile
from loadprofiles.record.ledger import Ledger
from loadprofiles.record.recorder import OWN_FAULT, Notes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PULSE_S = 0.05
"""How often the process looks whether it is late."""


class Generator:
    """Where the students of this process get their cards and leave what they saw.

    Process `index` of `of` plays every `of`-th card of the roster.
    """

    def __init__(self) -> None:
        self._be(PROFILES[DEFAULT])
        self.run_time_s = self.profile.run_time_s
        self.cards: Sequence[Card] = ()
        self.index, self.of = 0, 1
        self.notes, self.ledger = Notes(), Ledger()
        self.ramp_is_over = Event()
        self.backlogs = itertools.count()
        self.is_over = False
        """Every student of this process has stopped."""

        self._steady_from, self._steady_to = math.inf, math.inf
        self._next = 0
        self._pulse: Any = None
        self._process = psutil.Process()
        self._cpu_s, self._looked = self._cpu_time(), time.monotonic()

    def plan(self, order: Mapping[str, Any]) -> None:
        """Take the order of a run: `profile`, `run_time_s`, `cards`, `index`, `of`."""
        if self._pulse is not None:
            self._pulse.kill()
        self.__init__()  # type: ignore[misc] # a run begins with nothing noted
        self._be(PROFILES[order["profile"]])
        self.run_time_s = order["run_time_s"]
        self.cards = [Card(*card) for card in order["cards"]]
        self.index, self.of = order["index"], order["of"]
        self._pulse = gevent.spawn(self._feel_the_pulse)

    def _be(self, profile: Profile) -> None:
        self.profile = profile
        self.turns = list(profile.turns), list(itertools.accumulate(profile.turns.values()))
        """(kinds of turn, their shares summed up)."""

    def next_student(self) -> tuple[int, Card] | None:
        """A number in the roster and its card; None when there are no more."""
        number = self._next * self.of + self.index
        if number >= len(self.cards):
            return None
        self._next += 1
        return number, self.cards[number]

    @property
    def games_ahead(self) -> int:
        """How many games one student may finish in this run, at most."""
        turns = self.run_time_s / self.profile.think_s[0]
        sessions = self.profile.turns["backlog"] * self.profile.backlog[1] + 1
        return round(turns * sessions) + self.profile.backlog[1]

    def be_steady(self) -> None:
        """The ramp is over: requests that begin from now on count for the figures."""
        if self._steady_from == math.inf:
            self._steady_from = time.time()
            # To look 2,000 students through for garbage takes 80 ms, in which no answer is taken;
            # they stay until the end.
            gc.freeze()
        self.ramp_is_over.set()

    def stop(self) -> None:
        """Requests that begin from now on count no more."""
        self._steady_to = min(self._steady_to, time.time())

    def was_steady(self, moment: float) -> bool:
        """Whether a request counts that began at `moment` (time.time()). When it ended says
        nothing: the slowest ones end after the stop."""
        return self._steady_from <= moment < self._steady_to

    def fault(self, what: str) -> None:
        """Note that the load is not what it should be, which makes the run void."""
        errors, what = self.notes.errors, OWN_FAULT + what
        errors[what] = errors.get(what, 0) + 1

    def take(self) -> dict[str, Any]:
        """What was noted since the last time, for the one who judges."""
        cpu_s, now = self._cpu_time(), time.monotonic()
        self.notes.cpu_s, self.notes.wall_s = cpu_s - self._cpu_s, now - self._looked
        self._cpu_s, self._looked = cpu_s, now
        taken = {"notes": self.notes.to_wire(), "ledger": self.ledger.take()}
        self.notes = Notes()
        return taken

    def _cpu_time(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def _feel_the_pulse(self) -> None:
        """Note how much later than asked this process wakes up."""
        while True:
            asked = time.perf_counter() + PULSE_S
            gevent.sleep(PULSE_S)
            if self.was_steady(time.time()):
                self.notes.lateness.add(max(time.perf_counter() - asked, 0.0) * 1000)


GENERATOR = Generator()
"""Of this process."""
