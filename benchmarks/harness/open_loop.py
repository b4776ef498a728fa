"""An open-loop load: requests are sent when they are due, whether or not others were answered.

Only so can a load be greater than what a server answers: a client that waits for its answers slows
down with the server. One process with one thread, epoll, prepared requests and kept connections.
"""

from __future__ import annotations

import multiprocessing
import random
import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.harness.closed_loop import MOST_BYTES, connected, whole

OPEN = 256
"""Connections before the first request. More are opened when all of them wait for an answer."""

MOST_OPEN = 4000
ANSWERS_IN_S = 10.0
"""How long after the last request an answer may still come."""


@dataclass(kw_only=True)
class Offered:
    """What became of a load. Times are from the moment when a request was due, so that one that is
    sent late by a busy client counts from then. `served` are the numbers of the requests that were
    answered as wanted."""

    seconds: float
    sent: int = 0
    served: list[int] = field(default_factory=list)
    served_ms: list[float] = field(default_factory=list)
    refused_ms: list[float] = field(default_factory=list)
    """503 with Retry-After."""

    failed: int = 0
    """Other answers, broken connections, and those that did not come."""

    late_ms: list[float] = field(default_factory=list)
    """How late each request was sent."""

    client_cpu_s: float = 0.0

    @property
    def goodput(self) -> float:
        """Requests a second that were answered as wanted."""
        return len(self.served) / self.seconds

    @property
    def client_share(self) -> float:
        """Share of one processor, 0 to 1."""
        return self.client_cpu_s / self.seconds


def percentile(times: Sequence[float], share: float) -> float:
    """0.0 if there are none."""
    ordered = sorted(times)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def run(
    port: int,
    make: Callable[..., Sequence[bytes]],
    *arguments: object,
    wanted: Callable[[bytes], bool],
    rate: float | None,
    seconds: float,
    connections: int = OPEN,
) -> Offered:
    """Offer `rate` requests a second at random moments for `seconds`, in a separate process;
    `make(*arguments)` returns the requests, at least as many as that takes, and `wanted` says
    whether an answer is the wanted one. Without a rate, each of
    the `connections` sends its next request as soon as it has an answer."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(offer, (port, make, arguments, wanted, rate, seconds, connections))


def chance() -> random.Random:
    """The same for each run, so that runs differ in nothing that is chosen here."""
    return random.Random(1)


def moments(rate: float, seconds: float, chance: random.Random) -> list[float]:
    """When requests are due: a Poisson process, as from many clients that know nothing of each
    other."""
    found = []
    moment = chance.expovariate(rate)
    while moment < seconds:
        found.append(moment)
        moment += chance.expovariate(rate)
    return found


def offer(
    port: int,
    make: Callable[..., Sequence[bytes]],
    arguments: tuple[object, ...],
    wanted: Callable[[bytes], bool],
    rate: float | None,
    seconds: float,
    connections: int,
) -> Offered:
    """`run`, in this process."""
    client = _Client(port, make(*arguments), wanted, connections)
    try:
        if rate is None:
            return client.closed(seconds)
        return client.open(moments(rate, seconds, chance()), seconds)
    finally:
        client.close()


class _Line:
    __slots__ = ("begun", "due", "number", "socket")

    def __init__(self, made: socket.socket) -> None:
        self.socket = made
        self.begun = b""
        self.due = 0.0
        self.number = -1


class _Client:
    def __init__(
        self,
        port: int,
        requests: Sequence[bytes],
        wanted: Callable[[bytes], bool],
        connections: int,
    ) -> None:
        self._port, self._requests, self._wanted = port, requests, wanted
        self._poll = select.epoll()
        self._lines: dict[int, _Line] = {}
        self._idle: list[_Line] = [self._opened() for _ in range(connections)]
        self._waiting = 0

    def closed(self, seconds: float) -> Offered:
        found = Offered(seconds=seconds)
        begun, cpu_begun = time.perf_counter(), time.process_time()
        ends = begun + seconds
        while (now := time.perf_counter()) < ends:
            while self._idle:
                self._send(found, now)
            self._read(found, ends - now)
        self._finish(found, cpu_begun)
        return found

    def open(self, due: Sequence[float], seconds: float) -> Offered:
        found = Offered(seconds=seconds)
        begun, cpu_begun = time.perf_counter(), time.process_time()
        for moment in due:
            at = begun + moment
            while (left := at - time.perf_counter()) > 0:
                self._read(found, left)
            if not self._idle:
                self._read(found, 0)
            self._send(found, at)
        while (left := begun + seconds - time.perf_counter()) > 0:
            self._read(found, left)
        self._finish(found, cpu_begun)
        return found

    def _finish(self, found: Offered, cpu_begun: float) -> None:
        found.client_cpu_s = time.process_time() - cpu_begun
        ends = time.perf_counter() + ANSWERS_IN_S
        while self._waiting and (left := ends - time.perf_counter()) > 0:
            self._read(found, left)
        found.failed += self._waiting

    def _opened(self) -> _Line:
        line = _Line(connected(self._port))
        self._lines[line.socket.fileno()] = line
        self._poll.register(line.socket.fileno(), select.EPOLLIN)
        return line

    def _send(self, found: Offered, due: float) -> None:
        number = found.sent
        found.sent += 1
        if not self._idle and len(self._lines) >= MOST_OPEN:
            found.failed += 1
            return
        line = self._idle.pop() if self._idle else self._opened()
        line.due, line.number = due, number
        try:
            line.socket.sendall(self._requests[number])
        except OSError:
            found.failed += 1
            self._drop(line)
            return
        found.late_ms.append((time.perf_counter() - due) * 1000)
        self._waiting += 1

    def _read(self, found: Offered, seconds: float) -> None:
        for descriptor, _ in self._poll.poll(seconds):
            line = self._lines[descriptor]
            try:
                part = line.socket.recv(MOST_BYTES)
            except OSError:
                part = b""
            if not part:
                if line.number >= 0:
                    found.failed += 1
                    self._waiting -= 1
                else:
                    self._idle.remove(line)
                self._drop(line)
                continue
            answer = line.begun + part
            if not whole(answer):
                line.begun = answer
                continue
            line.begun = b""
            self._note(found, line, answer)
            self._waiting -= 1
            line.number = -1
            if b"\r\nConnection: close\r\n" in answer:
                self._drop(line)
            else:
                self._idle.append(line)

    def _note(self, found: Offered, line: _Line, answer: bytes) -> None:
        took_ms = (time.perf_counter() - line.due) * 1000
        if self._wanted(answer):
            found.served.append(line.number)
            found.served_ms.append(took_ms)
        elif answer.startswith(b"HTTP/1.1 503 ") and b"\r\nRetry-After: " in answer:
            found.refused_ms.append(took_ms)
        else:
            found.failed += 1

    def _drop(self, line: _Line) -> None:
        del self._lines[line.socket.fileno()]
        line.socket.close()

    def close(self) -> None:
        self._poll.close()
        for line in list(self._lines.values()):
            line.socket.close()
