"""A Redis client with a short timeout: no session depends on Redis."""

from __future__ import annotations

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_S = 0.5


def make_client(url: str) -> Redis:
    """A client for `redis://`, `rediss://` or `unix://`. It connects when it is first used.

    The timeout for connecting and for each response is TIMEOUT_S, without retries.
    """
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        retry_on_timeout=False,
        health_check_interval=0,
    )
