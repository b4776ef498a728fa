"""Short-lived values in Redis; a Redis that is away behaves like an empty one."""

from __future__ import annotations

import time
from typing import cast

from redis import Redis, RedisError

PREFIX = "neuroplay:cache:"

PAUSE_S = 1.0
"""After a failure Redis is left alone this long, so that a hung one does not slow each request."""


class RedisCache:
    def __init__(self, client: Redis) -> None:
        self._client = client
        self._away_until = 0.0

    def get(self, key: str) -> bytes | None:
        if self._paused():
            return None
        try:
            return cast("bytes | None", self._client.get(PREFIX + key))
        except RedisError:
            self._pause()
            return None

    def put(self, key: str, value: bytes, ttl_s: float) -> None:
        if self._paused():
            return
        try:
            self._client.set(PREFIX + key, value, px=max(1, int(ttl_s * 1000)))
        except RedisError:
            self._pause()

    def delete(self, *keys: str) -> None:
        if not keys or self._paused():
            return
        try:
            self._client.delete(*(PREFIX + key for key in keys))
        except RedisError:
            self._pause()

    def _paused(self) -> bool:
        return time.monotonic() < self._away_until

    def _pause(self) -> None:
        self._away_until = time.monotonic() + PAUSE_S
