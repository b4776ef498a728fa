"""The open-loop client of the benchmarks, against a door that refuses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from benchmarks.harness import open_loop
from tests.integration.api.doors import PATIENCE_S, QUICK, door, get
from tests.integration.servers import wait_until

SECONDS = 0.4


def asked(count: int, path: str = "/") -> list[bytes]:
    return [get(path) for _ in range(count)]


def is_page(answer: bytes) -> bool:
    return answer.startswith(b"HTTP/1.1 200 ")


def test_what_is_answered_is_told_from_what_is_refused() -> None:
    with door() as made:
        served = open_loop.run(
            made.port, asked, 100, wanted=is_page, rate=100, seconds=SECONDS, connections=2
        )
    with door(replace(QUICK, burst_s=-1.0, standing_s=-1.0)) as made:
        refused = open_loop.run(
            made.port, asked, 100, wanted=is_page, rate=100, seconds=SECONDS, connections=2
        )
    due = len(open_loop.moments(100, SECONDS, open_loop.chance()))
    assert sorted(served.served) == list(range(due))
    assert (served.sent, len(served.refused_ms), served.failed) == (due, 0, 0)
    assert (refused.sent, len(refused.refused_ms), refused.failed) == (due, due, 0)
    assert refused.served == []


def test_it_goes_on_while_nothing_is_answered() -> None:
    due = len(open_loop.moments(100, SECONDS, open_loop.chance()))
    with door(threads=1) as made, ThreadPoolExecutor(1) as beside:
        holding = made.client()
        holding.send(get("/hold"))
        assert made.application.held.acquire(timeout=PATIENCE_S)
        found = beside.submit(
            partial(open_loop.run, wanted=is_page, rate=100, seconds=SECONDS, connections=1),
            made.port,
            asked,
            100,
        )
        wait_until(lambda: made.front.waiting == due, "all are sent, though none is answered")
        made.application.go.set()
        assert len(found.result(PATIENCE_S).served) == due
        holding.close()


def test_without_a_rate_it_waits_for_each_answer() -> None:
    with door() as made:
        found = open_loop.run(
            made.port, asked, 20_000, wanted=is_page, rate=None, seconds=SECONDS, connections=3
        )
    assert len(found.served) == found.sent > 3
    assert found.failed == 0


def test_a_connection_that_the_server_closes_is_opened_again() -> None:
    with door() as made:
        found = open_loop.run(
            made.port,
            closing,
            100,
            wanted=is_page,
            rate=100,
            seconds=SECONDS,
            connections=1,
        )
    assert len(found.served) == found.sent
    assert found.failed == 0


def closing(count: int) -> list[bytes]:
    return [get("/", "Connection: close") for _ in range(count)]
