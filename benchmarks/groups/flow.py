"""Sessions accepted and processed at the same time over HTTP, with the senders on the same
machine."""

from __future__ import annotations

import json
import math
import multiprocessing
import socket
import statistics
import time
from dataclasses import dataclass
from uuid import uuid4

from benchmarks.harness import closed_loop
from benchmarks.harness.figures import Figure, amount
from benchmarks.harness.options import Options
from benchmarks.harness.slope import Slope, slope
from benchmarks.harness.system import System

SECONDS = 60
"""Default of --run-time."""

SENDERS = 4
BATCH = 20
"""Sessions per request, as from a tablet after a day offline."""

PACE = 4_200
"""Sessions per second that all senders offer: a little above the aim. Without a limit they would
compete with the worker for the processor."""

START = 1_700_000_000
STEP_S = 200


LEAST_SLOPE = 0.01 * PACE
"""Growth of the inbox, in sessions per second, below which it counts as flat."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """Result of one sender: acknowledged sessions, response times, its processor time, and the
    delay of its last request."""

    accepted: int
    times_ms: tuple[float, ...]
    cpu_s: float
    late_s: float


def measure(options: Options) -> list[Figure]:
    seconds = options.run_time_s or SECONDS
    runs = []
    with System.temporary() as system:
        system.start()
        system.wait_until_complete()
        for _ in range(options.runs):
            runs.append(_run(system, seconds))
    return [
        Figure(
            name=f"accepted and processed at once, {seconds:g} s",
            unit="sessions/s",
            aim=4_000,
            more_is_better=True,
            values=tuple(run.accepted_per_s for run in runs),
        ),
        Figure(
            name="the inbox's slope meanwhile",
            unit="sessions/s",
            aim=LEAST_SLOPE,
            values=tuple(run.slope.value for run in runs),
            note="standard error "
            + ", ".join(amount(run.slope.standard_error) for run in runs)
            + f"; an inbox that gains less than {LEAST_SLOPE:g} a second is called flat",
        ),
        Figure(
            name="pending meanwhile",
            unit="",
            aim=1_000,
            values=tuple(run.pending for run in runs),
        ),
        Figure(
            name=f"p99 of a request of {BATCH}",
            unit="ms",
            aim=250,
            values=tuple(run.p99_ms for run in runs),
        ),
        Figure(
            name="the senders' share of one processor",
            unit="",
            values=tuple(run.senders_share for run in runs),
        ),
        Figure(
            name="the senders' delay at the end",
            unit="s",
            values=tuple(run.late_s for run in runs),
        ),
    ]


@dataclass(frozen=True, kw_only=True)
class Run:
    accepted_per_s: float
    slope: Slope
    pending: float
    """Median of the second half of the run."""

    p99_ms: float
    senders_share: float
    late_s: float


def _run(system: System, seconds: float) -> Run:
    """One run. Raises if an acknowledged session is not processed at its end."""
    cards = system.cards(SENDERS * 8)
    before = system.command("sync", "status")["processed"]
    seen: list[tuple[float, float]] = []
    with multiprocessing.get_context("spawn").Pool(SENDERS) as senders:
        running = senders.starmap_async(
            _send, [(system.port, cards[n::SENDERS], seconds) for n in range(SENDERS)]
        )
        while not running.ready():
            pending = _pending(system)
            # Measured from the first session, when the senders have started.
            if pending or seen:
                seen.append((time.perf_counter(), pending))
            running.wait(1)
        sent = running.get()
    count = sum(one.accepted for one in sent)
    while system.command("sync", "status")["pending"]:
        time.sleep(0.1)
    stored = system.command("sync", "status")["processed"] - before
    assert stored == count, (stored, count)
    times = sorted(t for one in sent for t in one.times_ms)
    return Run(
        accepted_per_s=count / seconds,
        slope=slope(seen),
        pending=statistics.median(pending for _, pending in seen[len(seen) // 2 :]),
        p99_ms=times[int(len(times) * 0.99)],
        senders_share=sum(one.cpu_s for one in sent) / seconds,
        late_s=max(one.late_s for one in sent),
    )


def _pending(system: System) -> float:
    for line in system.get("/metrics")[1].decode().splitlines():
        if line.startswith('neuroplay_inbox_items{state="pending"}'):
            return float(line.rpartition(" ")[2])
    raise RuntimeError("/metrics says nothing of the inbox")


def _send(port: int, cards: list[tuple[str, str]], seconds: float) -> Sent:
    """A sender process. It sends at its share of PACE, for its students in turn. Sessions are
    prepared before, since that would take processor time from the servers."""
    batches = [
        _batch(number // len(cards))
        for number in range(math.ceil(seconds * PACE / BATCH / SENDERS))
    ]
    connection = closed_loop.connected(port)
    children = [sign_in(connection, *card) for card in cards]
    accepted, late_s = 0, 0.0
    times: list[float] = []
    started, cpu_begun = time.perf_counter(), time.process_time()
    for number, batch in enumerate(batches):
        begun = time.perf_counter()
        late_s = begun - started - number * BATCH * SENDERS / PACE
        if late_s < 0:
            time.sleep(-late_s)
            begun = time.perf_counter()
        if begun - started >= seconds:
            break
        token, device = children[number % len(children)]
        sent_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        body = f'{{"device_id":"{device}","sent_at":"{sent_at}","sessions":[{batch}]}}'.encode()
        answer = closed_loop.ask(
            connection, closed_loop.request("/api/v1/gameplay/sync", body, token=token)
        )
        assert answer.startswith(b"HTTP/1.1 202 "), answer
        accepted += answer.count(b'"accepted"')
        times.append((time.perf_counter() - begun) * 1000)
    connection.close()
    return Sent(
        accepted=accepted,
        times_ms=tuple(times),
        cpu_s=time.process_time() - cpu_begun,
        late_s=max(late_s, 0.0),
    )


def sign_in(connection: socket.socket, code: str, card: str) -> tuple[str, str]:
    """Sign in with a card on a new device; returns the token and the device's id."""
    device = str(uuid4())
    body = json.dumps({"class_code": code, "card_code": card, "device_id": device})
    answer = closed_loop.ask(connection, closed_loop.request("/api/v1/sign-in", body.encode()))
    return json.loads(answer.partition(b"\r\n\r\n")[2])["token"], device


def _batch(number: int) -> str:
    """The sessions of a request, as JSON without the brackets."""
    return ",".join(_session(number * BATCH + place) for place in range(BATCH))


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
