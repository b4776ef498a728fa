"""A client that gives up soon: Redis is never on the way of a child's game."""

from __future__ import annotations

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_S = 0.5


def make_client(url: str) -> Redis:
    """A client for `redis://`, `rediss://` or `unix://`; it connects when it is first used.

    Connecting and each answer may take TIMEOUT_S, and nothing is tried again: callers live
    without an answer.
    """
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        retry_on_timeout=False,
        health_check_interval=0,
    )
