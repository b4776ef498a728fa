"""Callers that share a round trip."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuroplay.infra.gathering import MOST, gather


class Trips:
    """Doubles numbers; `held` keeps trips from their end. Negative numbers are refused."""

    def __init__(self) -> None:
        self.made: list[list[int]] = []
        self.begun = threading.Semaphore(0)
        self.held = threading.Event()
        self.held.set()
        self.at_once = 0
        self.most_at_once = 0
        self._lock = threading.Lock()

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        with self._lock:
            self.made.append(list(numbers))
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.begun.release()
        self.held.wait(10)
        with self._lock:
            self.at_once -= 1
        if any(number < 0 for number in numbers):
            raise ValueError(f"negative: {min(numbers)}")
        return [number * 2 for number in numbers]


def waiting(threads: int, ask, numbers) -> tuple[ThreadPoolExecutor, list]:
    pool = ThreadPoolExecutor(threads)
    return pool, [pool.submit(ask, number) for number in numbers]


def until(condition) -> None:
    """Wait for what other threads do; they do it without a signal of their own."""
    moment = threading.Event()
    for _ in range(2000):
        if condition():
            return
        moment.wait(0.005)
    raise AssertionError("it did not happen")


def test_who_comes_alone_goes_alone_and_at_once() -> None:
    trips = Trips()
    ask = gather(trips)
    assert [ask(1), ask(2)] == [2, 4]
    assert trips.made == [[1], [2]]


def test_those_who_come_meanwhile_go_together() -> None:
    trips = Trips()
    trips.held.clear()
    ask = gather(trips)
    pool, answers = waiting(8, ask, [1])
    with pool:
        assert trips.begun.acquire(timeout=10)
        answers += [pool.submit(ask, number) for number in (2, 3, 4)]
        until(lambda: ask.waiting == 3)
        trips.held.set()
        assert [answer.result(10) for answer in answers] == [2, 4, 6, 8]
    assert trips.made[0] == [1]
    assert sorted(trips.made[1]) == [2, 3, 4]


def test_a_trip_takes_no_more_than_its_share_and_nobody_is_forgotten() -> None:
    trips = Trips()
    trips.held.clear()
    ask = gather(trips)
    pool, answers = waiting(MOST * 2 + 2, ask, [0])
    with pool:
        assert trips.begun.acquire(timeout=10)
        answers += [pool.submit(ask, number) for number in range(1, MOST * 2 + 2)]
        until(lambda: ask.waiting == MOST * 2 + 1)
        trips.held.set()
        assert [answer.result(10) for answer in answers] == [2 * n for n in range(MOST * 2 + 2)]
    assert [len(trip) for trip in trips.made] == [1, MOST, MOST, 1]


def test_a_fault_is_told_to_its_own_caller_alone() -> None:
    trips = Trips()
    trips.held.clear()
    ask = gather(trips)
    pool, answers = waiting(8, ask, [1])
    with pool:
        assert trips.begun.acquire(timeout=10)
        answers += [pool.submit(ask, number) for number in (2, -3, 4)]
        until(lambda: ask.waiting == 3)
        trips.held.set()
        with pytest.raises(ValueError, match="negative: -3"):
            answers[2].result(10)
        assert [answers[n].result(10) for n in (0, 1, 3)] == [2, 4, 8]
    assert sorted(trip for trip in trips.made if len(trip) == 1) == [[-3], [1], [2], [4]]


def test_a_fault_of_one_alone_is_told_and_not_tried_again() -> None:
    trips = Trips()
    ask = gather(trips)
    with pytest.raises(ValueError, match="negative"):
        ask(-1)
    assert trips.made == [[-1]]
    assert ask(1) == 2


def test_somebody_who_leaves_in_mid_trip_leaves_the_others_on_their_own() -> None:
    """A thread that is ended (SystemExit) must not take the queue with it."""

    class Leaves:
        first = True

        def __call__(self, numbers: Sequence[int]) -> list[int]:
            if self.first:
                self.first = False
                raise SystemExit
            return [number * 2 for number in numbers]

    ask = gather(Leaves())
    with pytest.raises(SystemExit):
        ask(1)
    assert ask(2) == 4


@settings(max_examples=60, deadline=None)
@given(numbers=st.lists(st.integers(-3, 50), min_size=1, max_size=40))
def test_everybody_always_gets_the_own_answer_and_one_trip_is_made_at_a_time(numbers) -> None:
    trips = Trips()
    ask = gather(trips)

    def outcome(number: int) -> int | str:
        try:
            return ask(number)
        except ValueError:
            return "refused"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(outcome, numbers))
    assert answers == [n * 2 if n >= 0 else "refused" for n in numbers]
    if min(numbers) >= 0:
        assert trips.most_at_once == 1
        assert sorted(n for trip in trips.made for n in trip) == sorted(numbers)
    assert ask.waiting == 0
