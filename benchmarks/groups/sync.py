"""The sync route compared with a minimal insert over HTTP, in one run on the same machine.

32 connections without pauses, 5 sessions per request. Both insert into PostgreSQL with the same
settings, `synchronous_commit` on. Workers are stopped meanwhile, so that only the path to the
receipt is measured (token, validation, hash, duplicates, metrics, log line).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import uuid4

import psutil

from benchmarks.harness import closed_loop
from benchmarks.harness.closed_loop import Answers
from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.harness.servers import postgres
from benchmarks.harness.system import System, free_port

CONNECTIONS = 32
REQUESTS = 350
"""Requests per connection in a run."""

BATCH = 5
START = 1_700_000_000
STEP_S = 200


def measure(options: Options) -> list[Figure]:
    whole: list[Answers] = []
    bare: list[Answers] = []
    cpu_ms: list[float] = []
    with _bare_server() as bare_port, System.temporary() as system:
        system.start()
        system.wait_until_complete()
        with standing_still(system, "worker"):
            for run in range(options.runs + 1):
                students = system.students(CONNECTIONS)
                asked = [(one["token"], one["device_id"]) for one in students]
                bare.append(closed_loop.run(bare_port, requests, "/sync", asked, status=202))
                before = system.cpu_s()
                whole.append(
                    closed_loop.run(
                        system.port, requests, "/api/v1/gameplay/sync", asked, status=202
                    )
                )
                cpu_ms.append((system.cpu_s() - before) * 1000 / len(whole[-1].times_ms))
                if not run:  # warm-up
                    bare.clear()
                    whole.clear()
                    cpu_ms.clear()
    unexpected = sum(one.unexpected for one in whole + bare)
    if unexpected:
        raise RuntimeError(f"{unexpected} requests were not answered 202")
    ratios = [ours.per_second / least.per_second for ours, least in zip(whole, bare, strict=True)]
    return [
        Figure(
            name=f"sync, {CONNECTIONS} connections, {BATCH} sessions a request",
            unit="req/s",
            aim=1_200,
            more_is_better=True,
            values=tuple(one.per_second for one in whole),
        ),
        Figure(
            name="sync, p99",
            unit="ms",
            aim=60,
            values=tuple(one.percentile_ms(0.99) for one in whole),
        ),
        Figure(
            name="bare granian, Flask and INSERT",
            unit="req/s",
            values=tuple(one.per_second for one in bare),
        ),
        Figure(
            name="sync against bare", unit="", aim=0.6, more_is_better=True, values=tuple(ratios)
        ),
        Figure(name="sync, CPU of all servers", unit="ms/req", values=tuple(cpu_ms)),
        Figure(
            name="sync, CPU of the client",
            unit="ms/req",
            values=tuple(one.client_cpu_s * 1000 / len(one.times_ms) for one in whole),
        ),
        Figure(
            name="sync, the client's share of one processor",
            unit="",
            values=tuple(one.client_share for one in whole),
        ),
    ]


def requests(path: str, asked: Sequence[tuple[str, str]]) -> list[list[bytes]]:
    """The requests of the connection of each (token, device)."""
    return [
        [
            closed_loop.request(path, _batch(device, number), token=token)
            for number in range(REQUESTS)
        ]
        for token, device in asked
    ]


def _batch(device: str, number: int) -> bytes:
    sent = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    sessions = [session(number * BATCH + place) for place in range(BATCH)]
    return json.dumps({"device_id": device, "sent_at": sent, "sessions": sessions}).encode()


def session(number: int) -> dict[str, object]:
    ended = START + number * STEP_S
    began, over = (
        time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)) for moment in (ended - 125, ended)
    )
    return {
        "session_id": str(uuid4()),
        "game_type": "cyber_runner",
        "game_version": "1",
        "started_at": began,
        "ended_at": over,
        "utc_offset_minutes": -180,
        "score": 420,
        "duration": 120,
        "accuracy": 0.82,
        "completed": True,
        "metadata": {"difficulty": 2, "seed": number, "reaction_times_ms": [412, 388, 455, 520]},
    }


@contextmanager
def _bare_server() -> Iterator[int]:
    """Run `benchmarks.yardsticks.bare` on a private embedded PostgreSQL; yields its port."""
    import psycopg2

    from benchmarks.yardsticks.bare import TABLE

    port = free_port()
    with postgres() as (_, url):
        connection = psycopg2.connect(url.replace("+psycopg2", ""))
        with connection, connection.cursor() as cursor:
            cursor.execute(TABLE)
        connection.close()
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "benchmarks.yardsticks.bare", str(port), url],
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(port: int) -> None:
    import socket

    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return


@contextmanager
def standing_still(system: System, name: str) -> Iterator[None]:
    """Suspend one of the system's programs and its children within the block."""
    (pid,) = (p["pid"] for p in system.command("status")["processes"] if p["name"] == name)
    program = psutil.Process(pid)
    pids = [pid, *(child.pid for child in program.children(recursive=True))]
    for one in pids:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in pids:
            os.kill(one, signal.SIGCONT)
