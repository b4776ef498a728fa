"""What a server answers of a load from a quarter to four times of what it can.

Requests are those of children at play: seven in ten send a finished game, two load the home page,
one the leaderboard. First 64 connections without a pause show what the server can answer. Then each
step offers a share of that at random moments, whether or not earlier requests were answered, and
asks nothing again that was refused. Workers process the games meanwhile. At the end, every game
that was acknowledged must be stored and counted once.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from uuid import UUID

from benchmarks.groups.sync import session
from benchmarks.harness import closed_loop, machine, open_loop
from benchmarks.harness.figures import Figure
from benchmarks.harness.open_loop import Offered, percentile
from benchmarks.harness.options import Options
from benchmarks.harness.picture import Panel, picture
from benchmarks.harness.place import ROOT
from benchmarks.harness.system import System

PICTURE = ROOT / "docs" / "images" / "overload.svg"
STEPS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0)
SECONDS = 15.0
"""Of each step; --run-time."""

STUDENTS = 200
CONNECTIONS = 64
"""Of the measurement of capacity."""

FASTEST = 4000
"""Requests a second, above any capacity of two processors."""

GAME, HOME, BOARD = "game", "home", "board"
TURN = (GAME, GAME, HOME, GAME, GAME, BOARD, GAME, GAME, HOME, GAME)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What became of the requests, and the processor time of all servers meanwhile, until the games
    were processed."""

    offered: Offered
    capacity: float
    cpu_s: float

    @property
    def goodput(self) -> float:
        """Of capacity."""
        return self.offered.goodput / self.capacity

    @property
    def refused(self) -> float:
        """Requests a second, of capacity."""
        return len(self.offered.refused_ms) / self.offered.seconds / self.capacity

    @property
    def cpu_ms(self) -> float:
        """For each request that was answered."""
        return 1000 * self.cpu_s / max(len(self.offered.served), 1)


class Load:
    """Offers prepared requests to a system. Each game is sent once; `acknowledged` has the ids of
    those with a receipt."""

    def __init__(self, system: System) -> None:
        self._system, self._students = system, system.students(STUDENTS)
        self._games = 1
        self.acknowledged: set[UUID] = set()

    def capacity(self, seconds: float) -> float:
        found, _ = self._offered(rate=None, seconds=seconds)
        return found.goodput

    def step(self, share: float, capacity: float, seconds: float) -> Step:
        found, cpu_s = self._offered(rate=share * capacity, seconds=seconds)
        return Step(offered=found, capacity=capacity, cpu_s=cpu_s)

    def _offered(self, *, rate: float | None, seconds: float) -> tuple[Offered, float]:
        """What became of it, and the servers' processor time until nothing is pending."""
        before = self._system.cpu_s()
        count = round((rate or FASTEST) * seconds * 1.2) + 100
        first, self._games = self._games, self._games + count
        found = open_loop.run(
            self._system.port,
            prepared,
            self._students,
            first,
            count,
            wanted=is_wanted,
            rate=rate,
            seconds=seconds,
            connections=CONNECTIONS if rate is None else open_loop.OPEN,
        )
        self.acknowledged.update(
            UUID(int=first + number) for number in found.served if TURN[number % len(TURN)] == GAME
        )
        while self._system.command("sync", "status")["pending"]:
            time.sleep(0.2)
        return found, self._system.cpu_s() - before


def is_wanted(answer: bytes) -> bool:
    """Whether a page came, or the receipt for a game."""
    return answer.startswith(b"HTTP/1.1 200 ") or (
        answer.startswith(b"HTTP/1.1 202 ") and b'"accepted"' in answer
    )


def prepared(students: Sequence[dict[str, str]], first: int, count: int) -> list[bytes]:
    """`count` requests of these students in turn, with games number `first` and following."""
    return [
        _request(students[number % len(students)], TURN[number % len(TURN)], first + number)
        for number in range(count)
    ]


def _request(student: dict[str, str], kind: str, number: int) -> bytes:
    token = student["token"]
    if kind != GAME:
        path = "/api/v1/me" if kind == HOME else "/api/v1/leaderboards/cyber_runner"
        return (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"
        ).encode()
    game = session(number // STUDENTS)  # each student's next one ends 200 s later
    game |= {"session_id": str(UUID(int=number)), "metadata": {"difficulty": 2, "seed": number}}
    sent = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    body = json.dumps({"device_id": student["device_id"], "sent_at": sent, "sessions": [game]})
    return closed_loop.request("/api/v1/gameplay/sync", body.encode(), token=token)


def measure(options: Options) -> list[Figure]:
    seconds = options.run_time_s or SECONDS
    steps: dict[float, list[Step]] = {share: [] for share in STEPS}
    with System.temporary() as system:
        system.environment["NEUROPLAY_SYNC_BURST"] = "0"
        system.start()
        system.wait_until_complete()
        load = Load(system)
        load.capacity(min(seconds, 3.0))  # warm-up
        for _ in range(options.runs):
            capacity = load.capacity(seconds)
            for share, found in steps.items():
                found.append(load.step(share, capacity, seconds))
                _note(f"{share:g} of {capacity:,.0f} requests/s: {_said(found[-1])}")
        lost, twice = _books(system, load.acknowledged)
    about = (
        f"{datetime.now(UTC):%Y-%m-%d}, commit {machine.described()['commit']}: "
        "python -m benchmarks overload"
    )
    PICTURE.write_text(drawn(steps, about))
    return figures(steps, lost=lost, twice=twice)


def figures(steps: Mapping[float, Sequence[Step]], *, lost: int, twice: int) -> list[Figure]:
    runs = [run for found in steps.values() for run in found]
    capacities = [run.capacity for run in next(iter(steps.values()))]
    return [
        Figure(
            name=f"capacity: answered, {CONNECTIONS} connections without pauses",
            unit="req/s",
            values=tuple(capacities),
        ),
        *(figure for share, found in steps.items() for figure in _figures(share, found)),
        Figure(name="acknowledged games lost", unit="", aim=0, values=(float(lost),)),
        Figure(name="games counted twice", unit="", aim=0, values=(float(twice),)),
        Figure(
            name="client, share of one processor at most",
            unit="",
            values=(max(run.offered.client_share for run in runs),),
        ),
        Figure(
            name="client, p99 of its delay at most",
            unit="ms",
            values=(max(percentile(run.offered.late_ms, 0.99) for run in runs),),
        ),
    ]


def _figures(share: float, runs: Sequence[Step]) -> Iterator[Figure]:
    def figure(
        name: str, unit: str, of: Callable[[Step], float], aim: float | None = None
    ) -> Figure:
        values = tuple(of(run) for run in runs)
        return Figure(name=f"{share:g} times: {name}", unit=unit, values=values, aim=aim)

    yield Figure(
        name=f"{share:g} times: answered, of capacity",
        unit="",
        aim=min(share, 1.0) * 0.9,
        more_is_better=True,
        values=tuple(run.goodput for run in runs),
    )
    yield figure("p50", "ms", lambda run: percentile(run.offered.served_ms, 0.5))
    yield figure("p99", "ms", lambda run: percentile(run.offered.served_ms, 0.99), 1000)
    yield figure(
        "refused", "%", lambda run: 100 * len(run.offered.refused_ms) / max(run.offered.sent, 1)
    )
    yield figure(
        "p99 of a refusal", "ms", lambda run: percentile(run.offered.refused_ms, 0.99), 1000
    )
    yield figure("failed", "", lambda run: float(run.offered.failed), 0)
    yield figure("CPU of all servers for each answered", "ms", lambda run: run.cpu_ms)


def drawn(steps: Mapping[float, Sequence[Step]], about: str) -> str:
    """What was answered and how fast, by what was offered; the median of all runs."""

    def line(of: Callable[[Step], float]) -> list[tuple[float, float]]:
        return [(share, median(of(run) for run in runs)) for share, runs in steps.items()]

    return picture(
        "More requests than can be answered",
        about,
        [
            Panel(
                name="of capacity, by what is offered in capacities",
                lines=[
                    ("answered", line(lambda run: run.goodput)),
                    ("refused in time", line(lambda run: run.refused)),
                ],
            ),
            Panel(
                name="time of what is answered, ms",
                lines=[
                    ("p99", line(lambda run: percentile(run.offered.served_ms, 0.99))),
                    ("p50", line(lambda run: percentile(run.offered.served_ms, 0.5))),
                ],
            ),
        ],
    )


def _books(system: System, acknowledged: set[UUID]) -> tuple[int, int]:
    """How many acknowledged games are not stored, and how many games were counted again."""
    import psycopg2

    from neuroplay.config import load_settings

    connection = psycopg2.connect(
        host=str(load_settings(home=system.home).runtime_dir / "pg"),
        user="neuroplay",
        dbname="neuroplay",
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT session_id FROM game_sessions")
            stored = [UUID(one) for (one,) in cursor]
            cursor.execute("SELECT coalesce(sum(sessions), 0) FROM students")
            ((counted,),) = cursor.fetchall()
    finally:
        connection.close()
    return len(acknowledged - set(stored)), abs(int(counted) - len(stored))


def _said(step: Step) -> str:
    found = step.offered
    return (
        f"{found.goodput:,.0f} answered, p50 {percentile(found.served_ms, 0.5):,.0f} ms, "
        f"p99 {percentile(found.served_ms, 0.99):,.0f} ms; {len(found.refused_ms):,} refused, "
        f"p99 {percentile(found.refused_ms, 0.99):,.0f} ms; {found.failed} failed; "
        f"CPU {step.cpu_ms:.2f} ms; client {found.client_share:.0%}, "
        f"late {percentile(found.late_ms, 0.99):,.0f} ms"
    )


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
