"""A door of its own for a test: the real front in a thread, a small application behind it, and
clients that speak through raw sockets."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from neuroplay.api.door.front import Front
from neuroplay.api.door.limits import Limits
from neuroplay.api.door.processes import listen
from neuroplay.api.door.record import Record
from neuroplay.api.request.caller import read_networks
from neuroplay.infra.monitoring.saturation import Saturation
from tests.counts import counted

PATIENCE_S = 10.0
BIG = 8 << 20

QUICK = Limits(
    head_s=1.0,
    body_s=0.6,
    idle_s=2.0,
    send_s=0.6,
    send_rate=64 << 20,
    linger_s=0.3,
    burst_s=PATIENCE_S,
    standing_s=PATIENCE_S,
)
"""Clients have a tenth of the time, and requests may wait for as long as a test does."""


@dataclass
class Application:
    """Echoes what it was asked; `/hold` waits for `go`, `/big` says more than a socket takes."""

    go: threading.Event = field(default_factory=threading.Event)
    held: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    asked: list[str] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read()
        self.asked.append(environ["PATH_INFO"])
        if environ["PATH_INFO"] == "/hold":
            self.held.release()
            assert self.go.wait(PATIENCE_S)
        if environ["PATH_INFO"] == "/broken":
            raise RuntimeError("beneath the application")
        if environ["PATH_INFO"] == "/odd":
            start_response("200 OK", [("X-Odd", "\u20ac")])
            return [b""]
        if environ["PATH_INFO"] == "/big":
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [bytes(BIG)]
        said = {
            name: value
            for name, value in environ.items()
            if isinstance(value, str) and not name.startswith("wsgi.")
        }
        said["body"] = body.decode("latin-1")
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(said).encode()]


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


class Client:
    """A raw connection. Everything that it waits for comes within PATIENCE_S."""

    def __init__(self, port: int, context: ssl.SSLContext | None, source: str = "") -> None:
        plain = socket.create_connection(
            ("127.0.0.1", port), PATIENCE_S, source_address=(source, 0) if source else None
        )
        self.socket = context.wrap_socket(plain) if context else plain
        self._read = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, *, head: bool = False) -> Answer:
        """The next answer; `head`: it has no body whatever its length says."""
        while b"\r\n\r\n" not in self._read:
            self._receive()
        start, _, self._read = self._read.partition(b"\r\n\r\n")
        line, *lines = start.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in lines)}
        length = 0 if head else int(headers.get("content-length", 0))
        while len(self._read) < length:
            self._receive()
        body, self._read = self._read[:length], self._read[length:]
        return Answer(int(line.split()[1]), headers, body)

    def _receive(self) -> None:
        part = self.socket.recv(1 << 16)
        assert part, f"the connection ended after {self._read!r}"
        self._read += part

    @property
    def is_closed(self) -> bool:
        """Whether the other side ends it, sooner or later; what still came is passed over."""
        try:
            while self.socket.recv(1 << 16):
                pass
        except TimeoutError:
            return False
        except OSError:
            return True
        return True

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class Door:
    port: int
    front: Front
    application: Application
    thread: threading.Thread
    saturation: Saturation
    context: ssl.SSLContext | None

    def client(self, source: str = "") -> Client:
        return Client(self.port, self.context, source)

    def plain(self) -> Client:
        """A connection without TLS, whatever is spoken."""
        return Client(self.port, None)

    def ask(self, path: str = "/", source: str = "") -> Answer:
        with self.client(source) as client:
            client.send(get(path))
            return client.answer()

    def seconds(self) -> float:
        """How long an honest request takes now, its connection included."""
        begun = time.monotonic()
        assert self.ask().status == 200
        return time.monotonic() - begun


def get(path: str = "/", *headers: str) -> bytes:
    lines = "".join(f"{one}\r\n" for one in ("Host: school", *headers))
    return f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode()


def post(body: bytes, *headers: str, path: str = "/", length: int | None = None) -> bytes:
    lines = "".join(f"{one}\r\n" for one in ("Host: school", *headers))
    size = len(body) if length is None else length
    return f"POST {path} HTTP/1.1\r\n{lines}Content-Length: {size}\r\n\r\n".encode() + body


@contextmanager
def door(
    limits: Limits = QUICK,
    *,
    threads: int = 2,
    server: ssl.SSLContext | None = None,
    client: ssl.SSLContext | None = None,
    trusted: tuple[str, ...] = (),
    patience_s: float = 5.0,
    heartbeat: Callable[[], None] = lambda: None,
) -> Iterator[Door]:
    application = Application()
    listener, saturation = listen("127.0.0.1", 0), Saturation()
    front = Front(
        application,  # type: ignore[arg-type]
        [listener],
        threads=threads,
        limits=limits,
        record=Record(saturation),
        heartbeat=heartbeat,
        tls=server,
        trusted=read_networks(trusted),
    )
    thread = threading.Thread(target=front.run, args=(patience_s,))
    thread.start()
    try:
        yield Door(listener.getsockname()[1], front, application, thread, saturation, client)
    finally:
        application.go.set()
        front.stop()
        thread.join(PATIENCE_S)
        listener.close()
        assert not thread.is_alive()


def turned_away(reason: str) -> float:
    return counted("neuroplay_api_turned_away_total", reason=reason)


def cuts(reason: str) -> float:
    return counted("neuroplay_api_cuts_total", reason=reason)


@contextmanager
def many(door: Door, count: int, *, source: str = "") -> Iterator[list[Client]]:
    """So many connections at once, without TLS: what they say is the test's."""
    opened = []
    try:
        for _ in range(count):
            opened.append(Client(door.port, None, source))
        yield opened
    finally:
        for one in opened:
            with suppress(OSError):
                one.close()
