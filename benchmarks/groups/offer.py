"""An offer of 1,000 sessions, answered over HTTP with a large inbox.

As after a restore: all of them are stored, none is, or every second one. NEUROPLAY_BENCH_ROWS sets
the number of other rows of the inbox (default 1,000,000).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any
from uuid import uuid4

import psycopg2

from benchmarks.groups.pipeline import FILL, ROWS
from benchmarks.groups.sync import session
from benchmarks.harness import closed_loop
from benchmarks.harness.figures import Figure, seconds
from benchmarks.harness.options import Options
from benchmarks.harness.system import System

OFFERED = 1_000
BATCH = 100
TIMES = 20
"""Offers of each kind in a run."""

PATH = "/api/v1/gameplay/offer"


def measure(options: Options) -> list[Figure]:
    with System.temporary() as system:
        system.start()
        system.wait_until_complete()
        (known,) = system.roster(1)["classes"]
        (student,) = known["students"]
        filled_s = seconds(lambda: _fill(system, student["id"]))
        print(f"{ROWS:,} rows were made in {filled_s:.0f} s", file=sys.stderr)
        device = str(uuid4())
        card = {
            "class_code": known["class"]["code"],
            "card_code": student["card_code"],
            "device_id": device,
        }
        token = system.post("/api/v1/sign-in", card)[1]["token"]
        stored = [session(number) for number in range(OFFERED)]
        _send(system, token, device, stored)
        lost = [session(OFFERED + number) for number in range(OFFERED)]
        kinds = {
            "all stored": (stored, 0),
            "none stored": (lost, OFFERED),
            "every second one stored": (stored[::2] + lost[::2], OFFERED // 2),
        }
        times: dict[str, list[float]] = {name: [] for name in kinds}
        for run in range(options.runs + 1):
            for name, (offered, lacking) in kinds.items():
                taken = _offers(system, token, device, offered, lacking)
                if run:  # the first one warms up
                    times[name].append(taken)
    return [
        Figure(
            name=f"offer of {OFFERED:,} sessions, {name}, {ROWS / 1e6:g} M rows",
            unit="ms",
            aim=100,
            values=tuple(found),
        )
        for name, found in times.items()
    ]


def _fill(system: System, student_id: int) -> None:
    with (
        closing(psycopg2.connect(system.database)) as made,
        made,
        made.cursor() as cursor,
    ):
        values = {"state": "processed", "first": student_id, "students": 1, "rows": ROWS}
        cursor.execute(FILL, values)


def _send(system: System, token: str, device: str, sessions: Sequence[dict[str, Any]]) -> None:
    for first in range(0, len(sessions), BATCH):
        body = {"device_id": device, "sessions": sessions[first : first + BATCH]}
        status, answer = system.post("/api/v1/gameplay/sync", body, token)
        if status != 202:
            raise RuntimeError(f"a sync was answered {status}: {answer}")


def _offers(
    system: System, token: str, device: str, sessions: Sequence[dict[str, Any]], lacking: int
) -> float:
    """The median time of some offers, in ms."""
    from neuroplay.infra.payloads import hash_payload

    offered = [
        {"session_id": one["session_id"], "hash": hash_payload(one).hex()} for one in sessions
    ]
    body = json.dumps({"device_id": device, "offered": offered}).encode()
    question = closed_loop.request(PATH, body, token=token)
    times = []
    with closing(closed_loop.connected(system.port)) as connection:
        for _ in range(TIMES):
            begun = time.perf_counter()
            answer = closed_loop.ask(connection, question)
            times.append((time.perf_counter() - begun) * 1000)
            found = json.loads(answer.partition(b"\r\n\r\n")[2]).get("lacking", ())
            if len(found) != lacking:
                raise RuntimeError(f"{len(found)} of the offered are lacking, not {lacking}")
    return sorted(times)[TIMES // 2]
