"""The state of a run in the judging process, until its students have stopped.

The students play in this process, or in workers that report once a second. Their notes are merged
into one timeline row per step. Then `settling` compares the ledger, and `outcome` makes the
document.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import gevent
import psutil

from loadprofiles.judge.findings import Findings
from loadprofiles.judge.machine import sample_of
from loadprofiles.judge.speed import UNKNOWN, Speed
from loadprofiles.judge.verdict import GENERATOR_CPU
from loadprofiles.play.roster import Card
from loadprofiles.profiles import Profile
from loadprofiles.reach.server import Server
from loadprofiles.record.ledger import Ledger
from loadprofiles.record.recorder import Histogram, Notes
from loadprofiles.record.samples import Sample

READERS = 8
"""Connections of the judging process, in addition to those of the students."""

ROWS = 600
"""Approximate maximum of timeline rows."""


@dataclass
class Process:
    """One generator process, from its reports."""

    plays: bool = True
    """Whether it has students; a master has none."""

    beside: bool = False
    """Whether it runs on the same machine as the server."""

    cpu: float = 0.0
    """Share of one core in the last report."""

    memory: int = 0
    cpu_s: float = 0.0
    wall_s: float = 0.0
    looks: int = 0
    busy_looks: int = 0
    steady: Histogram = field(default_factory=Histogram)
    """Response times in the steady time."""


@dataclass(kw_only=True)
class Run:
    """A run against `host`. `tell` is called with its progress once a second.

    Times are seconds since the run began."""

    profile: Profile
    users: int
    run_time_s: float | None
    host: str
    cards: Sequence[Card]
    judged: str
    tell: Callable[[dict[str, Any]], None]
    user_count: Callable[[], int]
    chaos: str = ""
    speed: Speed = UNKNOWN

    began: float = field(default_factory=time.monotonic)
    began_at: float = field(default_factory=time.time)
    ramp_ended: float | None = None
    stopped: float | None = None
    most_users: int = 0
    lost_workers: int = 0
    interrupted: bool = False
    total: Notes = field(default_factory=Notes)
    ledger: Ledger = field(default_factory=Ledger)
    findings: Findings = field(default_factory=Findings)
    samples: list[Sample] = field(default_factory=list)
    timeline: list[dict[str, Any]] = field(default_factory=list)
    processes: dict[str, Process] = field(default_factory=dict)
    metrics_fault: str = ""
    last_delivered: float = 0.0
    drain_failed: bool = False

    def __post_init__(self) -> None:
        self.server = Server(self.host, connections=READERS)
        self._step = Notes()
        self._step_began = self.began
        self._watching = True
        gevent.spawn(self._watch)
        gevent.spawn(self._write_timeline)

    @property
    def now(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.began

    @property
    def phase(self) -> str:
        if self.stopped is not None:
            return "stopped"
        return "ramp" if self.ramp_ended is None else "steady"

    @property
    def steady(self) -> tuple[float, float] | None:
        """Begin and end of the steady time; None if the run did not get there."""
        if self.ramp_ended is None or self.stopped is None:
            return None
        return self.ramp_ended, self.stopped

    def ramp_is_over(self) -> None:
        if self.ramp_ended is None:
            self.ramp_ended = self.now

    def stop(self) -> None:
        if self.stopped is None:
            self.stopped = self.now

    def hear(self, name: str, report: Mapping[str, Any]) -> None:
        """Merge a report of the generator process `name`, see `Generator.take`."""
        notes = Notes.from_wire(report["notes"])
        process = self.processes.setdefault(name, Process())
        process.beside, process.memory = report["beside"], report["memory"]
        process.plays = report["plays"]
        if notes.wall_s > 0:
            process.cpu = notes.cpu_s / notes.wall_s
        if self.phase == "steady":
            process.cpu_s += notes.cpu_s
            process.wall_s += notes.wall_s
            process.looks += 1
            process.busy_looks += process.cpu > GENERATOR_CPU
        if notes.counts["delivered_backlogs"]:
            self.last_delivered = self.now
        process.steady.merge(notes.steady)
        self.total.merge(notes)
        self._step.merge(notes)
        self.ledger.merge(report["ledger"])

    def _watch(self) -> None:
        """Read /metrics at an interval that depends on the length of the run."""
        length = self.run_time_s or 600.0
        every = 1.0 if length <= 60 or self.profile.comes_back_within_s else 2.0
        every = 5.0 if length > 600 else every
        while self._watching:
            self.look()
            gevent.sleep(every)

    def look(self) -> Sample | None:
        """Read the server's /metrics; None if they cannot be read, with the reason in
        `metrics_fault`."""
        try:
            sample = sample_of(self.server, self.now)
        except (OSError, ValueError) as error:
            self.metrics_fault = str(error)
            return None
        self.samples.append(sample)
        return sample

    def _write_timeline(self) -> None:
        step_s = max(1.0, math.ceil((self.run_time_s or 0) / ROWS))
        while self._watching:
            gevent.sleep(1.0)
            self.most_users = max(self.most_users, self.user_count())
            if time.monotonic() - self._step_began >= step_s and self.stopped is None:
                self.timeline.append(self._row())
            if self.stopped is None:
                self.tell({"phase": self.phase, "run_time_s": self.run_time_s, **self.last_row()})

    def last_row(self) -> dict[str, Any]:
        return self.timeline[-1] if self.timeline else {"t": self.now}

    def _row(self) -> dict[str, Any]:
        step, took = self._step, time.monotonic() - self._step_began
        self._step, self._step_began = Notes(), time.monotonic()
        sample = self.samples[-1] if self.samples else None
        own_cpu, _ = self.own_share()
        cpu = None if sample is None or sample.cpu is None else max(sample.cpu - own_cpu, 0.0)
        return {
            "t": round(self.now, 1),
            "users": self.user_count(),
            "rps": round(step.counts["requests"] / took, 1),
            "failures": step.counts["failures"],
            **step.times.percentiles(),
            "queue": None if sample is None else sample.queue,
            "cpu": cpu,
            "memory": None if sample is None else sample.memory,
            "generator_cpu": max((one.cpu for one in self.processes.values()), default=None),
            "requests": self.total.counts["requests"],
            "failed": self.total.counts["failures"],
            "acknowledged": self.total.counts["sessions_sent"],
        }

    def own_share(self) -> tuple[float, float]:
        """Shares (CPU, memory) of the server's machine that the generator uses, 0 to 1."""
        beside = [one for one in self.processes.values() if one.beside]
        if not beside:
            return 0.0, 0.0
        cpu = self.of_reported_cpu(sum(one.cpu for one in beside))
        memory = sum(one.memory for one in beside) / psutil.virtual_memory().total
        return cpu, memory

    def of_reported_cpu(self, cores: float) -> float:
        """The share that so many busy cores of generators are of the CPU usage that the server
        reports. None of it if that is the usage of a quota, which need not include them."""
        own = os.cpu_count() or 1
        told = (one.processors for one in reversed(self.samples) if one.processors is not None)
        return cores / own if next(told, own) >= own else 0.0

    def watch_no_more(self) -> None:
        self._watching = False
