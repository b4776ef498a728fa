from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from neuroplay.infra.turns import LineIsFull, Turns


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


@contextmanager
def somebody_has_the_turn(turns: Turns, threads: ThreadPoolExecutor) -> Iterator[None]:
    has_it, go = threading.Event(), threading.Event()

    def hold() -> None:
        with turns.take(0):
            has_it.set()
            go.wait(60)

    held = threads.submit(hold)
    assert has_it.wait(60)
    try:
        yield
    finally:
        go.set()
        held.result(60)


def ask(turns: Turns, most_waiting: int) -> str:
    with turns.take(most_waiting):
        return "done"


def until_they_wait(turns: Turns, number: int) -> None:
    ends = time.monotonic() + 60
    while turns.waiting < number:
        assert time.monotonic() < ends
        time.sleep(0.001)


def test_who_finds_a_full_line_is_sent_away_and_the_known_are_not(threads):
    turns = Turns()
    with somebody_has_the_turn(turns, threads):
        waiting: list[Future[str]] = [threads.submit(ask, turns, 2) for _ in range(2)]
        until_they_wait(turns, 2)
        with pytest.raises(LineIsFull):
            ask(turns, 2)
        waiting.append(threads.submit(ask, turns, 4))
        until_they_wait(turns, 3)
    assert [one.result(60) for one in waiting] == ["done"] * 3
    assert ask(turns, 0) == "done"


def test_nobody_waits_longer_than_the_longest_time(threads):
    turns = Turns(longest_s=0.01)
    with somebody_has_the_turn(turns, threads), pytest.raises(LineIsFull):
        ask(turns, 5)
    assert ask(turns, 0) == "done"


def test_a_failure_gives_the_turn_back():
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns.take(0):
        raise ZeroDivisionError
    assert ask(turns, 0) == "done"
