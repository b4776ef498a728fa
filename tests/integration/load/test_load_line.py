"""The load generator's connections, to servers that answer what a test says."""

from __future__ import annotations

import fcntl
import gzip
import resource
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from threading import Thread

import pytest
from gevent import socket as gevent_socket

from loadprofiles.reach.line import Answer, Line

BEYOND_SELECT = 1500
HANG_UP, AFTERWARDS = b"<hang up>", b"<afterwards>"

OK = b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nETag: "1"\r\n\r\nhi'
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Answering:
    """A server that reads one request and then sends the next of its answers, whatever was asked.
    What comes AFTERWARDS is sent when the test says so. HANG_UP at the end ends the connection.
    `heard` are the requests of each connection."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        self.heard: list[list[bytes]] = []
        self.said: SimpleQueue[None] = SimpleQueue()
        """One for each answer, and for what came afterwards."""

        self.afterwards: SimpleQueue[None] = SimpleQueue()
        self._answers = iter(answers)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/school/"
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                made, _ = self._socket.accept()
            except OSError:
                return
            with made, suppress(ConnectionResetError):
                self._converse(made)

    def _converse(self, made: socket.socket) -> None:
        heard: list[bytes] = []
        self.heard.append(heard)
        while asked := made.recv(1 << 16):
            heard.append(asked)
            first, *later = next(self._answers).split(AFTERWARDS)
            self._say(made, first)
            for part in later:
                self.afterwards.get()
                self._say(made, part)

    def _say(self, made: socket.socket, part: bytes) -> None:
        made.sendall(part.removesuffix(HANG_UP))
        if part.endswith(HANG_UP):
            made.shutdown(socket.SHUT_RDWR)
        self.said.put(None)

    def end(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@contextmanager
def answering(*answers: bytes, timeout_s: float = 20.0) -> Iterator[tuple[Answering, Line]]:
    server = Answering(answers)
    line = Line(server.url, timeout_s=timeout_s)
    try:
        yield server, line
    finally:
        line.close()
        server.end()


def got(answer: Answer) -> tuple[int, bytes]:
    return answer.status, answer.body()


@pytest.fixture(params=[0, BEYOND_SELECT], ids=["low number", "beyond select"])
def least_descriptor(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Sockets of the client have at least this number."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4 * BEYOND_SELECT, hard), hard))
    connect = gevent_socket.create_connection

    def create_connection(address: tuple[str, int]) -> gevent_socket.socket:
        made = connect(address)
        number = fcntl.fcntl(made.fileno(), fcntl.F_DUPFD_CLOEXEC, request.param)
        made.close()
        return gevent_socket.socket(fileno=number)

    monkeypatch.setattr(gevent_socket, "create_connection", create_connection)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("least_descriptor")
def test_requests_follow_each_other_on_one_connection() -> None:
    with answering(OK, OK, OK) as (server, line):
        for _ in range(3):
            assert got(line.ask("GET", "/")) == (200, b"hi")
    assert [len(one) for one in server.heard] == [3]


def test_a_request_is_what_the_server_expects() -> None:
    with answering(OK, OK) as (server, line):
        line.ask("GET", "/me", {"Authorization": "Bearer a"})
        line.ask("POST", "/sync", {"Content-Type": "application/json"}, '"ç"')
    host = server.url.removeprefix("http://").removesuffix("/school/")
    start = f"HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\n"
    assert [one.decode() for one in server.heard[0]] == [
        f"GET /school/me {start}Authorization: Bearer a\r\n\r\n",
        f'POST /school/sync {start}Content-Type: application/json\r\nContent-Length: 4\r\n\r\n"ç"',
    ]


@pytest.mark.usefixtures("least_descriptor")
@pytest.mark.parametrize(
    "late",
    [HANG_UP, b"HTTP/1.1 408 Request Timeout\r\n\r\n"],
    ids=["its end", "what nobody asked for"],
)
def test_a_connection_with_something_to_read_is_not_used_again(late: bytes) -> None:
    with answering(OK + AFTERWARDS + late, OK) as (server, line):
        assert got(line.ask("GET", "/")) == (200, b"hi")
        server.said.get()
        server.afterwards.put(None)
        server.said.get()
        assert got(line.ask("GET", "/")) == (200, b"hi")
    assert [len(one) for one in server.heard] == [1, 1]


@pytest.mark.parametrize(
    "last",
    [OK.replace(b"ETag", b"Connection: close\r\nETag"), OK.replace(b"1.1", b"1.0")],
    ids=["close", "HTTP/1.0"],
)
def test_the_last_response_of_a_connection_ends_it(last: bytes) -> None:
    with answering(last, OK) as (server, line):
        answer = line.ask("GET", "/")
        assert (got(answer), answer.header(b"etag")) == ((200, b"hi"), '"1"')
        assert got(line.ask("GET", "/")) == (200, b"hi")
    assert [len(one) for one in server.heard] == [1, 1]


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b"hi"),
        (CHUNKED + b"1\r\nh\r\n1\r\ni\r\n0\r\n\r\n", b"hi"),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end" + HANG_UP, b"until the end"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b"
            % (len(gzip.compress(b"small")), gzip.compress(b"small")),
            b"small",
        ),
    ],
    ids=["interim", "chunks", "no length", "gzip"],
)
def test_a_body_is_read_however_it_comes(sent: bytes, body: bytes) -> None:
    with answering(sent) as (_, line):
        assert got(line.ask("GET", "/")) == (200, body)


def test_an_unchanged_file_has_no_body() -> None:
    unchanged = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n"
    with answering(unchanged, OK) as (server, line):
        assert got(line.ask("GET", "/")) == (304, b"")
        assert got(line.ask("GET", "/")) == (200, b"hi")
    assert [len(one) for one in server.heard] == [2]


@pytest.mark.parametrize(
    "sent",
    [
        HANG_UP,
        b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n" + HANG_UP,
        CHUNKED + b"ff\r\n" + HANG_UP,
        b"HTTP/1.1 100 Continue\r\n\r\n" + HANG_UP,
        b"SSH-2.0-OpenSSH_9.2\r\n",
        OK + OK,
    ],
    ids=["nothing", "half", "half a chunk", "interim", "no HTTP", "two"],
)
def test_what_is_no_response_is_an_error_and_the_next_request_begins_anew(sent: bytes) -> None:
    with answering(sent, OK) as (server, line):
        with pytest.raises(ConnectionError):
            line.ask("GET", "/")
        assert got(line.ask("GET", "/")) == (200, b"hi")
    assert [len(one) for one in server.heard] == [1, 1]


def test_a_response_without_an_end_is_not_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loadprofiles.reach.line.MOST_BYTES", 1000)
    with (
        answering(b"HTTP/1.1 200 OK\r\nX: " + bytes(1001)) as (_, line),
        pytest.raises(ConnectionError, match="1000 bytes"),
    ):
        line.ask("GET", "/")


def test_a_server_that_says_nothing_is_not_awaited() -> None:
    with (
        answering(b"HTTP/1.1 200 OK\r\n", timeout_s=0.2) as (_, line),
        pytest.raises(TimeoutError),
    ):
        line.ask("GET", "/")


@pytest.mark.parametrize(
    ("coding", "sent"),
    [("gzip", b"no"), ("gzip", gzip.compress(b"small")[:-9]), ("br", b"\x0b\x02\x80small\x03")],
)
def test_a_body_that_cannot_be_decompressed_is_an_error(coding: str, sent: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(sent)}\r\n\r\n"
    with answering(head.encode() + sent) as (_, line):
        answer = line.ask("GET", "/")
        assert answer.status == 200
        with pytest.raises(ValueError, match=r"."):
            answer.body()


def test_who_hangs_up_has_sent_everything() -> None:
    with answering(OK, OK) as (server, line):
        line.ask("GET", "/")
        line.send("POST", "/sync", {}, "{}")
        server.said.get()
        server.said.get()
    assert server.heard[0][1].endswith(b"Content-Length: 2\r\n\r\n{}")
