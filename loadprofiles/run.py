"""One run from its first student to its verdict, seen from the process that judges.

The students play in this process, or in workers that report here once a second. What all of them
noted becomes a row of the timeline a step; at the end the queue drains, the ledger is held against
what is stored, and the figures are judged.
"""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from uuid import uuid4

import gevent
import psutil
from gevent.pool import Pool

from loadprofiles.generator import OWN_FAULT
from loadprofiles.ledger import Findings, Ledger, examine
from loadprofiles.profiles import Profile
from loadprofiles.recorder import Notes
from loadprofiles.roster import Card
from loadprofiles.samples import Sample, highest, longest_unseen, mean, read_sample
from loadprofiles.server import Server, is_this_machine
from loadprofiles.verdict import GENERATOR_CPU, generator_faults, judge

PAGE = 200
READERS = 8
DRAIN_PATIENCE_S = 300.0
ROWS = 600
"""The timeline has about so many rows at most."""

TOKEN = "NEUROPLAY_OPS_TOKEN"  # noqa: S105 - the name of a variable


@dataclass
class Process:
    """One generator process, as its reports tell."""

    plays: bool = True
    """Whether it has students; the one who only judges has none."""

    beside: bool = False
    """Whether it runs on the server's machine."""

    cpu: float = 0.0
    """Share of one processor, at the last look."""

    memory: int = 0
    cpu_s: float = 0.0
    wall_s: float = 0.0
    looks: int = 0
    busy_looks: int = 0


@dataclass(kw_only=True)
class Run:
    """A run against `host`; `tell` hears how it goes, once a second."""

    profile: Profile
    users: int
    run_time_s: float | None
    host: str
    cards: Sequence[Card]
    judged: str
    tell: Callable[[dict[str, Any]], None]
    user_count: Callable[[], int]
    chaos: str = ""

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
    drained_at: float | None = None
    drain_failed: bool = False

    def __post_init__(self) -> None:
        self._server = Server(self.host, connections=READERS)
        self._step = Notes()
        self._step_began = self.began
        self._beside = is_this_machine(self.host)
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

    # While it runs

    def ramp_is_over(self) -> None:
        if self.ramp_ended is None:
            self.ramp_ended = self.now

    def stop(self) -> None:
        if self.stopped is None:
            self.stopped = self.now

    def hear(self, name: str, told: Mapping[str, Any]) -> None:
        """Take in what the generator process `name` noted since its last report."""
        notes = Notes.from_wire(told["notes"])
        process = self.processes.setdefault(name, Process())
        process.beside, process.memory = told["beside"], told["memory"]
        process.plays = told["plays"]
        if notes.wall_s > 0:
            process.cpu = notes.cpu_s / notes.wall_s
        if self.phase == "steady":
            process.cpu_s += notes.cpu_s
            process.wall_s += notes.wall_s
            process.looks += 1
            process.busy_looks += process.cpu > GENERATOR_CPU
        if notes.counts["delivered_backlogs"]:
            self.last_delivered = self.now
        self.total.merge(notes)
        self._step.merge(notes)
        self.ledger.merge(told["ledger"])

    def _watch(self) -> None:
        """Look at the server's /metrics as often as the run is worth it."""
        length = self.run_time_s or 600.0
        every = 1.0 if length <= 60 or self.profile.comes_back_within_s else 2.0
        every = 5.0 if length > 600 else every
        while self._watching:
            self.look()
            gevent.sleep(every)

    def look(self) -> Sample | None:
        """One look at the server's /metrics."""
        try:
            status, text = self._server.ask("GET", "/metrics", token=os.environ.get(TOKEN, ""))
            if status != 200:
                raise OSError(f"/metrics answered HTTP {status}")
            sample = read_sample(self.now, text.decode())
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
            "p50_ms": step.times.percentile(0.5),
            "p95_ms": step.times.percentile(0.95),
            "p99_ms": step.times.percentile(0.99),
            "queue": None if sample is None else sample.queue,
            "cpu": cpu,
            "memory": None if sample is None else sample.memory,
            "generator_cpu": max((one.cpu for one in self.processes.values()), default=None),
            "requests": self.total.counts["requests"],
            "failed": self.total.counts["failures"],
            "acknowledged": self.total.counts["sessions_sent"],
        }

    def own_share(self) -> tuple[float, float]:
        """(CPU, memory) of the server's machine that the load itself takes, 0 to 1."""
        beside = [one for one in self.processes.values() if one.beside]
        if not beside:
            return 0.0, 0.0
        cpu = sum(one.cpu for one in beside) / (os.cpu_count() or 1)
        memory = sum(one.memory for one in beside) / psutil.virtual_memory().total
        return cpu, memory

    # After it

    def settle(self) -> None:
        """Wait until nothing is pending, then hold the ledger against what is stored."""
        self._drain()
        self._watching = False
        self._examine()

    def _drain(self) -> None:
        deadline = time.monotonic() + DRAIN_PATIENCE_S
        while time.monotonic() < deadline:
            sample = self.look()
            if sample is None or sample.queue is None:
                return  # the students' own pages will tell
            if sample.queue == 0:
                self.drained_at = sample.at
                return
            self.tell({"phase": "draining", "queue": sample.queue, "t": self.now})
            gevent.sleep(0.5)
        self.drain_failed = True

    def _examine(self) -> None:
        students = self.ledger.students()
        deadline = time.monotonic() + DRAIN_PATIENCE_S
        looked = Pool(READERS).imap_unordered(
            lambda one: self._examine_one(one, deadline), students
        )
        for done, _ in enumerate(looked, start=1):
            if done % 50 == 0 or done == len(students):
                self.tell(
                    {"phase": "ledger", "done": done, "students": len(students), "t": self.now}
                )

    def _examine_one(self, student: int, deadline: float) -> None:
        """Read again what still waits or does not agree: a page is not read at one moment."""
        tries, device_id = 0, str(uuid4())
        while True:
            found = Findings()
            try:
                progress, sessions = self._read(self.cards[student], device_id)
            except (OSError, KeyError, TypeError) as error:
                found.unread = 1
                found.wrong(f"student {student}: {error}")
            else:
                examine(found, student, self.ledger.of(student), progress, sessions)
            tries += 1
            patient = time.monotonic() < deadline and (found.waiting or tries < 3)
            if not patient or not (
                found.waiting or found.lost or found.counted_twice or found.unread
            ):
                break
            gevent.sleep(0.5)
        self.findings.add(found)

    def _read(self, card: Card, device_id: str) -> tuple[Any, list[Any]]:
        """(GET /me, every page of GET /me/sessions) of one student."""
        signed_in = self._server.document(
            "POST", "/api/v1/sign-in", body={**card._asdict(), "device_id": device_id}
        )
        token, sessions, cursor = signed_in["token"], [], None
        while True:
            after = f"&cursor={cursor}" if cursor else ""
            page = self._server.document(
                "GET", f"/api/v1/me/sessions?limit={PAGE}{after}", token=token
            )
            sessions.extend(page["sessions"])
            cursor = page["next"]
            if cursor is None:
                break
        return self._server.document("GET", "/api/v1/me", token=token), sessions

    # The end

    def result(self) -> dict[str, Any]:
        """The judged run as one document, which docs/load.md describes."""
        figures = self.figures()
        verdict = judge(
            self.profile,
            self.users,
            figures,
            judged=self.judged,
            void=self._void(figures),
            notes=self._faults(),
        )
        found = self.findings
        return {
            "profile": self.profile.name,
            "verdict": verdict.verdict,
            "reasons": list(verdict.reasons),
            "judged": self.judged,
            "chaos": self.chaos or None,
            "host": self.host,
            "began_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.began_at)),
            "users": self.users,
            "profile_users": self.profile.users,
            "run_time_s": self.run_time_s,
            "ramp_s": None if self.ramp_ended is None else round(self.ramp_ended, 1),
            "figures": dict(figures),
            "thresholds": [
                {
                    "name": row.threshold.name,
                    "limit": row.threshold.limit,
                    "sense": row.threshold.sense,
                    "value": row.value,
                    "ok": row.status in ("ok", "warn"),
                    "status": row.status,
                    "note": row.threshold.note,
                }
                for row in verdict.thresholds
            ],
            "sessions": {
                "acknowledged": found.acknowledged,
                "stored": found.stored,
                "lost": found.lost,
                "counted_twice": found.counted_twice,
                "duplicates_sent": self.total.counts["duplicates_sent"],
                "connections_dropped": self.total.counts["dropped_connections"],
            },
            "endpoints": [
                {
                    "name": name,
                    "requests": count,
                    "failures": failures,
                    "p50_ms": times.percentile(0.5),
                    "p95_ms": times.percentile(0.95),
                    "p99_ms": times.percentile(0.99),
                }
                for name, (count, failures, times) in sorted(self.total.by_name.items())
            ],
            "errors": dict(sorted(self.total.errors.items(), key=lambda item: -item[1])),
            "generator": _generator(),
            "timeline": self.timeline,
        }

    def figures(self) -> dict[str, Any]:
        counts, steady = self.total.counts, self.total.steady
        took = 0.0
        if self.ramp_ended is not None and self.stopped is not None:
            took = self.stopped - self.ramp_ended
        seen = counts["steady_requests"]
        looks = [
            one
            for one in self.samples
            if self.ramp_ended is not None
            and self.stopped is not None
            and self.ramp_ended <= one.at <= self.stopped
        ]
        cpu, memory = mean(one.cpu for one in looks), highest(one.memory for one in looks)
        own_cpu, own_memory = self._own_steady_share()
        known = self.findings.acknowledged > 0 and not self.findings.unread
        return {
            "steady_s": round(took, 1),
            "requests": counts["requests"],
            "failures": counts["failures"],
            "steady_requests": seen,
            "rps": seen / took if seen and took else None,
            "failure_rate": _failure_rate(counts),
            "avg_ms": steady.mean(),
            "p50_ms": steady.percentile(0.5),
            "p95_ms": steady.percentile(0.95),
            "p99_ms": steady.percentile(0.99),
            "max_ms": steady.percentile(1.0),
            "cpu": None if cpu is None else max(cpu - own_cpu, 0.0),
            "cpu_with_generator": cpu,
            "generator_cpu_share": own_cpu,
            "memory": None if memory is None else max(memory - own_memory, 0.0),
            "generator_memory_share": own_memory,
            "queue": highest(one.queue for one in looks),
            "samples": len(looks),
            "unseen_s": longest_unseen(looks, self.ramp_ended, self.stopped)
            if self.ramp_ended is not None and self.stopped is not None
            else None,
            "generator_cpu": self._busiest(),
            "generator_late_ms": self.total.lateness.mean(),
            "generator_late_p99_ms": self.total.lateness.percentile(0.99),
            "generator_processes": sum(one.plays for one in self.processes.values()),
            "drained_s": self._drained_s(),
            "undelivered": self.users - counts["delivered_backlogs"]
            if self.profile.comes_back_within_s is not None
            else None,
            "lost": self.findings.lost if known or self.findings.lost else None,
            "counted_twice": self.findings.counted_twice
            if known or self.findings.counted_twice
            else None,
        }

    def _drained_s(self) -> float | None:
        """From when the last tablet came back until nothing was pending."""
        within = self.profile.comes_back_within_s
        if within is None or self.ramp_ended is None:
            return None
        back = self.ramp_ended + within
        since = max(back, self.last_delivered)
        empty = [one.at for one in self.samples if one.queue == 0 and one.at >= since]
        return round(max(min(empty) - back, 0.0), 1) if empty else None

    def _own_steady_share(self) -> tuple[float, float]:
        beside = [one for one in self.processes.values() if one.beside and one.wall_s]
        cpu = sum(one.cpu_s / one.wall_s for one in beside) / (os.cpu_count() or 1)
        return cpu, self.own_share()[1]

    def _busiest(self) -> float | None:
        return max(
            (one.cpu_s / one.wall_s for one in self.processes.values() if one.wall_s), default=None
        )

    def _void(self, figures: Mapping[str, Any]) -> list[str]:
        """Why this was no measurement."""
        reasons = self._generator_faults(figures)
        reasons += [one for one in self.total.errors if one.startswith(OWN_FAULT)]
        if self.lost_workers:
            reasons.append(f"{self.lost_workers} of the load generator's workers went away")
        elif self.interrupted:
            reasons.append(f"it was stopped by hand after {self.stopped or self.now:.0f} s")
        elif self.most_users < self.users:
            reasons.append(f"only {self.most_users} of {self.users} students ever played")
        return reasons

    def _generator_faults(self, figures: Mapping[str, Any]) -> list[str]:
        busy = max(
            (one.busy_looks / one.looks for one in self.processes.values() if one.looks),
            default=0.0,
        )
        mean_ms, p99_ms = figures["generator_late_ms"], figures["generator_late_p99_ms"]
        if self.judged != "all" and None not in (mean_ms, p99_ms):
            # A late generator measures times that are not the server's; of what is stored, and of
            # what failed, it tells all the same.
            mean_ms = p99_ms = 0.0
        return generator_faults(figures["generator_cpu"], busy, mean_ms, p99_ms)

    def _faults(self) -> list[str]:
        """Reasons to fail that are no threshold's own."""
        faults, found = [], self.findings
        if not self.total.counts["requests"]:
            faults.append("not one request was made")
        elif not self.total.counts["steady_requests"]:
            faults.append("no request was made after the ramp: let it run for longer")
        if not self.samples and self.judged == "all":
            faults.append(f"the server's CPU, memory and queue are unknown: {self.metrics_fault}")
        if refused := self.total.counts["sessions_refused"]:
            faults.append(f"{refused} sessions were refused, of games that were played fairly")
        if self.drain_failed or found.waiting:
            faults.append(
                f"the queue was not drained {DRAIN_PATIENCE_S:.0f} s after the stop: "
                f"{found.waiting} acknowledged sessions still wait"
            )
        return [*faults, *found.faults()]


def _failure_rate(counts: Mapping[str, int]) -> float | None:
    """Of all requests, or of the steady time's where more of those failed: a ramp without a
    failure does not thin out those that came after it."""
    kinds = (("failures", "requests"), ("steady_failures", "steady_requests"))
    shares = [counts[failed] / counts[all_] for failed, all_ in kinds if counts[all_]]
    return max(shares, default=None)


def _generator() -> dict[str, Any]:
    """The machine and the versions that made the load."""
    return {
        "machine": f"{psutil.cpu_count()} cores, "
        f"{psutil.virtual_memory().total / 2**30:.0f} GiB, {platform.system()} "
        f"{platform.release()}",
        "python": platform.python_version(),
        "locust": _version("locust"),
        "neuroplay": _version("neuroplay"),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
