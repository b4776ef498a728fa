"""What a request costs while a pass of retention is going on.

A whole system with a large number of old sessions. A child's page and syncs of five sessions are
asked at a steady pace, which leaves the processors idle for most of the time. Meanwhile the
worker's own retention task works or not, in turns. It is sent as often as beat sends it.

NEUROPLAY_BENCH_ROWS sets the number of old sessions (default 1,000,000), NEUROPLAY_BENCH_TASK_S
another interval of the task.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2

from benchmarks.groups.pipeline import ROWS
from benchmarks.groups.sync import session
from benchmarks.harness import closed_loop
from benchmarks.harness.figures import Figure, seconds
from benchmarks.harness.options import Options
from benchmarks.harness.system import System, program_name
from neuroplay.worker.schedule import RETAIN_EVERY_S

CHILDREN = 32
"""Those who send. They have as many old sessions as the others."""

OTHERS = 468
KINDS = ("/me", "sync of 5")
PACE = 10
"""Requests a second, of both kinds in turn. With many more a busy machine always has something to
drain, and retention waits for that: it would cost nothing, and be measured by nothing."""

TURN_S = 12.0
PAIRS = 5
"""Turns with retention in a run, and as many without: other programs then disturb both alike."""

REQUESTS = round(2 * PAIRS * TURN_S * PACE)
"""In a run."""

SETTLING_S = 0.3
"""Requests in the beginning of a turn are not counted: the turn before may have delayed them."""

BATCH = 5
TASK_EVERY_S = float(os.environ.get("NEUROPLAY_BENCH_TASK_S", RETAIN_EVERY_S))

AIM = 1.05

FILL = f"""
SET statement_timeout = 0;
SET synchronous_commit = off;
INSERT INTO students (class_id, nickname, avatar)
SELECT min(class_id), 'n' || n, 'fox' FROM classes, generate_series(1, {OTHERS}) AS n GROUP BY n;
CREATE TEMPORARY TABLE old AS
SELECT gen_random_uuid() AS id, first + mod(n, {CHILDREN + OTHERS}) AS student,
       now() - interval '100 days' - n * interval '80 s' AS at
  FROM (SELECT min(student_id) AS first FROM students), generate_series(1, {ROWS}) AS n;
INSERT INTO game_sessions (session_id, student_id, game_type, game_version, score, duration,
                           accuracy, completed, difficulty, started_at, ended_at,
                           utc_offset_minutes, xp_gained, rating, verdict, verify_due_at, stored_at)
SELECT id, student, 'cyber_runner', '2', 300, 125, 0.8, true, 2, at - interval '125 s', at, 0, 30,
       'good', 'verified', NULL, at
  FROM old;
INSERT INTO sync_inbox (session_id, student_id, device_id, state, payload, payload_hash,
                        clock_shift_s, received_at, attempts, due_at, processed_at, release)
SELECT id, student, md5(student::text)::uuid, 'processed',
       jsonb_build_object(
           'session_id', id, 'game_type', 'cyber_runner', 'game_version', '2', 'score', 300,
           'duration', 125, 'accuracy', 0.8, 'completed', true, 'ended_at', at,
           'metadata', jsonb_build_object('difficulty', 2, 'seed', student, 'trace', trace)),
       sha256(uuid_send(id)), 0.2, at, 1, at, at, '2.5.0'
  FROM old, (SELECT jsonb_agg(k * k % 907) AS trace FROM generate_series(1, 105) AS k);
DROP TABLE old;
ANALYZE;
"""  # noqa: S608 - constants
# A session every 80 s: 1,000,000 go back two and a half years, so that some are folded, too.

_ON = "UPDATE retention_pass SET began_at = now()"
_OFF = "UPDATE retention_pass SET began_at = NULL, whole_since = now()"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request: when it was sent, by time.perf_counter(), which all processes share."""

    at: float
    kind: str
    took_ms: float


@dataclass(frozen=True, kw_only=True)
class Turn:
    """`api_cpu_s` is the processor time of the API meanwhile."""

    on: bool
    began: float
    ended: float
    api_cpu_s: float


@dataclass(frozen=True, kw_only=True)
class Run:
    asked: Sequence[Asked]
    turns: Sequence[Turn]
    removed: int

    def percentile_ms(self, kind: str, share: float, *, on: bool) -> float:
        """Of all turns together."""
        times = sorted(
            one.took_ms
            for one in self.asked
            if one.kind == kind
            and any(
                turn.on is on and turn.began + SETTLING_S <= one.at < turn.ended
                for turn in self.turns
            )
        )
        return times[min(int(len(times) * share), len(times) - 1)]

    def api_cpu_ms(self, *, on: bool) -> float:
        turns = [turn for turn in self.turns if turn.on is on]
        count = sum(turn.began <= one.at < turn.ended for one in self.asked for turn in turns)
        return sum(turn.api_cpu_s for turn in turns) * 1000 / count


def measure(options: Options) -> list[Figure]:
    """Raises RuntimeError if a run removed nothing or ended the pass."""
    runs = []
    with System.temporary() as system:
        system.environment["NEUROPLAY_SYNC_BURST"] = "0"
        system.start()
        system.wait_until_complete()
        students = system.students(CHILDREN)
        with Retention(system) as retention:
            filled_s = seconds(retention.fill)
            _note(f"{ROWS:,} old sessions were made in {filled_s:.0f} s")
            for number in range(options.runs + 1):
                run = _run(system, retention, students, first=number * REQUESTS)
                _note(f"run {number}: {run.removed:,} sessions removed")
                if number:  # the first one warms up
                    runs.append(run)
    return _figures(runs)


def _run(
    system: System, retention: Retention, students: Sequence[dict[str, str]], *, first: int
) -> Run:
    before = retention.removed()
    turns: list[Turn] = []
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        asking = pool.apply_async(ask_steadily, (system.port, students, first))
        while not asking.ready():
            on = len(turns) % 2 == 1
            with retention.turned(on):
                began, cpu_s = time.perf_counter(), _api_cpu_s(system)
                asking.wait(TURN_S)
                cpu_s = _api_cpu_s(system) - cpu_s
            turns.append(Turn(on=on, began=began, ended=time.perf_counter(), api_cpu_s=cpu_s))
        asked = asking.get()
    removed = retention.removed() - before
    if not removed:
        raise RuntimeError("nothing was removed")
    return Run(asked=asked, turns=turns, removed=removed)


def _api_cpu_s(system: System) -> float:
    """Processor time of the API's processes so far."""
    api = [one for one in system.processes() if program_name(one.cmdline()) == "api"]
    return sum(sum(one.cpu_times()[:2]) for one in api)


class Retention:
    """Makes old sessions, and turns the worker's retention on and off."""

    def __init__(self, system: System) -> None:
        from neuroplay.config import load_settings
        from neuroplay.worker.app import make_celery

        self._app = make_celery(load_settings(home=system.home))
        self._database = psycopg2.connect(
            host=str(load_settings(home=system.home).runtime_dir / "pg"),
            user="neuroplay",
            dbname="neuroplay",
        )
        self._database.autocommit = True

    def __enter__(self) -> Retention:
        return self

    def __exit__(self, *_: object) -> None:
        self._app.close()
        self._database.close()

    def fill(self) -> None:
        self._run(FILL)

    @contextmanager
    def turned(self, on: bool) -> Iterator[None]:
        """Within the block a pass goes on, or none begins."""
        self._run(_ON if on else _OFF)
        ends = threading.Event()
        sender = threading.Thread(target=self._send_tasks, args=(ends,))
        if on:
            sender.start()
        try:
            yield
        finally:
            ends.set()
            if on:
                sender.join()
                if self._one("SELECT began_at IS NULL FROM retention_pass"):
                    raise RuntimeError("the pass ended: there were too few old sessions")
                self._run(_OFF)  # waits for the worker's transaction

    def removed(self) -> int:
        """Old sessions whose record is gone."""
        return int(self._one("SELECT count(*) FROM settled_sessions"))

    def _send_tasks(self, ends: threading.Event) -> None:
        from neuroplay.bootstrap import LAST, RETAIN_TASK
        from neuroplay.worker.schedule import EXPIRES_S

        while not ends.is_set():
            self._app.send_task(RETAIN_TASK, priority=LAST, expires=EXPIRES_S)
            ends.wait(TASK_EVERY_S)

    def _run(self, statement: str) -> None:
        with self._database.cursor() as cursor:
            cursor.execute(statement)

    def _one(self, statement: str) -> Any:
        with self._database.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()[0][0]


def ask_steadily(port: int, students: Sequence[dict[str, str]], first: int) -> list[Asked]:
    """Ask for a page and a sync of each student in turn, at the pace. `first` is the number of the
    first request: each plays at another time."""
    asked = []
    questions = [
        _question(number, students[number // 2 % len(students)])
        for number in range(first, first + REQUESTS)
    ]
    with closing(closed_loop.connected(port)) as connection:
        started = time.perf_counter()
        for number, (kind, question, status) in enumerate(questions):
            time.sleep(max(started + number / PACE - time.perf_counter(), 0))
            begun = time.perf_counter()
            answer = closed_loop.ask(connection, question)
            took_ms = (time.perf_counter() - begun) * 1000
            asked.append(Asked(at=begun, kind=kind, took_ms=took_ms))
            if not answer.startswith(b"HTTP/1.1 %d " % status):
                raise RuntimeError(answer.decode())
    return asked


def _question(number: int, student: dict[str, str]) -> tuple[str, bytes, int]:
    token = student["token"]
    if number % 2 == 0:
        head = (
            f"GET /api/v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        return "/me", head.encode(), 200
    sessions = [session(number * BATCH + place) for place in range(BATCH)]
    body = json.dumps({"device_id": student["device_id"], "sessions": sessions}).encode()
    question = closed_loop.request("/api/v1/gameplay/sync", body, token=token)
    return "sync of 5", question, 202


def _figures(runs: Sequence[Run]) -> list[Figure]:
    found = []
    for kind in KINDS:
        for name, share in (("p50", 0.5), ("p95", 0.95)):
            pairs = [
                (run.percentile_ms(kind, share, on=True), run.percentile_ms(kind, share, on=False))
                for run in runs
            ]
            found += _compared(f"{kind}, {name}", pairs)
    pairs = [(run.api_cpu_ms(on=True), run.api_cpu_ms(on=False)) for run in runs]
    found += _compared("processor time of the API for a request", pairs)
    removed = tuple(run.removed / (PAIRS * TURN_S) for run in runs)
    return [*found, Figure(name="removed meanwhile", unit="sessions/s", values=removed)]


def _compared(name: str, pairs: Sequence[tuple[float, float]]) -> list[Figure]:
    """Figures of pairs (with retention, without)."""
    return [
        Figure(name=f"{name}, without retention", unit="ms", values=tuple(b for _, b in pairs)),
        Figure(name=f"{name}, with", unit="ms", values=tuple(a for a, _ in pairs)),
        Figure(
            name=f"{name}, with against without",
            unit="",
            values=tuple(a / b for a, b in pairs),
            aim=AIM,
        ),
    ]


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
