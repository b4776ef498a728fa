"""Adapters that are timed or counted."""

from __future__ import annotations

from typing import Generic, TypeVar

from neuroplay.core.interfaces.services import Cache, RateLimiter
from neuroplay.infra.monitoring.metrics import CACHE_READS_TOTAL, REDIS_OPERATION_TIME

Value = TypeVar("Value")


class MeasuredCache(Generic[Value]):
    """A cache whose reads are counted as hits and misses."""

    def __init__(self, cache: Cache[Value]) -> None:
        self._cache = cache
        self._hits = CACHE_READS_TOTAL.labels(result="hit")
        self._misses = CACHE_READS_TOTAL.labels(result="miss")

    def get(self, key: bytes) -> Value | None:
        value = self._cache.get(key)
        (self._misses if value is None else self._hits).inc()
        return value

    def put(self, key: bytes, value: Value, ttl_s: float) -> None:
        self._cache.put(key, value, ttl_s)


class MeasuredRateLimiter:
    """A rate limiter that is timed."""

    def __init__(self, limiter: RateLimiter) -> None:
        self._limiter = limiter
        self._read_time = REDIS_OPERATION_TIME.labels(operation="limit_read")
        self._write_time = REDIS_OPERATION_TIME.labels(operation="limit_write")

    def blocked_for(self, *keys: str) -> float | None:
        with self._read_time.time():
            return self._limiter.blocked_for(*keys)

    def failed(self, *keys: str) -> None:
        with self._write_time.time():
            self._limiter.failed(*keys)

    def succeeded(self, *keys: str) -> None:
        with self._write_time.time():
            self._limiter.succeeded(*keys)
