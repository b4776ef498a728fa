"""Short-lived values in Redis; a Redis that is away behaves like an empty one."""

from __future__ import annotations

from typing import cast

from redis import Redis, RedisError

from neuroplay.infra.redis.pause import Pause

PREFIX = "neuroplay:cache:"


class RedisCache:
    def __init__(self, client: Redis) -> None:
        self._client = client
        self._pause = Pause()

    def get(self, key: str) -> bytes | None:
        if self._pause:
            return None
        try:
            return cast("bytes | None", self._client.get(PREFIX + key))
        except RedisError:
            self._pause.begin()
            return None

    def put(self, key: str, value: bytes, ttl_s: float) -> None:
        if self._pause:
            return
        try:
            self._client.set(PREFIX + key, value, px=max(1, int(ttl_s * 1000)))
        except RedisError:
            self._pause.begin()

    def delete(self, *keys: str) -> None:
        if not keys or self._pause:
            return
        try:
            self._client.delete(*(PREFIX + key for key in keys))
        except RedisError:
            self._pause.begin()
