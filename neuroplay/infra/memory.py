"""A cache in front of a cache: what was read a moment ago is in this process's own memory."""

from __future__ import annotations

import time
from collections.abc import Callable

from neuroplay.core.interfaces.services import Cache

KEPT_S = 10.0
MOST = 10_000


class ShortMemory:
    """Remembers what another cache answered or was given, for KEPT_S at most: so much later than
    that one it forgets. `delete` is at once in this process, and within KEPT_S in others."""

    def __init__(self, behind: Cache, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._behind = behind
        self._clock = clock
        self._known: dict[str, tuple[float, bytes]] = {}

    def get(self, key: str) -> bytes | None:
        known = self._known.get(key)
        if known is not None and self._clock() < known[0]:
            return known[1]
        value = self._behind.get(key)
        if value is not None:
            self._remember(key, value, KEPT_S)
        return value

    def put(self, key: str, value: bytes, ttl_s: float) -> None:
        self._behind.put(key, value, ttl_s)
        self._remember(key, value, min(ttl_s, KEPT_S))

    def delete(self, *keys: str) -> None:
        for key in keys:
            self._known.pop(key, None)
        self._behind.delete(*keys)

    def _remember(self, key: str, value: bytes, seconds: float) -> None:
        if len(self._known) >= MOST:  # thousands of children within seconds: begin anew
            self._known.clear()
        self._known[key] = self._clock() + seconds, value
