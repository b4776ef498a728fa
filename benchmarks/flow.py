"""Games accepted and processed at once, over HTTP, on one machine with those who send them."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import statistics
import time
from dataclasses import dataclass
from uuid import uuid4

from benchmarks.figures import Figure
from benchmarks.system import System

SECONDS = 20
SENDERS = 4
BATCH = 20
"""Sessions a request: a tablet that comes back from a day without a network."""

PACE = 4_200
"""Sessions a second that the senders offer together: a little above the aim. Without a pace they
would take the processor from the worker, and measure who wins."""

START = 1_700_000_000
STEP_S = 200


@dataclass(frozen=True)
class Sent:
    """What one sender did: sessions that were acknowledged, and the slowest answers."""

    accepted: int
    times_ms: tuple[float, ...]


def measure(runs: int) -> list[Figure]:
    accepted, left, slowest = [], [], []
    with System.temporary() as system:
        system.start()
        system.wait_until_complete()
        for run in range(runs):
            made = system.command("class", "create", f"flow {run}", "--students", str(SENDERS * 8))
            cards = [(made["class"]["code"], student["card_code"]) for student in made["students"]]
            before = system.command("sync", "status")["processed"]
            begun = time.perf_counter()
            with multiprocessing.get_context("spawn").Pool(SENDERS) as senders:
                running = senders.starmap_async(
                    _send, [(system.port, cards[n::SENDERS], SECONDS) for n in range(SENDERS)]
                )
                seen = []
                while not running.ready():
                    seen.append(_pending(system))
                    running.wait(1)
                sent = running.get()
            took = time.perf_counter() - begun
            count = sum(one.accepted for one in sent)
            accepted.append(count / SECONDS)
            # Of the second half: flat is what does not grow any more.
            left.append(statistics.median(seen[len(seen) // 2 :]))
            times = sorted(t for one in sent for t in one.times_ms)
            slowest.append(times[int(len(times) * 0.99)])
            while system.command("sync", "status")["pending"]:
                time.sleep(0.1)  # between two looks
            stored = system.command("sync", "status")["processed"] - before
            assert stored == count, (stored, count, took)
    return [
        Figure(
            name="accepted and processed at once",
            unit="sessions/s",
            aim=4_000,
            more_is_better=True,
            values=tuple(accepted),
        ),
        Figure(name="pending meanwhile", unit="", aim=1_000, values=tuple(left)),
        Figure(name="p99 of a request of 20", unit="ms", aim=250, values=tuple(slowest)),
    ]


def _pending(system: System) -> float:
    for line in system.get("/metrics")[1].decode().splitlines():
        if line.startswith('neuroplay_inbox_items{state="pending"}'):
            return float(line.rpartition(" ")[2])
    raise RuntimeError("/metrics says nothing of the inbox")


def _send(port: int, cards: list[tuple[str, str]], seconds: float) -> Sent:
    """One process that sends at its share of PACE, for each of its children in turn."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    children = [_sign_in(connection, *card) for card in cards]
    accepted, times = 0, []
    number = 0
    started = time.perf_counter()
    ends = started + seconds
    while (begun := time.perf_counter()) < ends:
        early = started + number * BATCH * SENDERS / PACE - begun
        if early > 0:
            time.sleep(early)
            begun = time.perf_counter()
        token, device = children[number % len(children)]
        body = _batch(device, number // len(children))
        connection.request(
            "POST",
            "/api/v1/gameplay/sync",
            body,
            {"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
        )
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 202, content
        accepted += content.count(b'"accepted"')
        times.append((time.perf_counter() - begun) * 1000)
        number += 1
    return Sent(accepted, tuple(times))


def _sign_in(connection: http.client.HTTPConnection, code: str, card: str) -> tuple[str, str]:
    device = str(uuid4())
    body = json.dumps({"class_code": code, "card_code": card, "device_id": device})
    connection.request("POST", "/api/v1/sign-in", body, {"Content-Type": "application/json"})
    return json.loads(connection.getresponse().read())["token"], device


def _batch(device: str, number: int) -> str:
    sessions = ",".join(_session(number * BATCH + place) for place in range(BATCH))
    sent = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return f'{{"device_id":"{device}","sent_at":"{sent}","sessions":[{sessions}]}}'


def _session(number: int) -> str:
    ended = START + number * STEP_S
    times = [
        time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)) for moment in (ended - 125, ended)
    ]
    return (
        f'{{"session_id":"{uuid4()}","game_type":"cyber_runner","game_version":"1",'
        f'"started_at":"{times[0]}","ended_at":"{times[1]}","utc_offset_minutes":-180,'
        f'"score":420,"duration":120,"accuracy":0.82,"completed":true,'
        f'"metadata":{{"difficulty":2,"seed":{number},"reaction_times_ms":[412,388,455,520]}}}}'
    )
