"""The cache and the rate limiter, as their Protocols say: fakes, and adapters on a real Valkey."""

from __future__ import annotations

import pytest

from neuroplay.core.interfaces.services import Cache, RateLimiter
from neuroplay.infra.redis.cache import RedisCache
from neuroplay.infra.redis.rate_limit import RedisRateLimiter
from tests.fakes.services import FakeCache, FakeRateLimiter


@pytest.fixture(params=["fake", "redis"])
def cache(request) -> Cache:
    return FakeCache() if request.param == "fake" else RedisCache(request.getfixturevalue("redis"))


@pytest.fixture(params=["fake", "redis"])
def limiter(request) -> RateLimiter:
    if request.param == "fake":
        return FakeRateLimiter()
    return RedisRateLimiter(request.getfixturevalue("redis"))


def test_a_cached_value_is_read_back(cache):
    cache.put("a", b"\x00\xff", 30)
    assert cache.get("a") == b"\x00\xff"
    assert cache.get("b") is None


def test_a_cached_value_is_replaced(cache):
    cache.put("a", b"1", 30)
    cache.put("a", b"2", 30)
    assert cache.get("a") == b"2"


def test_a_deleted_value_is_gone_and_the_others_stay(cache):
    for key in ("a", "b", "c"):
        cache.put(key, b"1", 30)
    cache.delete("a", "b", "never there")
    cache.delete()
    assert [cache.get(key) for key in ("a", "b", "c")] == [None, None, b"1"]


def test_nobody_is_blocked_at_first(limiter):
    assert limiter.blocked_for("card") == 0.0
    assert limiter.blocked_for() == 0.0


def test_some_failures_are_free_and_many_block(limiter):
    for _ in range(4):
        limiter.failed("card")
        assert limiter.blocked_for("card") == 0.0
    limiter.failed("card")
    assert limiter.blocked_for("card") > 0.0


def test_one_blocked_key_blocks_all_that_are_asked_with_it(limiter):
    for _ in range(5):
        limiter.failed("card", "device")
    assert limiter.blocked_for("fresh", "device") > 0.0
    assert limiter.blocked_for("fresh") == 0.0


def test_a_success_forgets_the_failures(limiter):
    for _ in range(5):
        limiter.failed("card", "device")
    limiter.succeeded("card", "device")
    assert limiter.blocked_for("card", "device") == 0.0
    limiter.failed("card")
    assert limiter.blocked_for("card") == 0.0


def test_nothing_failed_is_no_error(limiter):
    limiter.failed()
    limiter.succeeded()
