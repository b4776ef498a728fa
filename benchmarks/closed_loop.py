"""Many connections that each send their next request as soon as the last one is answered.

One process, one thread, requests that were made beforehand: sending and reading an answer costs
some 30 microseconds, so that on a shared machine nearly all of the time is the server's.
"""

from __future__ import annotations

import multiprocessing
import selectors
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What came back: the time of each answer, and how many had another status than expected."""

    seconds: float
    times_ms: tuple[float, ...]
    unexpected: int

    @property
    def per_second(self) -> float:
        return len(self.times_ms) / self.seconds

    def percentile_ms(self, share: float) -> float:
        times = sorted(self.times_ms)
        return times[min(int(len(times) * share), len(times) - 1)]


def request(path: str, body: bytes, *, token: str = "") -> bytes:
    """A POST of JSON, as bytes on the wire."""
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"{authorization}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def run(
    port: int, make: Callable[..., Sequence[Sequence[bytes]]], *arguments: object, status: int
) -> Answers:
    """Send what `make(*arguments)` returns (for each connection its requests) until the first
    connection has sent all, from a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_run, (port, make, arguments, status))


def _run(
    port: int,
    make: Callable[..., Sequence[Sequence[bytes]]],
    arguments: tuple[object, ...],
    status: int,
) -> Answers:
    expected = f"HTTP/1.1 {status} ".encode()
    times: list[float] = []
    unexpected = 0
    selector = selectors.DefaultSelector()
    lines = [_Line(port, iter(requests)) for requests in make(*arguments)]
    begun = time.perf_counter()
    try:
        for line in lines:
            line.send()
            selector.register(line.socket, selectors.EVENT_READ, line)
        while True:
            for key, _ in selector.select():
                line = key.data
                answer = line.read()
                if answer is None:
                    continue
                times.append((time.perf_counter() - line.sent_at) * 1000)
                unexpected += not answer.startswith(expected)
                if not line.send():
                    return Answers(
                        seconds=time.perf_counter() - begun,
                        times_ms=tuple(times),
                        unexpected=unexpected,
                    )
    finally:
        selector.close()
        for line in lines:
            line.socket.close()


class _Line:
    """One connection."""

    def __init__(self, port: int, requests: Iterator[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self._requests = requests
        self._answer = b""

    def send(self) -> bool:
        """Send the next request; False where none is left."""
        following = next(self._requests, None)
        if following is None:
            return False
        self.sent_at = time.perf_counter()
        self.socket.sendall(following)
        return True

    def read(self) -> bytes | None:
        """The answer, once it is whole."""
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("the server closed a connection")
        self._answer += part
        head, end, body = self._answer.partition(b"\r\n\r\n")
        if not end:
            return None
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return None
        answer, self._answer = self._answer, b""
        return answer
