"""The benchmarks' client against a real server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.harness import closed_loop
from benchmarks.harness.closed_loop import Conversation


class Counting(BaseHTTPRequestHandler):
    """Answers how many requests came before on this connection; 500 to each third one, or 503 at
    `/busy`. Closes it instead where the path says so: `/once` if it is not the first request,
    `/always`."""

    protocol_version = "HTTP/1.1"
    answered = 0
    """By all connections."""

    def setup(self) -> None:
        super().setup()
        self.came = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        said = str(self.came).encode()
        self.came += 1
        if self.path == "/always" or (self.path == "/once" and self.came > 1):
            self.close_connection = True
            return
        third = 503 if self.path == "/busy" else 500
        self.send_response(third if self.came % 3 == 0 else 200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        Counting.answered += 1
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def prepared(count: int) -> list[list[bytes]]:
    return [[closed_loop.request("/", b"{}")] * count]


def test_only_the_expected_status_counts_as_an_answer(port: int) -> None:
    answers = closed_loop.send(port, prepared, (7,), 200)
    assert (len(answers.times_ms), answers.unexpected) == (5, 2)


@pytest.mark.parametrize(("path", "refused"), [("/", 0), ("/busy", 2)])
def test_refusals_are_told_from_other_answers(port: int, path: str, refused: int) -> None:
    asked = [[closed_loop.request(path, b"{}")] * 7]
    answers = closed_loop.send(port, lambda: asked, (), 200)
    assert (len(answers.times_ms), answers.unexpected, answers.refused) == (5, 2, refused)


def test_a_conversation_hears_each_answer_before_its_next_request(port: int) -> None:
    heard: list[bytes] = []

    def talk() -> Conversation:
        for _ in range(4):
            answer = yield closed_loop.request("/", b"{}")
            heard.append(answer.partition(b"\r\n\r\n")[2])

    closed_loop.send(port, lambda: [talk()], (), 200)
    assert heard == [b"0", b"1", b"2", b"3"]


def test_a_load_ends_when_its_time_is_over_however_much_is_left_to_say(port: int) -> None:
    def talk() -> Conversation:
        while True:
            yield closed_loop.request("/", b"{}")

    answers = closed_loop.send(port, lambda: [talk(), talk()], (), 200, seconds=0.2)
    assert answers.seconds >= 0.2
    assert answers.times_ms


def test_what_is_under_way_at_the_end_is_answered_and_does_not_count(port: int) -> None:
    before = Counting.answered
    answers = closed_loop.send(port, lambda: [*prepared(3), *prepared(50)], (), 200)
    counted = len(answers.times_ms) + answers.unexpected
    assert Counting.answered - before in (counted, counted + 1)


def test_a_request_on_a_connection_that_was_closed_is_repeated_on_a_new_one(port: int) -> None:
    def talk(path: str) -> list[list[bytes]]:
        return [[closed_loop.request(path, b"{}")] * 4]

    answers = closed_loop.send(port, talk, ("/once",), 200)
    assert (len(answers.times_ms), answers.unexpected) == (4, 0)
    answers = closed_loop.send(port, talk, ("/always",), 200)
    assert (len(answers.times_ms), answers.unexpected) == (0, 4)
