from __future__ import annotations

from neuroplay.infra.asks import A_SECOND, LEAST, MOST, MOST_ADULTS, Asks
from tests.fakes.services import FakeSeconds


def test_each_adult_has_a_share_that_comes_back() -> None:
    seconds = FakeSeconds()
    limiter = Asks(clock=seconds)
    assert limiter.ask(1, MOST) == 0.0
    assert limiter.ask(1, 20) == 20 / A_SECOND
    assert limiter.ask(2, 20) == 0.0
    seconds.now += 2
    assert limiter.ask(1, 20) == 0.0
    assert limiter.ask(1, 1) > 0


def test_processes_together_allow_no_more_than_one() -> None:
    limiters = [Asks(processes=4, clock=FakeSeconds()) for _ in range(4)]
    assert [limiter.ask(1, MOST / 4) for limiter in limiters] == [0.0] * 4
    assert all(limiter.ask(1, 1) == 4 / A_SECOND for limiter in limiters)
    assert Asks(processes=1_000).ask(1, LEAST) == 0.0


def test_what_is_refused_costs_nothing() -> None:
    limiter = Asks(clock=FakeSeconds())
    limiter.ask(1, MOST - 5)
    for _ in range(9):
        assert limiter.ask(1, 20) > 0
    assert limiter.ask(1, 5) == 0.0


def test_memory_is_bounded_and_whoever_asks_is_not_forgotten() -> None:
    limiter = Asks(clock=FakeSeconds())
    for adult in (0, 1):
        limiter.ask(adult, MOST)
    for number in range(2, MOST_ADULTS + 2):
        limiter.ask(number, 1)
        assert limiter.ask(0, 1) > 0
    assert limiter.ask(1, MOST) == 0.0, "it was forgotten for newer ones"
