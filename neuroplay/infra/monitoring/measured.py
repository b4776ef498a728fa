"""Wrappers that add metrics to adapters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

from neuroplay.core.interfaces.services import Cache
from neuroplay.infra.monitoring.metrics import CACHE_READS_TOTAL, REDIS_OPERATION_TIME
from neuroplay.infra.monitoring.tracking import track_time

P = ParamSpec("P")
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


def timed(operation: str, call: Callable[P, Value]) -> Callable[P, Value]:
    """Time `call` as `operation`, one of metrics.REDIS_OPERATIONS."""
    return track_time(REDIS_OPERATION_TIME, {"operation": operation})(call)
