"""A cache in the process's memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

MOST = 10_000

Value = TypeVar("Value")


class Memory(Generic[Value]):
    """A Cache of up to MOST values. Each process has its own."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[bytes, tuple[float, Value]] = {}

    def get(self, key: bytes) -> Value | None:
        known = self._known.get(key)
        return known[1] if known is not None and self._clock() < known[0] else None

    def put(self, key: bytes, value: Value, ttl_s: float) -> None:
        if len(self._known) >= MOST:  # thousands of children within one lifetime: start over
            self._known.clear()
        self._known[key] = self._clock() + ttl_s, value
