"""Failed sign-ins, counted in Redis; where it is away nothing is limited."""

from __future__ import annotations

from typing import Any

from redis import Redis, RedisError

from neuroplay.infra.redis.pause import Pause

PREFIX = "neuroplay:attempts:"

FREE_ATTEMPTS = 5
"""Failures before anybody has to wait: small fingers mistype."""

FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 300.0
FORGOTTEN_AFTER_S = 900


class RedisRateLimiter:
    """After FREE_ATTEMPTS failures of a key each further one doubles the wait."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._pause = Pause()

    def blocked_for(self, *keys: str) -> float | None:
        if not keys or self._pause:
            return None
        try:
            with self._client.pipeline(transaction=False) as pipe:
                pipe.exists(*(f"{PREFIX}{key}:count" for key in keys))
                for key in keys:
                    pipe.pttl(f"{PREFIX}{key}:wait")
                failed, *waits = pipe.execute()
        except RedisError:
            self._pause.begin()
            return None
        return max(0.0, max(waits) / 1000) if failed else None

    def failed(self, *keys: str) -> None:
        if not keys or self._pause:
            return
        try:
            with self._client.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.incr(f"{PREFIX}{key}:count")
                    pipe.expire(f"{PREFIX}{key}:count", FORGOTTEN_AFTER_S)
                counts: list[Any] = pipe.execute()[::2]
                for key, count in zip(keys, counts, strict=True):
                    if count >= FREE_ATTEMPTS:
                        pipe.set(f"{PREFIX}{key}:wait", 1, px=int(wait_after(count) * 1000))
                pipe.execute()
        except RedisError:
            self._pause.begin()

    def succeeded(self, *keys: str) -> None:
        names = [f"{PREFIX}{key}:{part}" for key in keys for part in ("count", "wait")]
        if not names or self._pause:
            return
        try:
            self._client.delete(*names)
        except RedisError:
            self._pause.begin()


def wait_after(failures: int) -> float:
    """Seconds to wait after so many failures."""
    if failures < FREE_ATTEMPTS:
        return 0.0
    doublings = min(failures - FREE_ATTEMPTS, 20)
    return min(FIRST_WAIT_S * (1 << doublings), LONGEST_WAIT_S)
