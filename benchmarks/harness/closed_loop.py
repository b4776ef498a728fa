"""A closed-loop load: connections that send the next request as soon as they have a response.

One process with one thread, epoll and prepared requests. A request costs some 35 microseconds of
processor time, most of it in the kernel. A server on the same processors does without that time;
`Answers.client_share` reports it.
"""

from __future__ import annotations

import math
import multiprocessing
import select
import socket
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

MOST_BYTES = 65536
LOOPBACK = "127.0.0.1"
SILENT_S = 60.0
"""A server that answers none of its connections for so long hangs."""

Conversation = Generator[bytes, bytes, None]
"""Yields requests and is sent the response to each."""

Make = Callable[..., Sequence[Iterable[bytes]]]
"""Returns the requests of each connection, prepared or as a Conversation."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Times of the responses with the expected status, the number of others, and the client's
    processor time. `refused` is how many of the others were 503."""

    seconds: float
    times_ms: tuple[float, ...]
    unexpected: int
    refused: int = 0
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


def request(
    path: str,
    body: bytes = b"",
    *,
    token: str = "",
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes of a request with JSON."""
    lines = {"Host": "127.0.0.1", "Content-Type": "application/json", **(headers or {})}
    if token:
        lines["Authorization"] = f"Bearer {token}"
    lines["Content-Length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


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
    make: Make,
    *arguments: object,
    status: int | Sequence[int],
    address: str = LOOPBACK,
    seconds: float = math.inf,
) -> Answers:
    """Run the load in a separate process, until the first connection has sent all its requests, or
    for so many seconds.

    `make(*arguments)` returns the requests of each connection. `status` is what is expected, one
    or several. A request whose connection is closed is repeated on a new one, as browsers do; if
    that is closed, too, the response counts as unexpected. Responses to requests that are under way
    at the end are awaited, but do not count: the next load finds a server with nothing left to do.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(send, (port, make, arguments, status, address, seconds))


def send(
    port: int,
    make: Make,
    arguments: tuple[object, ...],
    status: int | Sequence[int],
    address: str = LOOPBACK,
    seconds: float = math.inf,
) -> Answers:
    """`run`, in this process."""
    statuses = [status] if isinstance(status, int) else status
    expected = tuple(f"HTTP/1.1 {one} ".encode() for one in statuses)
    times: list[float] = []
    unexpected = refused = 0
    lines = {
        line.socket.fileno(): line
        for line in [_Line(port, address, requests) for requests in make(*arguments)]
    }
    now = time.perf_counter
    begun, cpu_begun = now(), time.process_time()
    ends = begun + seconds
    poll = select.epoll()
    try:
        for descriptor, line in lines.items():
            line.send(None)
            poll.register(descriptor, select.EPOLLIN)
        under_way, over = len(lines), None
        while under_way:
            ready = poll.poll(SILENT_S)
            if not ready:
                raise TimeoutError(f"no response for {SILENT_S:g} s")
            for descriptor, _ in ready:
                line = lines[descriptor]
                try:
                    answer = line.read()
                except ConnectionError:
                    del lines[descriptor]
                    answer = line.again()
                    descriptor = line.socket.fileno()
                    lines[descriptor] = line
                    poll.register(descriptor, select.EPOLLIN)
                if answer is None:
                    continue
                came = now()
                if over is None:
                    if answer.startswith(expected):
                        times.append((came - line.sent_at) * 1000)
                    else:
                        unexpected += 1
                        refused += answer.startswith(b"HTTP/1.1 503 ")
                    if came < ends and line.send(answer):
                        continue
                    over = Answers(
                        seconds=now() - begun,
                        times_ms=tuple(times),
                        unexpected=unexpected,
                        refused=refused,
                        client_cpu_s=time.process_time() - cpu_begun,
                    )
                poll.unregister(descriptor)
                under_way -= 1
        assert over is not None
        return over
    finally:
        poll.close()
        for line in lines.values():
            line.socket.close()


def _said(requests: Iterable[bytes]) -> Conversation:
    """Prepared requests, whatever is answered."""
    for one in requests:  # noqa: UP028 - an iterator cannot be sent an answer
        yield one


class _Line:
    """One connection."""

    def __init__(self, port: int, address: str, requests: Iterable[bytes]) -> None:
        self._server = port, address
        self.socket = connected(*self._server)
        self.sent_at = 0.0
        self._last = b""
        self._repeated = False
        self._requests = requests if isinstance(requests, Generator) else _said(requests)
        self._begun = b""

    def send(self, answer: bytes | None) -> bool:
        """Send the request that follows this response, None for the first one; False if none is
        left."""
        try:
            self._last = self._requests.send(answer) if answer is not None else next(self._requests)
        except StopIteration:
            return False
        self._repeated = False
        self.sent_at = time.perf_counter()
        with suppress(ConnectionError):  # of a closed connection, as `read` tells
            self.socket.sendall(self._last)
        return True

    def again(self) -> bytes | None:
        """Open the connection again and repeat the request; b"" instead if it was repeated."""
        self.socket.close()
        self.socket = connected(*self._server)
        self._begun = b""
        if self._repeated:
            return b""
        self._repeated = True
        self.socket.sendall(self._last)
        return None

    def read(self) -> bytes | None:
        """The response, once it is complete, else None. Raises ConnectionError."""
        part = self.socket.recv(MOST_BYTES)
        if not part:
            raise ConnectionError("the server closed a connection")
        answer = self._begun + part if self._begun else part
        if whole(answer):
            self._begun = b""
            return answer
        self._begun = answer
        return None
