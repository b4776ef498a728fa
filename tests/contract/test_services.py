"""The cache and the limiters, according to their Protocols."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neuroplay.core.interfaces.services import AskLimiter, Cache, RateLimiter
from neuroplay.infra.asks import MOST, Asks
from neuroplay.infra.attempts import Attempts
from neuroplay.infra.memory import Memory
from tests.fakes.services import NOON, FakeAsks, FakeCache, FakeRateLimiter


class Clock:
    """A clock for both: a date for the fake, seconds for the real one."""

    def __init__(self) -> None:
        self.passed = 0.0

    def date(self) -> datetime:
        return NOON + timedelta(seconds=self.passed)

    def seconds(self) -> float:
        return self.passed


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["fake", "memory"])
def cache(request, clock) -> Cache[bytes]:
    return FakeCache(clock.date) if request.param == "fake" else Memory(clock=clock.seconds)


@pytest.fixture(params=["fake", "process"])
def limiter(request, clock) -> RateLimiter:
    return FakeRateLimiter() if request.param == "fake" else Attempts(clock=clock.seconds)


@pytest.fixture(params=["fake", "process"])
def asks(request, clock) -> AskLimiter:
    return FakeAsks(left=MOST) if request.param == "fake" else Asks(clock=clock.seconds)


def test_an_adult_may_ask_for_so_much_and_then_waits_alone(asks):
    assert [asks.ask(7, MOST / 4) for _ in range(4)] == [0.0] * 4
    assert asks.ask(7, 1) > 0.0
    assert asks.ask(8, 1) == 0.0


def test_what_an_adult_may_not_have_is_not_counted(asks):
    asks.ask(7, MOST - 2)
    assert asks.ask(7, 3) > 0.0
    assert asks.ask(7, 2) == 0.0


def test_a_cached_value_is_read_back(cache):
    cache.put(b"a", b"\x00\xff", 30)
    assert cache.get(b"a") == b"\x00\xff"
    assert cache.get(b"b") is None


def test_a_cached_value_is_replaced(cache):
    cache.put(b"a", b"1", 30)
    cache.put(b"a", b"2", 30)
    assert cache.get(b"a") == b"2"


@given(lifetimes=st.lists(st.floats(0.001, 100), min_size=1, max_size=20), passed=st.floats(0, 200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_cached_value_is_there_for_its_time_and_never_longer(cache, clock, lifetimes, passed):
    clock.passed = 0.0
    keys = [str(number).encode() for number in range(len(lifetimes))]
    for key, ttl_s in zip(keys, lifetimes, strict=True):
        cache.put(key, key, ttl_s)
    assert [cache.get(key) for key in keys] == keys
    clock.passed = passed
    for key, ttl_s in zip(keys, lifetimes, strict=True):
        # A date has whole microseconds.
        if abs(ttl_s - passed) > 1e-5:
            assert cache.get(key) == (key if passed < ttl_s else None)


def test_some_failures_are_free_and_many_wait(limiter):
    assert [limiter.failed("card") for _ in range(5)] == [0.0] * 5
    assert limiter.failed("card") > 0.0


def test_one_key_that_waits_has_all_wait_that_are_tried_with_it(limiter):
    for _ in range(5):
        limiter.failed("card", "device")
    assert limiter.failed("fresh", "device") > 0.0
    assert limiter.failed("another") == 0.0


def test_a_success_forgets_the_failures(limiter):
    for _ in range(5):
        limiter.failed("card", "device")
    limiter.succeeded("card", "device")
    assert limiter.failed("card", "device") == 0.0


def test_nothing_failed_is_no_error(limiter):
    limiter.succeeded()
    limiter.succeeded("never seen")
