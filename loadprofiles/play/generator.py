"""The state of one generator process: its students, and its notes since the last report."""

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

LATENESS_INTERVAL_S = 0.05
"""Interval at which the process measures its lateness."""


class Generator:
    """Gives the students of this process their cards and collects their notes.

    Process `index` of `of` plays every `of`-th card of the roster.
    """

    def __init__(self) -> None:
        self._set_profile(PROFILES[DEFAULT])
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
        self._measuring: Any = None
        self._process = psutil.Process()
        self._cpu_s, self._looked = self._cpu_time(), time.monotonic()

    def plan(self, order: Mapping[str, Any]) -> None:
        """Prepare a run from its order: `profile`, `run_time_s`, `cards`, `index`, `of`."""
        if self._measuring is not None:
            self._measuring.kill()
        self.__init__()  # type: ignore[misc] # drops the notes of an earlier run
        self._set_profile(PROFILES[order["profile"]])
        self.run_time_s = order["run_time_s"]
        self.cards = [Card(*card) for card in order["cards"]]
        self.index, self.of = order["index"], order["of"]
        self._measuring = gevent.spawn(self._measure_lateness)

    def _set_profile(self, profile: Profile) -> None:
        self.profile = profile
        self.turns = list(profile.turns), list(itertools.accumulate(profile.turns.values()))
        """(kinds of turn, their cumulative shares)."""

    def next_student(self) -> tuple[int, Card] | None:
        """Index in the roster, and the card there; None if no card is left."""
        number = self._next * self.of + self.index
        if number >= len(self.cards):
            return None
        self._next += 1
        return number, self.cards[number]

    @property
    def games_ahead(self) -> int:
        """Maximum number of games that one student may finish in this run."""
        turns = self.run_time_s / self.profile.think_s[0]
        sessions = self.profile.turns["backlog"] * self.profile.backlog[1] + 1
        return round(turns * sessions) + self.profile.backlog[1]

    def be_steady(self) -> None:
        """The ramp is over: requests that start from now on count for the figures."""
        if self._steady_from == math.inf:
            self._steady_from = time.time()
            # Collecting garbage among 2,000 students takes 80 ms, in which no response is read.
            # They live until the end of the run anyway.
            gc.freeze()
        self.ramp_is_over.set()

    def stop(self) -> None:
        """Requests that start from now on no longer count."""
        self._steady_to = min(self._steady_to, time.time())

    def was_steady(self, moment: float) -> bool:
        """Whether a request that started at `moment` (time.time()) counts. The start decides, since
        the slowest requests end after the stop."""
        return self._steady_from <= moment < self._steady_to

    def fault(self, what: str) -> None:
        """Note an error of the generator, which makes the run void."""
        errors, what = self.notes.errors, OWN_FAULT + what
        errors[what] = errors.get(what, 0) + 1

    def take(self) -> dict[str, Any]:
        """The notes and the ledger since the last call, for the judging process."""
        cpu_s, now = self._cpu_time(), time.monotonic()
        self.notes.cpu_s, self.notes.wall_s = cpu_s - self._cpu_s, now - self._looked
        self._cpu_s, self._looked = cpu_s, now
        taken = {"notes": self.notes.to_wire(), "ledger": self.ledger.take()}
        self.notes = Notes()
        return taken

    def _cpu_time(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def _measure_lateness(self) -> None:
        """Record by how many milliseconds a timer of this process is late."""
        while True:
            due = time.perf_counter() + LATENESS_INTERVAL_S
            gevent.sleep(LATENESS_INTERVAL_S)
            if self.was_steady(time.time()):
                self.notes.lateness.add(max(time.perf_counter() - due, 0.0) * 1000)


GENERATOR = Generator()
"""The generator of this process."""
