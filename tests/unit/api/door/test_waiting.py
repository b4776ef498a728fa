"""The queue of requests: what waits for too long is refused, and nothing is forgotten."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from neuroplay.api.door.limits import Limits
from neuroplay.api.door.waiting import LEAST_S, SMALL_BYTES, Waiting

LIMITS = Limits(burst_s=0.75, standing_s=0.25, standing_after_s=1.0)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def full(clock: Clock, *, limits: Limits = LIMITS) -> Waiting[int]:
    return Waiting(limits, clock=clock)


def test_the_oldest_comes_first() -> None:
    clock = Clock()
    waiting = full(clock)
    for number in range(3):
        assert waiting.add(number, arrived=clock.now) is None
    assert [waiting.take() for _ in range(3)] == [0, 1, 2]


def test_a_burst_may_wait_longer_than_a_queue_that_never_ends() -> None:
    clock = Clock()
    waiting = full(clock)
    waiting.add(1, arrived=clock.now)
    clock.now += 0.7
    assert waiting.take() == 1
    # It is empty for a moment, and then not any more.
    for number in range(2, 14):
        waiting.add(number, arrived=clock.now)
        clock.now += 0.1
        if number > 2:
            assert waiting.take() == number - 1
    clock.now += 0.2
    waiting.add(14, arrived=clock.now)
    assert waiting.take() == 14
    assert list(waiting.late()) == [13]


def test_what_arrived_before_it_was_read_has_waited_since_then() -> None:
    clock = Clock()
    waiting = full(clock)
    assert waiting.add(1, arrived=clock.now - 0.8) == "waited"
    assert waiting.add(2, arrived=clock.now - 0.7) is None
    assert waiting.take() == 2


def test_after_a_queue_that_never_ended_the_first_one_is_a_burst_again() -> None:
    clock = Clock()
    waiting = full(clock)
    waiting.add(1, arrived=clock.now)
    clock.now += 2
    assert waiting.add(2, arrived=clock.now - 0.3) == "waited"
    assert list(waiting.late()) == [1]
    assert waiting.add(3, arrived=clock.now - 0.3) is None


def test_what_an_answer_takes_is_part_of_the_wait_but_never_all_of_it() -> None:
    clock = Clock()
    waiting = full(clock)
    for _ in range(1000):
        waiting.answered(0.5)
    for waited_s, is_in_time in ((0.2, True), (0.3, False)):
        assert (waiting.add(1, arrived=clock.now - waited_s) is None) == is_in_time
    assert waiting.take() == 1
    for _ in range(1000):
        waiting.answered(4.0)
    waiting.add(2, arrived=clock.now - LEAST_S / 2)
    assert waiting.take() == 2


def test_nothing_is_late_in_an_empty_queue() -> None:
    assert list(full(Clock()).late()) == []


def test_it_is_bounded_by_number_and_by_size() -> None:
    clock = Clock()
    waiting = full(clock, limits=replace(LIMITS, waiting=3, waiting_bytes=2 * SMALL_BYTES))
    assert waiting.add(1, arrived=clock.now, size=2 * SMALL_BYTES) is None
    assert waiting.add(2, arrived=clock.now, size=SMALL_BYTES) == "full"
    assert waiting.add(2, arrived=clock.now, size=SMALL_BYTES - 1) is None
    assert waiting.add(3, arrived=clock.now) is None
    assert waiting.add(4, arrived=clock.now) == "full"
    assert waiting.take() == 1
    assert waiting.add(4, arrived=clock.now, size=SMALL_BYTES) is None


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pass"), st.floats(min_value=0, max_value=0.6)),
        st.tuples(st.just("add"), st.floats(min_value=0, max_value=0.3)),
        st.tuples(st.sampled_from(["take", "refuse"]), st.just(0.0)),
    ),
    max_size=80,
)


@given(STEPS)
def test_who_waited_too_long_is_never_answered_and_each_is_heard_once(
    steps: list[tuple[str, float]],
) -> None:
    clock = Clock()
    waiting = full(clock)
    arrived: dict[int, float] = {}
    heard: Counter[int] = Counter()
    not_empty_since = clock.now

    def is_late(number: int) -> bool:
        standing = clock.now - not_empty_since > LIMITS.standing_after_s
        return arrived[number] < clock.now - (LIMITS.standing_s if standing else LIMITS.burst_s)

    for step, seconds in steps:
        clock.now += seconds if step == "pass" else 0
        if step == "add":
            if not len(waiting):
                not_empty_since = clock.now
            number = len(arrived)
            arrived[number] = clock.now - seconds
            refused = waiting.add(number, arrived=arrived[number])
            assert refused == ("waited" if is_late(number) else None)
            if refused is not None:
                heard[number] += 1
        if step == "take" and any(not is_late(number) for number in arrived.keys() - heard.keys()):
            taken = waiting.take()
            assert taken is not None
            assert not is_late(taken)
            heard[taken] += 1
        if step == "refuse":
            for number in waiting.late():
                heard[number] += 1
            assert not list(waiting.late())
    clock.now += 10
    for number in waiting.late():
        heard[number] += 1
    assert heard == Counter(arrived.keys())


def test_threads_take_each_request_once_while_others_are_refused() -> None:
    clock = Clock()
    waiting = full(clock)
    taken: list[int] = []
    lock = threading.Lock()

    def take() -> None:
        while (found := waiting.take()) is not None:
            with lock:
                taken.append(found)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for one in threads:
        one.start()
    refused = []
    for number in range(2000):
        # Some have waited for too long from the start, some do so soon.
        if waiting.add(number, arrived=clock.now - number % 4 / 4) is not None:
            refused.append(number)
        clock.now += 0.005
        refused += list(waiting.late())
    waiting.end(len(threads))
    for one in threads:
        one.join(10)
        assert not one.is_alive()
    refused += list(waiting.late())
    assert sorted([*taken, *refused]) == list(range(2000))
