"""Response times of 50 tablets while other clients attack the server, over HTTP and TLS.

A tablet keeps its connection as a browser does, and requests its page, a sync of one session and a
file of the app in turn. Attacks from the same address: bodies that never end, silent connections,
aborted uploads, and handshakes that never end. An attack lasts for a whole run; connections that
the server closes are opened again.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import resource
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.harness import closed_loop
from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.harness.system import System

TABLETS = 50
PAUSE_S = (0.5, 1.5)
RUN_S = 15.0
AHEAD_S = 2.0
"""Seconds by which the attack begins before the tablets, and ends after them."""

ANSWER_S = 20.0

SLOW_BODIES, SILENT, CUT, HANDSHAKES = 200, 2048, 100, 200

UNFINISHED = (
    b"POST /api/v1/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: 1000\r\n\r\n{"
)

Connect = Callable[[], socket.socket]


def measure(options: Options) -> list[Figure]:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    found = []
    for secure in (False, True):
        way = "TLS" if secure else "http"
        with _system(secure) as system:
            students = system.students(TABLETS)
            for name in ATTACKS:
                runs = [
                    _run(system, name, students, options.run_time_s or RUN_S)
                    for _ in range(options.runs)
                ]
                found += [
                    Figure(
                        name=f"{way}, {name}: p99 of {TABLETS} tablets",
                        unit="ms",
                        aim=500,
                        values=tuple(_p99_ms(times) for times, _ in runs),
                    ),
                    Figure(
                        name=f"{way}, {name}: requests of tablets that failed",
                        unit="",
                        aim=0,
                        values=tuple(float(failed) for _, failed in runs),
                    ),
                ]
    return found


@contextmanager
def _system(secure: bool) -> Iterator[System]:
    with System.temporary() as system, tempfile.TemporaryDirectory() as folder:
        if secure:
            cert, key = _certificate(Path(folder))
            system.environment |= {"NEUROPLAY_TLS_CERT": cert, "NEUROPLAY_TLS_KEY": key}
            system.secure = True
        system.start()
        system.wait_until_complete()
        yield system


def _ways(port: int, secure: bool) -> tuple[Connect, Connect]:
    """Connection functions for a normal client, and for one that never uses TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    def plain() -> socket.socket:
        made = socket.create_connection(("127.0.0.1", port), ANSWER_S)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def connect() -> socket.socket:
        return context.wrap_socket(plain()) if secure else plain()

    return connect, plain


def _certificate(folder: Path) -> tuple[str, str]:
    cert, key = str(folder / "cert.pem"), str(folder / "key.pem")
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1"
    subprocess.run(
        ["openssl", *words.split(), "-keyout", key, "-out", cert],
        check=True,
        capture_output=True,
    )
    return cert, key


def _run(
    system: System, attack: str, students: list[dict[str, str]], seconds: float
) -> tuple[list[float], int]:
    """Response times in ms, and the number of failed requests."""
    connect, _ = _ways(system.port, system.secure)
    ended = threading.Event()
    tablets = [Tablet(connect, student, ended) for student in students]
    attacker = multiprocessing.get_context("spawn").Process(
        target=_attack, args=(attack, system.port, system.secure, seconds), daemon=True
    )
    attacker.start()
    ended.wait(AHEAD_S)
    for one in tablets:
        one.start()
    ended.wait(seconds - 2 * AHEAD_S)
    ended.set()
    for one in tablets:
        one.join(2 * ANSWER_S)
    attacker.join(2 * ANSWER_S)
    attacker.kill()
    times = [taken for tablet in tablets for taken in tablet.times_ms]
    return times, sum(tablet.failed for tablet in tablets)


def _p99_ms(times: list[float]) -> float:
    if not times:
        return ANSWER_S * 1000
    times.sort()
    return times[min(len(times) - 1, int(len(times) * 0.99))]


class Tablet(threading.Thread):
    """A normal client. If its idle connection was closed, it repeats the request on a new one, as
    browsers do. All other errors are failures."""

    def __init__(
        self, connect: Connect, student: Mapping[str, str], ended: threading.Event
    ) -> None:
        super().__init__(daemon=True)
        self._connect, self._student, self._ended = connect, student, ended
        self._connection: socket.socket | None = None
        self.times_ms: list[float] = []
        self.failed = 0

    def run(self) -> None:
        chance = random.Random(self._student["token"])
        while not self._ended.wait(chance.uniform(*PAUSE_S)):
            begun = time.perf_counter()
            try:
                self._ask(chance.choice((self._sync, self._me, self._page))())
            except (OSError, ValueError):
                self._hang_up()
                self.failed += 1
            self.times_ms.append((time.perf_counter() - begun) * 1000)
        self._hang_up()

    def _ask(self, question: bytes) -> None:
        used = self._connection is not None
        try:
            answer = self._answer(question)
        except OSError:
            if not used:
                raise
            self._hang_up()
            answer = self._answer(question)
        if answer.split(b" ", 2)[1] not in (b"200", b"202"):
            raise ValueError(answer[:200])

    def _answer(self, question: bytes) -> bytes:
        if self._connection is None:
            self._connection = self._connect()
        return closed_loop.ask(self._connection, question)

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _me(self) -> bytes:
        return _get("/api/v1/me", self._student["token"])

    def _page(self) -> bytes:
        return _get("/", "")

    def _sync(self) -> bytes:
        moment = time.gmtime()
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", moment)
        session: dict[str, Any] = {
            "session_id": str(uuid4()),
            "game_type": "cyber_runner",
            "game_version": "1",
            "started_at": now,
            "ended_at": now,
            "utc_offset_minutes": 0,
            "score": 1,
            "duration": 1,
            "accuracy": 1.0,
            "completed": True,
            "metadata": {"difficulty": 1, "seed": 1},
        }
        document = {"device_id": self._student["device_id"], "sent_at": now, "sessions": [session]}
        body = json.dumps(document).encode()
        return closed_loop.request("/api/v1/gameplay/sync", body, token=self._student["token"])


def _get(path: str, token: str) -> bytes:
    shown = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{shown}\r\n".encode()


def _attack(name: str, port: int, secure: bool, seconds: float) -> None:
    """Run an attack; called in a separate process."""
    ended = threading.Event()
    threading.Timer(seconds, ended.set).start()
    ATTACKS[name](*_ways(port, secure), ended)


Attack = Callable[[Connect, Connect, threading.Event], None]


def _keep_up(count: int, connect: Connect, said: bytes, ended: threading.Event) -> None:
    """Keep `count` connections open that have sent `said`; reopen those that are closed."""
    held: list[socket.socket] = []
    try:
        while not ended.is_set():
            while len(held) < count and not ended.is_set():
                try:
                    made = connect()
                    made.sendall(said)
                except OSError:
                    break
                held.append(made)
            ended.wait(0.2)
            held = [one for one in held if _is_open(one)]
    finally:
        for one in held:
            one.close()


def _is_open(connection: socket.socket) -> bool:
    try:
        connection.setblocking(False)
        if connection.recv(1 << 16):
            return True
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        pass
    connection.close()
    return False


def nothing(connect: Connect, plain: Connect, ended: threading.Event) -> None:
    del connect, plain, ended


def slow_bodies(connect: Connect, plain: Connect, ended: threading.Event) -> None:
    del plain
    _keep_up(SLOW_BODIES, connect, UNFINISHED, ended)


def silent(connect: Connect, plain: Connect, ended: threading.Event) -> None:
    del connect
    _keep_up(SILENT, plain, b"", ended)


def cut_uploads(connect: Connect, plain: Connect, ended: threading.Event) -> None:
    """Abort a hundred uploads at a time, repeatedly."""
    del plain
    while not ended.is_set():
        made = []
        with suppress(OSError):
            for _ in range(CUT):
                made.append(connect())
                made[-1].sendall(UNFINISHED)
        for one in made:
            one.close()
        ended.wait(1.0)


def half_handshakes(connect: Connect, plain: Connect, ended: threading.Event) -> None:
    del connect
    _keep_up(HANDSHAKES, plain, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", ended)


def everything(connect: Connect, plain: Connect, ended: threading.Event) -> None:
    parts = [
        threading.Thread(target=one, args=(connect, plain, ended), daemon=True)
        for one in (slow_bodies, silent, cut_uploads, half_handshakes)
    ]
    for one in parts:
        one.start()
    for one in parts:
        one.join()


ATTACKS: Mapping[str, Attack] = {
    "nobody else": nothing,
    f"{SLOW_BODIES} slow bodies": slow_bodies,
    f"{SILENT:,} silent connections": silent,
    f"{CUT} cut uploads a second": cut_uploads,
    f"{HANDSHAKES} half handshakes": half_handshakes,
    "all of these": everything,
}
