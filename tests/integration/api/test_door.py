"""The API's HTTP server with hostile and broken clients, over HTTP and TLS."""

from __future__ import annotations

import ctypes
import ctypes.util
import gc
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuroplay.api.door import front, requests, threads
from neuroplay.api.door.held import counted_as
from neuroplay.api.door.requests import Reader
from neuroplay.api.request.caller import read_networks
from neuroplay.api.server import tls_of
from neuroplay.config import Settings
from neuroplay.infra.monitoring.metrics import CUT_REASONS
from tests.certificates import self_signed
from tests.integration.api.doors import (
    BIG,
    PATIENCE_S,
    QUICK,
    Client,
    Door,
    cuts,
    door,
    get,
    many,
    post,
    turned_away,
)
from tests.integration.servers import wait_until

QUICKLY_S = 5.0
"""More than a busy machine needs, less than any wait for others takes."""


@pytest.fixture(scope="module")
def contexts(tmp_path_factory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    pair = self_signed(tmp_path_factory.mktemp("door"), "127.0.0.1")
    server = tls_of(Settings(tls_cert=pair.cert, tls_key=pair.key))
    assert server is not None
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    return server, client


@pytest.fixture(params=["http", "https"])
def ways(request: pytest.FixtureRequest) -> dict[str, Any]:
    if request.param == "http":
        return {}
    server, client = request.getfixturevalue("contexts")
    return {"server": server, "client": client}


@pytest.fixture
def quick(ways: dict[str, Any]) -> Iterator[Door]:
    with door(**ways) as made:
        yield made


class TestUnfinishedRequests:
    def test_bodies_that_do_not_end_hold_no_thread_and_are_told_408(self, quick):
        before = cuts("slow_body")
        slow = []
        for _ in range(40):
            slow.append(quick.client())
            slow[-1].send(post(b"x", length=1000))

        assert quick.seconds() < QUICKLY_S

        answer = slow[0].answer()
        assert (answer.status, answer.document["code"]) == (408, "request_timeout")
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
        assert all(client.is_closed for client in slow)
        assert cuts("slow_body") == before + 40
        assert quick.application.asked == ["/"]
        for client in slow:
            client.close()

    def test_uploads_that_are_dropped_leave_nothing_behind(self, quick):
        before = cuts("hung_up")
        for _ in range(100):
            with quick.client() as client:
                client.send(post(b"x" * 100, length=100_000))
        assert quick.seconds() < QUICKLY_S
        wait_until(lambda: cuts("hung_up") == before + 100, "all are noticed")

    @pytest.mark.parametrize("said", [b"", b"GET", b"GET / HTTP/1.1\r\nHost: a\r\nX: "])
    def test_a_head_that_does_not_end_is_cut(self, quick, said):
        with quick.client() as client:
            client.send(said)
            if said:
                assert client.answer().status == 408
            assert client.is_closed

    def test_a_head_that_comes_byte_by_byte_is_cut_though_each_byte_is_news(self, quick):
        with quick.client() as client:
            assert is_cut_while_it_drips(client)

    def test_a_body_that_comes_byte_by_byte_is_cut(self, quick):
        with quick.client() as client:
            client.send(post(b"", length=1000))
            assert is_cut_while_it_drips(client)

    def test_a_slow_body_that_ends_in_time_is_served(self, ways):
        with door(replace(QUICK, body_s=PATIENCE_S), **ways) as made, made.client() as client:
            client.send(post(b"", length=3))
            for byte in (b"a", b"b", b"c"):
                time.sleep(0.05)  # the client's pace
                client.send(byte)
            assert client.answer().document["body"] == "abc"

    def test_an_answer_that_is_not_taken_is_cut_and_holds_no_thread(self, ways):
        before = cuts("slow_reader")
        lazy = []
        with door(threads=1, **ways) as made:
            for _ in range(8):
                lazy.append(made.client())
                lazy[-1].socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                lazy[-1].send(get("/big"))
            assert made.seconds() < QUICKLY_S
            wait_until(lambda: cuts("slow_reader") == before + 8, "they are cut")
            for client in lazy:
                client.close()

    def test_a_big_answer_arrives_whole(self, quick):
        with quick.client() as client:
            client.send(get("/big"))
            assert client.answer().body == bytes(BIG)
            client.send(get())
            assert client.answer().status == 200

    def test_idle_connections_end_and_an_unfinished_second_request_too(self, quick):
        with quick.client() as client:
            client.send(get())
            assert client.answer().status == 200
            client.send(get()[:10])
            assert client.answer().status == 408
        with quick.client() as client:
            client.send(get())
            assert client.answer().status == 200
            assert client.is_closed


def wait_for_bodies(door: Door, count: int) -> None:
    wait_until(lambda: door.front.unfinished_bodies >= count, "it has begun")


def is_cut_while_it_drips(client: Client) -> bool:
    """Send a byte now and then; whether that is no longer taken, sooner or later."""
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        try:
            client.send(b"a")
        except OSError:
            return True
        time.sleep(0.02)  # the client's pace
    return False


def floods(client: Client, data: bytes) -> None:
    """Send it again and again, until that is not taken any more."""
    with suppress(OSError):
        while True:
            client.send(data)


@contextmanager
def new_keys(port: int, wanted: int) -> Iterator[threading.Thread]:
    """A client that does nothing but change its keys (`wanted`: the server's too), as fast as it
    can. Python has no word for that; OpenSSL's own library has."""
    name = ctypes.util.find_library("ssl")
    if name is None:
        pytest.skip("no libssl to attack with")
    library = ctypes.CDLL(name)
    for function in ("SSL_CTX_new", "SSL_new", "TLS_client_method"):
        getattr(library, function).restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.SSL_CTX_new(ctypes.c_void_p(library.TLS_client_method())))
    connection = ctypes.c_void_p(library.SSL_new(context))
    with socket.create_connection(("127.0.0.1", port), 10) as plain:
        plain.setblocking(True)
        library.SSL_set_fd(connection, plain.fileno())
        assert library.SSL_connect(connection) == 1

        def change() -> None:
            while library.SSL_key_update(connection, wanted) == 1:
                if library.SSL_do_handshake(connection) != 1:
                    return

        flood = threading.Thread(target=change)
        flood.start()
        try:
            yield flood
        finally:
            with suppress(OSError):
                plain.shutdown(socket.SHUT_RDWR)
            flood.join()
            library.SSL_free(connection)
            library.SSL_CTX_free(context)


class TestCrowds:
    def test_silent_connections_of_one_address_go_before_it_could_starve_others(self, ways):
        limits = replace(QUICK, held_per_address=50, head_s=30, idle_s=30)
        before = cuts("address_full")
        with door(limits, **ways) as made, many(made, 400):
            assert made.seconds() < QUICKLY_S
            assert made.ask(source="127.0.0.2").status == 200
            assert cuts("address_full") - before >= 350 - 64

    def test_an_idle_connection_outlives_the_silent_ones_of_its_address(self, ways):
        limits = replace(QUICK, held_per_address=50, head_s=30, idle_s=30)
        with door(limits, **ways) as made, made.client() as honest:
            honest.send(get())
            assert honest.answer().status == 200
            with many(made, 200):
                honest.send(get())
                assert honest.answer().status == 200

    def test_what_an_address_asks_is_not_what_it_holds(self, ways):
        limits = replace(QUICK, held_per_address=8, head_s=30)
        with door(limits, threads=12, **ways) as made:
            asking = []
            for _ in range(12):
                asking.append(made.client())
                asking[-1].send(get("/hold"))
                assert made.application.held.acquire(timeout=PATIENCE_S)
            made.application.go.set()
            assert [client.answer().status for client in asking] == [200] * 12
            for client in asking:
                client.close()

    def test_a_trusted_proxy_is_not_capped(self, ways):
        limits = replace(QUICK, held_per_address=8, head_s=30)
        before = cuts("address_full")
        with door(limits, trusted=("127.0.0.0/8",), **ways) as made, many(made, 100):
            assert made.seconds() < QUICKLY_S
            assert cuts("address_full") == before

    def test_a_full_process_closes_what_loses_least(self, ways):
        limits = replace(QUICK, connections=60, head_s=30, idle_s=30)
        before = cuts("full")
        with door(limits, **ways) as made, many(made, 100), many(made, 100, source="127.0.0.3"):
            assert made.seconds() < QUICKLY_S
            assert cuts("full") > before

    def test_bodies_in_flight_are_bounded_and_the_oldest_is_asked_to_come_again(self, ways):
        limits = replace(QUICK, bodies=5, body_s=30)
        with door(limits, **ways) as made:
            slow = [made.client() for _ in range(6)]
            for place, client in enumerate(slow):
                client.send(post(b"x", length=1000))
                wait_for_bodies(made, min(place + 1, 5))
            answer = slow[0].answer()
            assert (answer.status, answer.document["code"]) == (503, "overloaded")
            assert int(answer.headers["retry-after"]) > 0
            slow[5].send(b"x" * 999)
            assert slow[5].answer().status == 200
            for client in slow:
                client.close()

    def test_bodies_are_bounded_in_sum(self):
        limits = replace(QUICK, body_bytes=3 << 20, body_s=30)
        with door(limits) as made:
            slow = [made.client() for _ in range(5)]
            for client in slow:
                client.send(post(b"x" * 900_000, length=1_000_000))
            assert slow[0].answer().status == 503
            for client in slow:
                client.close()

    def test_answers_that_are_not_taken_are_bounded_in_sum(self, ways):
        limits = replace(QUICK, answer_bytes=3 * BIG, send_s=30)
        before = cuts("slow_reader")
        with door(limits, **ways) as made:
            lazy = []
            for _ in range(6):
                lazy.append(made.client())
                lazy[-1].send(get("/big"))
            wait_until(lambda: cuts("slow_reader") >= before + 2, "the first of them are cut")
            assert lazy[-1].answer().body == bytes(BIG)
            assert made.ask("/big").body == bytes(BIG)
            for client in lazy:
                client.close()

    def test_too_many_waiting_requests_are_told_so(self):
        limits = replace(QUICK, waiting=3)
        with door(limits, threads=1) as made:
            first = made.client()
            first.send(get("/hold"))
            assert made.application.held.acquire(timeout=PATIENCE_S)
            others = [made.client() for _ in range(3)]
            for one in others:
                one.send(get())
            wait_until(lambda: made.front.waiting == 3, "they wait")
            assert made.ask().status == 503
            made.application.go.set()
            assert [one.answer().status for one in (first, *others)] == [200] * 4
            for one in (first, *others):
                one.close()

    def test_who_waited_too_long_is_told_so_and_keeps_the_connection(self, ways):
        limits = replace(QUICK, burst_s=0.2, standing_s=0.2)
        before = turned_away("waited")
        with door(limits, threads=1, **ways) as made:
            first, second = made.client(), made.client()
            first.send(get("/hold"))
            assert made.application.held.acquire(timeout=PATIENCE_S)
            # No thread is free to refuse it.
            second.send(post(b"a finished game"))
            answer = second.answer()
            assert (answer.status, answer.document["code"]) == (503, "overloaded")
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["x-request-id"] == answer.document["request_id"]
            assert answer.document["status"] == 503
            low, high = requests.LATER_BETWEEN_S
            assert low <= int(answer.headers["retry-after"]) <= high
            wait_until(lambda: turned_away("waited") == before + 1, "it is counted")
            assert made.saturation
            made.application.go.set()
            assert first.answer().status == 200
            second.send(post(b"again"))
            assert second.answer().document["body"] == "again"
            assert made.application.asked == ["/hold", "/"]
            for one in (first, second):
                one.close()

    def test_many_that_wait_too_long_are_all_told_so(self):
        limits = replace(QUICK, burst_s=0.2, standing_s=0.2)
        with door(limits, threads=2) as made, many(made, 200) as crowd:
            stuck = [made.client() for _ in range(2)]
            for one in stuck:
                one.send(get("/hold"))
                assert made.application.held.acquire(timeout=PATIENCE_S)
            for one in crowd:
                one.send(get("/"))
            assert [one.answer().status for one in crowd] == [503] * 200
            made.application.go.set()
            assert [one.answer().status for one in stuck] == [200] * 2
            for one in (*crowd, *stuck):
                one.send(get())
                assert one.answer().status == 200
            for one in stuck:
                one.close()

    def test_a_request_is_as_old_as_it_is_however_long_nothing_was_read(self, ways):
        limit_s = 1.0
        stands, go_on = threading.Event(), threading.Event()

        def stand_still() -> None:  # in the front's thread
            if stands.is_set():
                assert go_on.wait(PATIENCE_S)

        limits = replace(QUICK, burst_s=limit_s, standing_s=limit_s)
        with door(limits, heartbeat=stand_still, **ways) as made:
            old, new = made.client(), made.client()
            for one in (old, new):
                one.send(get())
                assert one.answer().status == 200
            stands.set()
            threading.Event().wait(2 * front.CHECK_S)  # then it stands
            old.send(get())
            threading.Event().wait(1.5 * limit_s)
            new.send(get())
            stands.clear()
            go_on.set()
            assert [one.answer().status for one in (old, new)] == [503, 200]
            for one in (old, new):
                one.close()

    @settings(max_examples=10, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.integers(min_value=1, max_value=4),
                st.integers(min_value=0, max_value=2000),
                st.integers(min_value=1, max_value=3000),
            ),
            min_size=1,
            max_size=30,
        )
    )
    def test_each_request_is_answered_or_refused_once_and_the_connection_stays(self, crowd):
        limits = replace(QUICK, burst_s=0.03, standing_s=0.01, standing_after_s=0.05)
        with door(limits, threads=1) as made, many(made, len(crowd)) as clients:
            for client, (count, size, part) in zip(clients, crowd, strict=True):
                data = post(b"x" * size) * count
                for begin in range(0, len(data), part):
                    client.send(data[begin : begin + part])
            for client, (count, _, _) in zip(clients, crowd, strict=True):
                for answer in [client.answer() for _ in range(count)]:
                    assert answer.status in (200, 503)
                    assert ("retry-after" in answer.headers) == (answer.status == 503)
                    assert "connection" not in answer.headers
                client.send(get("/health"))
                assert client.answer().status == 200

    @pytest.mark.parametrize("line", ["HTTP/1.1", "HTTP/1.0"])
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_a_refusal_is_in_the_form_that_was_asked_for(self, line, method):
        with door(replace(QUICK, burst_s=0.2, standing_s=0.2), threads=1) as made:
            first = made.client()
            first.send(get("/hold"))
            assert made.application.held.acquire(timeout=PATIENCE_S)
            for wish, closed in (("keep-alive", False), ("close", True)):
                with made.client() as second:
                    head = f"{method} / {line}\r\nHost: school\r\nConnection: {wish}\r\n\r\n"
                    second.send(head.encode())
                    answer = second.answer(head=method == "HEAD")
                    assert answer.status == 503
                    assert int(answer.headers["content-length"]) > 0
                    if closed:
                        assert second.is_closed
                    else:
                        assert answer.headers.get("connection", "keep-alive") == "keep-alive"
                        second.send(head.encode())
                        assert second.answer(head=method == "HEAD").status == 503
            made.application.go.set()
            first.close()

    def test_requests_sent_ahead_are_refused_one_by_one_and_the_last_ends_as_asked(self):
        with door(replace(QUICK, burst_s=0.2, standing_s=0.2), threads=1) as made:
            first = made.client()
            first.send(get("/hold"))
            assert made.application.held.acquire(timeout=PATIENCE_S)
            with made.client() as second:
                second.send(get() * 9 + get("/", "Connection: close"))
                assert [second.answer().status for _ in range(10)] == [503] * 10
                assert second.is_closed
            made.application.go.set()
            first.close()

    @pytest.mark.parametrize("path", ["/health", "/health/live", "/metrics", "/ops/figures"])
    def test_how_the_server_is_can_be_asked_while_nothing_else_can(self, path):
        with door(replace(QUICK, waiting=1), threads=1) as made:
            crowd = [made.client() for _ in range(2)]
            crowd[0].send(get("/hold"))
            assert made.application.held.acquire(timeout=PATIENCE_S)
            crowd[1].send(get())
            wait_until(lambda: made.front.waiting == 1, "it waits")
            assert made.ask("/").status == 503
            assert made.ask(path).status == 200
            made.application.go.set()
            for one in crowd:
                assert one.answer().status == 200
                one.close()

    def test_waiting_bodies_are_bounded_in_sum(self):
        with door(replace(QUICK, waiting_bytes=200_000), threads=1) as made:
            first, second = made.client(), made.client()
            first.send(get("/hold"))
            assert made.application.held.acquire(timeout=PATIENCE_S)
            second.send(post(b"x" * 150_000))
            wait_until(lambda: made.front.waiting == 1, "it waits")
            with made.client() as third:
                third.send(post(b"x" * 150_000))
                assert third.answer().status == 503
            made.application.go.set()
            assert [one.answer().status for one in (first, second)] == [200] * 2
            second.send(post(b"x" * 150_000))
            assert second.answer().status == 200
            for one in (first, second):
                one.close()

    def test_a_crowd_that_waits_does_not_look_like_a_deaf_server(self):
        """Who has no heartbeat is restarted: everything that waits would be lost."""
        heard: list[float] = []
        with door(
            replace(QUICK, waiting=1), threads=1, heartbeat=lambda: heard.append(time.monotonic())
        ) as made:
            crowd = [made.client() for _ in range(2)]
            crowd[0].send(get("/hold"))
            assert made.application.held.acquire(timeout=PATIENCE_S)
            crowd[1].send(get())
            wait_until(lambda: made.front.waiting == 1, "it waits")
            begun = time.monotonic()
            wait_until(lambda: heard and heard[-1] > begun, "it is heard")
            for one in crowd:
                one.close()

    def test_where_all_threads_are_at_one_request_for_too_long_there_is_no_heartbeat(
        self, monkeypatch
    ):
        monkeypatch.setattr(threads, "BUSY_S", 0.5)
        heard: list[float] = []
        with door(threads=2, heartbeat=lambda: heard.append(time.monotonic())) as made:
            stuck = [made.client()]
            stuck[0].send(get("/hold"))
            assert made.application.held.acquire(timeout=5)
            begun = time.monotonic()
            wait_until(lambda: heard and heard[-1] > begun + 0.8, "one thread is enough")
            stuck.append(made.client())
            stuck[1].send(get("/hold"))
            assert made.application.held.acquire(timeout=5)
            begun = time.monotonic()
            wait_until(lambda: time.monotonic() > begun + 1.5, "all are stuck for a while")
            assert heard[-1] < begun + 1.2
            made.application.go.set()
            wait_until(lambda: heard[-1] > begun + 1.5, "they answer again")
            for one in stuck:
                one.close()

    @pytest.mark.parametrize(
        ("host", "name"),
        [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
            ("10.1.2.3", None),
            ("::ffff:10.1.2.3", None),
            ("", None),
        ],
    )
    def test_an_address_is_counted_by_what_one_client_may_have_of_it(self, host, name):
        assert counted_as(host, read_networks(["10.0.0.0/8"])) == name


HOST = b"Host: school\r\n"


class TestWhatIsSaid:
    @pytest.mark.parametrize(
        ("said", "status"),
        [
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
            (b"GARBAGE\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400),
            (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400),
            (b"GET ops HTTP/1.1\r\n" + HOST + b"\r\n", 400),
            (b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n", 400),
            (b"GET / HTTP/1.1\n" + b"Host: a\n\n", 400),
            (b"GET / HTTP/3.0\r\n" + HOST + b"\r\n", 400),
            (b"GET / HTTP/0.9\r\n" + HOST + b"\r\n", 505),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
            (b"CONNECT a:1 HTTP/1.1\r\n" + HOST + b"\r\n", 405),
            (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 40_000 + b"\r\n\r\n", 431),
            (b"GET / HTTP/1.1\r\n" + HOST + b"X: 1\r\n" * 200 + b"\r\n", 431),
            (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 431),
            (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 400_000, 431),
            (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1048577\r\n\r\n", 413),
            (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 9999999999999999\r\n\r\n", 413),
            (b"POST / HTTP/1.1\r\n" + HOST + b"Expect: a-pony\r\n\r\n", 417),
        ],
    )
    def test_what_cannot_be_a_request_is_refused_in_a_problem_document(self, quick, said, status):
        with quick.client() as client:
            client.send(said)
            answer = client.answer()
            assert answer.status == status
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.document["status"] == status
            assert answer.document["request_id"] == answer.headers["x-request-id"]
            assert client.is_closed
        assert quick.application.asked == []

    @pytest.mark.parametrize(
        "headers",
        [
            b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            b"Content-Length: 5\r\nContent-Length: 5\r\n",
            b"Content-Length: 5\r\nContent-Length: 6\r\n",
            b"Content-Length: 5, 5\r\n",
            b"Content-Length: +5\r\n",
            b"Content-Length: -1\r\n",
            b"Content-Length: 0x5\r\n",
            b"Content-Length : 5\r\n",
            b"Content-Length: 5\n",
            b"Content-Length\r\n: 5\r\n",
            b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
            b"Transfer-Encoding: gzip, chunked\r\n",
            b"Transfer-Encoding: xchunked\r\n",
            b"Transfer-Encoding:\x0bchunked\r\n",
            b"Transfer-Encoding: chunked, identity\r\n",
            b"Transfer_Encoding: chunked\r\n Content-Length: 5\r\n",
        ],
    )
    def test_no_request_hides_in_another(self, quick, headers):
        hidden = get("/hidden")
        with quick.client() as client:
            client.send(b"POST /shown HTTP/1.1\r\n" + HOST + headers + b"\r\n0\r\n\r\n" + hidden)
            assert client.answer().status in (400, 501)
            assert client.is_closed
        assert quick.application.asked == []

    @pytest.mark.parametrize(
        ("chunks", "status"),
        [
            (b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n", 200),
            (b"Z\r\n", 400),
            (b"-1\r\n", 400),
            (b"0x3\r\nabc\r\n", 400),
            (b"3\r\nabcd\r\n", 400),
            (b"3\nabc\n", 400),
            (b"FFFFFFFFFFFFFFFFFFFF\r\n", 400),
            (b"100001\r\n" + b"a" * 0x100001 + b"\r\n0\r\n\r\n", 413),
            (b"1\r\na\r\n" * 600_000, 413),
            (b"1;" + b"x" * 3_000_000, 413),
        ],
    )
    def test_chunks_are_read_strictly_and_within_the_same_bounds(self, quick, chunks, status):
        start = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
        with quick.client() as client:
            try:
                client.send(start + chunks)
            except OSError:
                assert status == 413
            answer = client.answer()
            assert answer.status == status
            if status == 200:
                assert answer.document["body"] == "abcde"
                assert answer.document["CONTENT_LENGTH"] == "5"
                assert "HTTP_X_FORWARDED_FOR" not in answer.document
                assert "HTTP_TRANSFER_ENCODING" not in answer.document

    def test_requests_that_come_together_are_answered_in_order(self, quick):
        with quick.client() as client:
            client.send(b"".join(get(f"/{n}") for n in range(60)))
            asked = [client.answer().document["PATH_INFO"] for _ in range(60)]
        assert asked == [f"/{n}" for n in range(60)]

    def test_a_client_sends_so_many_requests_ahead_and_no_more(self, quick):
        with quick.client() as client:
            client.send(b"".join(get(f"/{n}") for n in range(1000)))
            answers = [client.answer() for _ in range(QUICK.pipelined)]
            assert client.is_closed
        assert {one.status for one in answers} == {200}
        assert answers[-1].document["PATH_INFO"] == f"/{QUICK.pipelined - 1}"
        assert [one.headers.get("connection") for one in answers[-2:]] == [None, "close"]
        assert len(quick.application.asked) == QUICK.pipelined

    def test_requests_ahead_are_few_however_they_come(self):
        read = Reader(QUICK)
        read.feed(b"GET / HTTP/1.1\r\nHost:\r\n\r\n" * 2000)
        assert len(read.ready) == QUICK.pipelined
        assert not read.ready[-1].headers[1:]
        asks_for_more = Reader(QUICK)
        asks_for_more.feed(get("/", "Connection: upgrade", "Upgrade: x") * 1000)
        assert len(asks_for_more.ready) == QUICK.pipelined

    def test_an_answered_body_is_not_kept_while_its_client_is_idle(self):
        read = Reader(QUICK)
        read.feed(post(b"x" * 100_000))
        request = read.ready.popleft()
        assert not [one for one in gc.get_referrers(request.body) if one is not request]
        assert not [one for one in gc.get_referrers(request) if one is read]

    @pytest.mark.parametrize("filler", [b"\r\n", b"\n"])
    def test_empty_lines_before_a_request_are_no_work_for_others_to_wait_for(self, quick, filler):
        with quick.client() as client:
            flood = threading.Thread(target=floods, args=(client, filler * 8000))
            flood.start()
            try:
                assert quick.seconds() < QUICKLY_S
                flood.join(PATIENCE_S)
                assert not flood.is_alive()  # it was cut
            finally:
                client.close()
                flood.join()

    def test_what_follows_the_last_request_is_not_read(self, quick):
        with quick.client() as client:
            client.send(get("/1", "Connection: close") + get("/2"))
            answer = client.answer()
            assert (answer.status, answer.headers["connection"]) == (200, "close")
            assert client.is_closed
        assert quick.application.asked == ["/1"]

    def test_a_good_request_is_answered_before_the_bad_one_behind_it_is_refused(self, quick):
        with quick.client() as client:
            client.send(get("/1") + b"GARBAGE\r\n\r\n")
            assert client.answer().status == 200
            assert client.answer().status == 400
            assert client.is_closed

    def test_a_client_that_waits_for_a_word_before_the_body_gets_it(self, quick):
        with quick.client() as client:
            client.send(post(b"", "Expect: 100-continue", length=3))
            assert client.answer().status == 100
            client.send(b"abc")
            assert client.answer().document["body"] == "abc"

    def test_a_body_that_is_too_large_is_refused_before_it_is_sent(self, quick):
        with quick.client() as client:
            client.send(post(b"", "Expect: 100-continue", length=2 << 20))
            assert client.answer().status == 413

    @pytest.mark.parametrize("protocol", ["websocket", "h2c", "TLS/1.0"])
    def test_no_other_protocol_is_taken_up(self, quick, protocol):
        words = ("Connection: Upgrade, HTTP2-Settings", f"Upgrade: {protocol}")
        with quick.client() as client:
            client.send(get("/1", *words, "Sec-WebSocket-Version: 13") + get("/2"))
            assert [client.answer().status for _ in range(2)] == [200, 200]
            client.send(post(b"abc", *words) + get("/4"))
            assert client.answer().document["body"] == "abc"
            assert client.answer().document["PATH_INFO"] == "/4"
            client.send(get("/5", "Connection: close, upgrade", f"Upgrade: {protocol}"))
            answer = client.answer()
            assert (answer.status, answer.headers["connection"]) == (200, "close")
            assert client.is_closed
        with quick.client() as client:
            client.send(
                f"GET /6 HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: {protocol}\r\n\r\n".encode()
            )
            assert client.answer().document["SERVER_PROTOCOL"] == "HTTP/1.0"

    def test_old_http_is_answered_and_ended(self, quick):
        with quick.client() as client:
            client.send(b"GET /1 HTTP/1.0\r\n\r\n")
            assert client.answer().status == 200
            assert client.is_closed
        with quick.client() as client:
            client.send(b"GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert client.answer().headers["connection"] == "keep-alive"
            client.send(get())
            assert client.answer().status == 200

    def test_an_absolute_target_names_the_host_whatever_the_header_says(self, quick):
        with quick.client() as client:
            client.send(b"GET http://one:81/a?b HTTP/1.1\r\nHost: other\r\n\r\n")
            said = client.answer().document
        assert (said["HTTP_HOST"], said["PATH_INFO"], said["QUERY_STRING"]) == ("one:81", "/a", "b")

    def test_headers_that_look_like_others_are_not_handed_on(self, quick):
        with quick.client() as client:
            client.send(get("/%61?%62", "X_Forwarded_For: 1", "Proxy: 2", "A: 1", "A: 2"))
            said = client.answer().document
        assert (said["PATH_INFO"], said["QUERY_STRING"], said["HTTP_A"]) == ("/a", "%62", "1,2")
        assert not {"HTTP_X_FORWARDED_FOR", "HTTP_PROXY"} & said.keys()
        assert said["REMOTE_ADDR"] == "127.0.0.1"

    def test_head_has_no_body(self, quick):
        with quick.client() as client:
            client.send(get().replace(b"GET", b"HEAD") + get("/2"))
            assert int(client.answer(head=True).headers["content-length"]) > 0
            assert client.answer().document["PATH_INFO"] == "/2"

    def test_a_fault_beneath_the_application_is_a_problem_document(self, quick):
        for path in ("/broken", "/odd") * 3:
            answer = quick.ask(path)
            assert (answer.status, answer.document["code"]) == (500, "internal")
        assert quick.ask().status == 200

    def test_one_byte_at_a_time_reads_the_same(self):
        whole = post(b"abc", "Expect: 100-continue") + get("/2")
        read = Reader(QUICK)
        for place in range(len(whole)):
            read.feed(whole[place : place + 1])
        assert [bytes(one.body) for one in read.ready] == [b"abc", b""]
        assert read.refusal is None


def test_every_reason_of_a_refusal_has_its_series():
    refusals = [one for one in vars(requests).values() if isinstance(one, requests.Refusal)]
    assert len(refusals) > 10
    # A request that is turned away has reasons of its own, and cuts no connection.
    assert {one.reason for one in refusals} - {requests.OVERLOADED.reason} <= set(CUT_REASONS)


class TestTls:
    @pytest.fixture
    def secure(self, contexts) -> Iterator[Door]:
        with door(server=contexts[0], client=contexts[1]) as made:
            yield made

    def test_only_http_1_1_is_agreed_on(self, secure):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["h2", "http/1.1"])
        with Client(secure.port, context) as client:
            assert isinstance(client.socket, ssl.SSLSocket)
            assert client.socket.selected_alpn_protocol() == "http/1.1"

    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_old_tablets_are_taken(self, secure, version):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.minimum_version = context.maximum_version = version
        with Client(secure.port, context) as client:
            client.send(get())
            assert client.answer().status == 200

    @pytest.mark.parametrize("said", [b"", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01\x00\x01"])
    def test_handshakes_that_do_not_end_are_cut(self, secure, said):
        with many(secure, 60) as opened:
            for client in opened:
                client.send(said)
            assert secure.seconds() < QUICKLY_S
            assert all(client.is_closed for client in opened)

    @pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"\0" * 100])
    def test_who_speaks_no_tls_is_cut(self, secure, said):
        before = cuts("handshake")
        with secure.plain() as client:
            client.send(said)
            assert client.is_closed
        wait_until(lambda: cuts("handshake") == before + 1, "it is counted")

    def test_a_word_that_ends_tls_behind_a_request_is_heard(self, contexts):
        came, leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = contexts[1].wrap_bio(came, leaving)
        limits = replace(QUICK, idle_s=60)
        with door(limits, server=contexts[0]) as made, made.plain() as wire:
            while True:
                try:
                    client.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    wire.send(leaving.read())
                    came.write(wire.socket.recv(1 << 16))
            client.write(get("/1"))
            with suppress(ssl.SSLWantReadError):
                client.unwrap()
            wire.send(leaving.read())
            assert wire.is_closed
            assert made.application.asked == ["/1"]

    @pytest.mark.parametrize("wanted", [0, 1])
    def test_new_keys_without_end_hold_nobody_up(self, secure, wanted):
        """They are no data: on a socket OpenSSL reads them for as long as they come."""
        with new_keys(secure.port, wanted) as flood:
            for _ in range(3):
                assert secure.seconds() < QUICKLY_S
            flood.join(PATIENCE_S)
            assert not flood.is_alive()  # it was cut

    def test_many_small_records_in_one_packet_are_all_read(self, secure):
        with secure.client() as client:
            for byte in get("/1") + get("/2"):
                client.send(bytes([byte]))
            assert [client.answer().status for _ in range(2)] == [200, 200]


class TestStop:
    def test_running_requests_finish_and_others_are_let_go(self, ways):
        with door(**ways) as made:
            idle, working, unfinished = made.client(), made.client(), made.client()
            idle.send(get())
            assert idle.answer().status == 200
            unfinished.send(post(b"x", length=10))
            working.send(get("/hold"))
            assert made.application.held.acquire(timeout=PATIENCE_S)
            made.front.stop()
            assert idle.is_closed
            made.application.go.set()
            answer = working.answer()
            assert (answer.status, answer.headers["connection"]) == (200, "close")
            made.thread.join(PATIENCE_S)
            assert not made.thread.is_alive()
            for one in (idle, working, unfinished):
                one.close()

    def test_who_does_not_take_the_answer_does_not_hold_the_stop_up(self, ways):
        with door(replace(QUICK, send_s=60), patience_s=1.5, **ways) as made:
            lazy = made.client()
            lazy.send(get("/big"))
            wait_until(lambda: made.application.asked, "it is asked")
            made.front.stop()
            made.thread.join(PATIENCE_S)
            assert not made.thread.is_alive()
            lazy.close()
