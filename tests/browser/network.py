"""What lies between a tablet and the school's server: a real reverse proxy that can misbehave.

`Network` listens on a port of its own and forwards to a running system. A test says what becomes
of sync requests: answered by someone else, cut, delayed, or the whole network gone.
"""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

SYNC = "/api/v1/gameplay/sync"

DROPPED = ("connection", "accept-encoding", "host", "if-none-match", "if-modified-since")
"""Headers that are not forwarded: every answer comes whole and readable."""


@dataclass(frozen=True, kw_only=True)
class Request:
    path: str
    body: bytes
    at: float
    """time.monotonic() when it came."""

    @property
    def sessions(self) -> list[str]:
        return [session["session_id"] for session in json.loads(self.body)["sessions"]]


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the tablet gets. `cut`: only half of the body comes; `never`: nothing until the tablet
    gives up; `reached`: the server had the request all the same."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    never: bool = False
    reached: bool = False


Mood = Callable[[Request], Reply | None]
"""What becomes of a sync request; None: it is forwarded like any other."""


def fair(_: Request) -> None:
    """Forward everything."""


def always(reply: Reply) -> Mood:
    return lambda _: reply


def first(count: int, reply: Reply) -> Mood:
    """The first `count` sync requests get `reply`, the later ones are forwarded."""
    seen = iter(range(count))
    return lambda _: reply if next(seen, None) is not None else None


def problem(status: int, code: str, *, student_id: int | None = None, **headers: str) -> Reply:
    """A problem document, as our own server answers."""
    document: dict[str, Any] = {
        "type": f"urn:neuroplay:problem:{code}",
        "title": code,
        "status": status,
        "code": code,
        "detail": "why",
    }
    if student_id is not None:
        document["student_id"] = student_id
    return Reply(
        status=status,
        body=json.dumps(document).encode(),
        headers={
            "Content-Type": "application/problem+json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
    )


LOGIN_PAGE = Reply(
    body=b"<!doctype html><title>School Wi-Fi</title><form>Please log in</form>",
    headers={"Content-Type": "text/html"},
)
TO_LOGIN_PAGE = Reply(status=302, headers={"Location": "/login", "Content-Type": "text/html"})
BAD_GATEWAY = Reply(status=502, body=b"<h1>Bad gateway</h1>", headers={"Content-Type": "text/html"})
LOST_ANSWER = Reply(cut=True, reached=True)
"""The server stored the sessions, but its answer never comes."""

HALF_AN_ANSWER = Reply(
    status=202,
    body=b'{"receipts": [{"session_id": "0190b0a5-0000-7000-8000-000000000001", "status": "acc',
    headers={"Content-Type": "application/json"},
    cut=True,
)
SILENCE = Reply(never=True)


class Network:
    """Start it with `up()`; `down()` refuses every connection, as a dead server does."""

    def __init__(self, server_url: str) -> None:
        self._target = urlsplit(server_url)
        self._port = 0
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.mood: Mood = fair
        self.instead: dict[str, Reply] = {}
        """Answers of somebody else, by path; for sync requests `mood` comes first."""
        self.asked_instead: list[str] = []
        self.sync_requests: list[Request] = []
        self.changed: dict[str, Callable[[bytes], bytes]] = {}
        """Path -> how its body is changed on the way."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def up(self) -> None:
        if self._server is not None:
            return
        network = self

        class Handler(_Forward):
            pass

        Handler.network = network
        self._server = _Server(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def down(self) -> None:
        """End every connection and take no new one."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server = None
        with self._lock:
            for connection in self._open:
                _end(connection)
            self._open.clear()

    def fresh(self) -> None:
        """Up, fair, and with no memory."""
        self.mood = fair
        self.changed = {}
        self.instead = {}
        self.asked_instead = []
        self.up()
        self.sync_requests = []

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def forward(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """What the real server answers. Raises OSError or HTTPException where it is down."""
        assert self._target.hostname is not None
        connection = http.client.HTTPConnection(
            self._target.hostname, self._target.port, timeout=30
        )
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A tablet that goes away in the middle is no error here."""


class _Forward(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    network: Network

    def setup(self) -> None:
        super().setup()
        self.network.opened(self.connection)

    def finish(self) -> None:
        self.network.closed(self.connection)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PATCH = do_HEAD = do_GET  # noqa: N815 - names of http.server

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        reply = None
        if path == SYNC:
            request = Request(path=path, body=body, at=time.monotonic())
            self.network.sync_requests.append(request)
            reply = self.network.mood(request)
        if reply is None and path in self.network.instead:
            self.network.asked_instead.append(path)
            reply = self.network.instead[path]
        if reply is None or reply.reached:
            headers = {
                name: value for name, value in self.headers.items() if name.lower() not in DROPPED
            }
            try:
                status, found, content = self.network.forward(
                    self.command, self.path, headers, body
                )
            except (OSError, http.client.HTTPException):
                self.close_connection = True  # as a server that is not there
                return
            if reply is None:
                self._send(status, found, self.network.changed.get(path, _same)(content))
                return
        assert reply is not None
        if reply.never:
            self.connection.settimeout(60)
            self.connection.recv(1)  # returns when the tablet gives up
            self.close_connection = True
        elif reply.cut:
            if reply.body:
                self._send(reply.status, list(reply.headers.items()), reply.body, cut=True)
            self.close_connection = True
        else:
            self._send(reply.status, list(reply.headers.items()), reply.body)

    def _send(
        self, status: int, headers: list[tuple[str, str]], body: bytes, *, cut: bool = False
    ) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("connection", "content-length", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) * (2 if cut else 1)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _same(body: bytes) -> bytes:
    return body


def _end(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
