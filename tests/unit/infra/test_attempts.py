from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.infra import attempts
from neuroplay.infra.attempts import A_SECOND, BURST, FORGOTTEN_AFTER_S, FREE_ATTEMPTS, Attempts
from tests.fakes.services import FakeSeconds


def fresh(number: int) -> tuple[str, str]:
    """A device and a card that nobody has tried yet."""
    return f"device:{number}", f"card:{number}"


def test_a_key_waits_longer_each_time_and_never_longer_than_five_minutes() -> None:
    seconds = FakeSeconds()
    limiter = Attempts(clock=seconds)
    waits = []
    for _ in range(14):
        limiter.failed("card")
        waits.append(round(limiter.failed("card")) if len(waits) > 3 else 0)
        seconds.now += waits[-1]
    assert waits[4:9] == [5, 10, 20, 40, 80]
    assert waits[-1] == 300


def test_a_wait_does_not_grow_while_it_lasts() -> None:
    seconds = FakeSeconds()
    limiter = Attempts(clock=seconds)
    for _ in range(100):
        assert limiter.failed("device:a") <= attempts.FIRST_WAIT_S


def test_guesses_with_a_new_device_and_card_each_time_use_up_everybodys_budget() -> None:
    seconds = FakeSeconds()
    limiter = Attempts(clock=seconds)
    waits = [limiter.failed(*fresh(number)) for number in range(BURST + 100)]
    assert waits[:BURST] == [0.0] * BURST
    assert all(0 < wait_s <= 1 / A_SECOND for wait_s in waits[BURST:])
    seconds.now += 10
    freed = [limiter.failed(*fresh(-number)) for number in range(1, 30)]
    assert freed.count(0.0) == 10 * A_SECOND


def test_processes_share_the_budget() -> None:
    limiter = Attempts(processes=3, clock=FakeSeconds())
    waits = [limiter.failed(*fresh(number)) for number in range(BURST)]
    assert waits.count(0.0) == BURST // 3


def test_what_was_long_ago_is_forgotten() -> None:
    seconds = FakeSeconds()
    limiter = Attempts(clock=seconds)
    for _ in range(5):
        limiter.failed("device:a")
    seconds.now += FORGOTTEN_AFTER_S
    assert [limiter.failed("device:a") for _ in range(5)] == [0.0] * 5


def test_a_flood_of_new_keys_takes_no_more_memory_than_there_is_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(attempts, "MOST_KEYS", 10)
    limiter = Attempts(clock=FakeSeconds())
    keys = [f"card:{number}" for number in range(20)]
    for key in keys:
        for _ in range(FREE_ATTEMPTS + 1):
            limiter.failed(key)
    # The last first: each that was forgotten takes the place of another.
    waits = [limiter.failed(key) > 0 for key in reversed(keys)]
    assert waits == [True] * 10 + [False] * 10


def test_threads_never_spend_more_than_there_is() -> None:
    limiter = Attempts(clock=FakeSeconds())
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda number: limiter.failed(*fresh(number)), range(3 * BURST)))
    assert waits.count(0.0) == BURST


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(-1e9, 1e9)), max_size=60))
def test_whatever_the_clock_does_a_wait_is_a_bounded_time(steps: list[tuple[str, float]]) -> None:
    seconds = FakeSeconds()
    limiter = Attempts(clock=seconds)
    for key, passed in steps:
        seconds.now += passed
        assert 0.0 <= limiter.failed(key) <= attempts.LONGEST_WAIT_S


def test_a_key_is_told_beforehand_how_long_it_waits() -> None:
    seconds = FakeSeconds()
    limiter = Attempts(clock=seconds)
    for _ in range(FREE_ATTEMPTS):
        assert limiter.waits("name", shared=True) == 0.0
        limiter.failed("name")
    assert limiter.waits("name", shared=True) == attempts.FIRST_WAIT_S
    assert limiter.waits("name", shared=False) == attempts.FIRST_WAIT_S
    assert limiter.waits("another", shared=True) == 0.0
    seconds.now += attempts.FIRST_WAIT_S
    assert limiter.waits("name", shared=True) == 0.0


def test_asking_beforehand_counts_nothing_and_says_when_everybodys_budget_is_used_up() -> None:
    seconds = FakeSeconds()
    limiter = Attempts(clock=seconds)
    for number in range(BURST):
        assert limiter.waits("name", shared=True) == 0.0
        limiter.failed(f"card:{number}")
    for _ in range(3):
        assert limiter.waits("name", shared=True) == 1 / A_SECOND
        assert limiter.waits("name", shared=False) == 0.0
    seconds.now += 1 / A_SECOND
    assert limiter.waits("name", shared=True) == 0.0
