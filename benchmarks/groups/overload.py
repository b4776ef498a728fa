"""What a server answers of a load from a quarter to three times of what it can.

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
from collections.abc import Sequence
from datetime import UTC, datetime
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
STEPS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0)
SECONDS = 15.0
"""Of each step; --run-time."""

STUDENTS = 200
CONNECTIONS = 64
"""Of the measurement of capacity."""

FASTEST = 4000
"""Requests a second, above any capacity of two processors."""

GAME, HOME, BOARD = "game", "home", "board"
TURN = (GAME, GAME, HOME, GAME, GAME, BOARD, GAME, GAME, HOME, GAME)


class Requests:
    """Prepared requests. Each game is sent once; `ids` has those of requests that were served."""

    def __init__(self, students: Sequence[dict[str, str]]) -> None:
        self._students = students
        self._games = 1
        self.acknowledged: set[UUID] = set()

    def offered(self, port: int, *, rate: float | None, seconds: float) -> Offered:
        count = round((rate or FASTEST) * seconds * 1.2) + 100
        first, self._games = self._games, self._games + count
        found = open_loop.run(
            port,
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
        return found


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
    game = {**session(number), "session_id": str(UUID(int=number))}
    sent = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    body = json.dumps({"device_id": student["device_id"], "sent_at": sent, "sessions": [game]})
    return closed_loop.request("/api/v1/gameplay/sync", body.encode(), token=token)


def measure(options: Options) -> list[Figure]:
    seconds = options.run_time_s or SECONDS
    capacities: list[float] = []
    steps: dict[float, list[Offered]] = {step: [] for step in STEPS}
    with System.temporary() as system:
        system.environment["NEUROPLAY_SYNC_BURST"] = "0"
        system.start()
        system.wait_until_complete()
        requests = Requests(system.students(STUDENTS))
        requests.offered(system.port, rate=None, seconds=min(seconds, 3.0))  # warm-up
        _drained(system)
        for _ in range(options.runs):
            capacities.append(requests.offered(system.port, rate=None, seconds=seconds).goodput)
            _drained(system)
            for step in STEPS:
                found = requests.offered(system.port, rate=step * capacities[-1], seconds=seconds)
                steps[step].append(found)
                _note(f"{step:g} of {capacities[-1]:,.0f} requests/s: {_said(found)}")
                _drained(system)
        lost, twice = _books(system, requests.acknowledged)
    about = (
        f"{datetime.now(UTC):%Y-%m-%d}, commit {machine.described()['commit']}: "
        "python -m benchmarks overload"
    )
    PICTURE.write_text(drawn(capacities, steps, about))
    return figures(capacities, steps, lost=lost, twice=twice)


def figures(
    capacities: Sequence[float],
    steps: dict[float, list[Offered]],
    *,
    lost: int,
    twice: int,
) -> list[Figure]:
    found = [
        Figure(
            name=f"capacity: answered, {CONNECTIONS} connections without pauses",
            unit="req/s",
            values=tuple(capacities),
        )
    ]
    for step, runs in steps.items():
        good = tuple(one.goodput / most for one, most in zip(runs, capacities, strict=True))
        served = tuple(percentile(one.served_ms, 0.99) for one in runs)
        found += [
            Figure(
                name=f"{step:g} times: goodput, of capacity",
                unit="",
                aim=min(step, 1.0) * 0.9,
                more_is_better=True,
                values=good,
            ),
            Figure(
                name=f"{step:g} times: p99 of what is answered", unit="ms", aim=1000, values=served
            ),
            Figure(
                name=f"{step:g} times: p50",
                unit="ms",
                values=tuple(percentile(one.served_ms, 0.5) for one in runs),
            ),
            Figure(
                name=f"{step:g} times: refused",
                unit="%",
                values=tuple(100 * len(one.refused_ms) / one.sent for one in runs),
            ),
            Figure(
                name=f"{step:g} times: p99 of a refusal",
                unit="ms",
                aim=1000,
                values=tuple(percentile(one.refused_ms, 0.99) for one in runs),
            ),
            Figure(
                name=f"{step:g} times: failed",
                unit="",
                aim=0,
                values=tuple(float(one.failed) for one in runs),
            ),
        ]
    every = [one for runs in steps.values() for one in runs]
    return [
        *found,
        Figure(name="acknowledged games lost", unit="", aim=0, values=(float(lost),)),
        Figure(name="games counted twice", unit="", aim=0, values=(float(twice),)),
        Figure(
            name="client, share of one processor at most",
            unit="",
            values=(max(one.client_share for one in every),),
        ),
        Figure(
            name="client, p99 of its delay at most",
            unit="ms",
            values=(max(percentile(one.late_ms, 0.99) for one in every),),
        ),
    ]


def drawn(capacities: Sequence[float], steps: dict[float, list[Offered]], about: str) -> str:
    """Goodput and latency by what was offered; the mean of all runs."""

    def line(of: list[float]) -> list[tuple[float, float]]:
        return list(zip(steps, of, strict=True))

    good = [
        sum(one.goodput / most for one, most in zip(runs, capacities, strict=True)) / len(runs)
        for runs in steps.values()
    ]
    refused = [
        sum(
            len(one.refused_ms) / one.seconds / most
            for one, most in zip(runs, capacities, strict=True)
        )
        / len(runs)
        for runs in steps.values()
    ]

    def times(share: float) -> list[float]:
        return [
            sum(percentile(one.served_ms, share) for one in runs) / len(runs)
            for runs in steps.values()
        ]

    return picture(
        "More requests than can be answered",
        about,
        [
            Panel(
                name="of capacity, by what is offered in capacities",
                lines=[("answered", line(good)), ("refused in time", line(refused))],
            ),
            Panel(
                name="time of what is answered, ms",
                lines=[("p99", line(times(0.99))), ("p50", line(times(0.5)))],
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


def _drained(system: System) -> None:
    """Wait until the workers have processed everything."""
    while system.command("sync", "status")["pending"]:
        time.sleep(0.2)


def _said(found: Offered) -> str:
    return (
        f"{found.goodput:,.0f} answered, p50 {percentile(found.served_ms, 0.5):,.0f} ms, "
        f"p99 {percentile(found.served_ms, 0.99):,.0f} ms; {len(found.refused_ms):,} refused, "
        f"p99 {percentile(found.refused_ms, 0.99):,.0f} ms; {found.failed} failed; client "
        f"{found.client_share:.0%}, late {percentile(found.late_ms, 0.99):,.0f} ms"
    )


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
