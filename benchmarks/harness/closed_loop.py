"""A closed-loop load: connections that send the next request as soon as they have a response.

One process with one thread, epoll and prepared requests. A request costs some 35 microseconds of
processor time, most of it in the kernel. A server on the same processors does without that time;
`Answers.client_share` reports it.
"""

from __future__ import annotations

import multiprocessing
import select
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

MOST_BYTES = 65536
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Response times, the number of responses with an unexpected status, and the client's processor
    time."""

    seconds: float
    times_ms: tuple[float, ...]
    unexpected: int
    client_cpu_s: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.times_ms) / self.seconds

    @property
    def client_share(self) -> float:
        """Share of one processor, 0 to 1."""
        return self.client_cpu_s / self.seconds

    def percentile_ms(self, share: float) -> float:
        times = sorted(self.times_ms)
        return times[min(int(len(times) * share), len(times) - 1)]


def request(path: str, body: bytes, *, token: str = "") -> bytes:
    """The bytes of a POST request with JSON."""
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"{authorization}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(path: str, *, token: str = "", etag: str = "") -> bytes:
    """The bytes of a GET request."""
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    unless = f"If-None-Match: {etag}\r\n" if etag else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{authorization}{unless}\r\n".encode()


def whole(answer: bytes) -> bool:
    """Whether a response is complete. It must have a Content-Length, unless it is a 304."""
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return False
    if answer.startswith(b"HTTP/1.1 304 "):
        return True
    place = answer.find(b"content-length:", 0, head)
    if place < 0:
        place = answer[:head].lower().index(b"content-length:")
    length = int(answer[place + 15 : answer.index(b"\r\n", place)])
    return len(answer) >= head + 4 + length


def connected(port: int, address: str = LOOPBACK) -> socket.socket:
    """A connection without a timeout, which would cost a poll(2) before each call."""
    made = socket.create_connection((address, port))
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    made.settimeout(None)
    return made


def ask(connection: socket.socket, question: bytes) -> bytes:
    """Send a request; returns the complete response."""
    connection.sendall(question)
    answer = b""
    while not (answer and whole(answer)):
        part = connection.recv(MOST_BYTES)
        if not part:
            raise ConnectionError("the server closed a connection")
        answer += part
    return answer


def run(
    port: int,
    make: Callable[..., Sequence[Sequence[bytes]]],
    *arguments: object,
    status: int | Sequence[int],
    address: str = LOOPBACK,
) -> Answers:
    """Run the load in a separate process, until the first connection has sent all its requests.

    `make(*arguments)` returns the requests of each connection. `status` is what is expected, one
    or several.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(send, (port, make, arguments, status, address))


def send(
    port: int,
    make: Callable[..., Sequence[Sequence[bytes]]],
    arguments: tuple[object, ...],
    status: int | Sequence[int],
    address: str = LOOPBACK,
) -> Answers:
    """`run`, in this process."""
    statuses = [status] if isinstance(status, int) else status
    expected = tuple(f"HTTP/1.1 {one} ".encode() for one in statuses)
    times: list[float] = []
    unexpected = 0
    lines = {
        line.socket.fileno(): line
        for line in [_Line(port, address, iter(requests)) for requests in make(*arguments)]
    }
    now = time.perf_counter
    begun, cpu_begun = now(), time.process_time()
    poll = select.epoll()
    try:
        for descriptor, line in lines.items():
            line.send()
            poll.register(descriptor, select.EPOLLIN)
        while True:
            for descriptor, _ in poll.poll():
                line = lines[descriptor]
                answer = line.read()
                if answer is None:
                    continue
                times.append((now() - line.sent_at) * 1000)
                unexpected += not answer.startswith(expected)
                if not line.send():
                    return Answers(
                        seconds=now() - begun,
                        times_ms=tuple(times),
                        unexpected=unexpected,
                        client_cpu_s=time.process_time() - cpu_begun,
                    )
    finally:
        poll.close()
        for line in lines.values():
            line.socket.close()


class _Line:
    """One connection."""

    def __init__(self, port: int, address: str, requests: Iterator[bytes]) -> None:
        self.socket = connected(port, address)
        self.sent_at = 0.0
        self._requests = requests
        self._begun = b""

    def send(self) -> bool:
        """Send the next request; False if none is left."""
        following = next(self._requests, None)
        if following is None:
            return False
        self.sent_at = time.perf_counter()
        self.socket.sendall(following)
        return True

    def read(self) -> bytes | None:
        """The response, once it is complete, else None."""
        part = self.socket.recv(MOST_BYTES)
        if not part:
            raise ConnectionError("the server closed a connection")
        answer = self._begun + part if self._begun else part
        if whole(answer):
            self._begun = b""
            return answer
        self._begun = answer
        return None
