"""The queue of requests: what waits for too long is refused, and nothing is forgotten."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from itertools import takewhile

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
    assert [waiting.take() for _ in range(3)] == [(0, True), (1, True), (2, True)]


def test_a_burst_may_wait_longer_than_a_queue_that_never_ends() -> None:
    clock = Clock()
    waiting = full(clock)
    waiting.add(1, arrived=clock.now)
    clock.now += 0.7
    assert waiting.take() == (1, True)
    # It is empty for a moment, and then not any more.
    for number in range(2, 14):
        waiting.add(number, arrived=clock.now)
        clock.now += 0.1
        if number > 2:
            assert waiting.take() == (number - 1, True)
    clock.now += 0.2
    waiting.add(14, arrived=clock.now)
    assert waiting.take() == (13, False)
    assert waiting.take() == (14, True)


def test_what_arrived_before_it_was_read_has_waited_since_then() -> None:
    clock = Clock()
    waiting = full(clock)
    assert waiting.add(1, arrived=clock.now - 0.8) == "waited"
    assert waiting.add(2, arrived=clock.now - 0.2) is None
    assert waiting.take() == (2, True)


def test_a_queue_is_standing_until_nothing_was_too_old_for_a_while() -> None:
    clock = Clock()
    waiting = full(clock)
    waiting.add(1, arrived=clock.now)
    clock.now += 2
    assert waiting.add(2, arrived=clock.now - 0.3) == "waited"
    assert list(waiting.late()) == [1]
    assert waiting.add(3, arrived=clock.now - 0.3) == "waited"
    clock.now += 1.1
    assert waiting.add(4, arrived=clock.now - 0.3) is None


def test_what_an_answer_takes_is_part_of_the_wait_but_never_all_of_it() -> None:
    clock = Clock()
    waiting = full(clock)
    for _ in range(1000):
        waiting.answered(0.5)
    for waited_s, is_in_time in ((0.2, True), (0.3, False)):
        assert (waiting.add(1, arrived=clock.now - waited_s) is None) == is_in_time
    assert waiting.take() == (1, True)
    for _ in range(1000):
        waiting.answered(4.0)
    waiting.add(2, arrived=clock.now - LEAST_S / 2)
    assert waiting.take() == (2, True)


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
    assert waiting.take() == (1, True)
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
    not_empty_since, late_at = clock.now, clock.now - 60

    def is_late(number: int) -> bool:
        standing = clock.now - not_empty_since > LIMITS.standing_after_s
        return arrived[number] < clock.now - (LIMITS.standing_s if standing else LIMITS.burst_s)

    for step, seconds in steps:
        clock.now += seconds if step == "pass" else 0
        unheard = sorted(arrived.keys() - heard.keys())
        refused: list[int] = []
        if step == "add":
            if not unheard and clock.now - late_at > LIMITS.standing_after_s:
                not_empty_since = clock.now
            number = len(arrived)
            arrived[number] = clock.now - seconds
            told = waiting.add(number, arrived=arrived[number])
            assert told == ("waited" if is_late(number) else None)
            refused += [number] if told else []
        if step == "take" and unheard:
            taken = waiting.take()
            assert taken == (unheard[0], not is_late(unheard[0]))
            refused += [unheard[0]] if is_late(unheard[0]) else []
            heard[unheard[0]] += 1
        if step == "refuse":
            refused += waiting.late()
            assert refused == list(takewhile(is_late, unheard))
        if refused:
            late_at = clock.now
        if step != "take":
            heard.update(refused)
    clock.now += 10
    heard.update(waiting.late())
    assert heard == Counter(arrived.keys())


def test_threads_take_each_request_once_while_others_are_refused() -> None:
    clock = Clock()
    waiting = full(clock)
    taken: list[int] = []
    lock = threading.Lock()

    def take() -> None:
        while (found := waiting.take()) is not None:
            with lock:
                taken.append(found[0])

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
