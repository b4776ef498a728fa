"""Workers say that they live; anyone may count them without asking each one.

A worker owns one key that ends by itself, so that a killed one is gone after TTL_S. The index
beside it spares a walk over the whole keyspace.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redis import Redis

KEY = "neuroplay:worker:"
INDEX = "neuroplay:workers"
TTL_S = 15
"""Three missed beats of a worker that beats every five seconds."""


class Heartbeat:
    """That of this machine's workers, by their pids; `beat` writes it."""

    def __init__(self, client: Redis, beat: Callable[[Redis, str, int], None]) -> None:
        self._client, self._beat = client, beat

    def beat(self, pid: int, processes: int) -> None:
        """The worker with that pid lives and runs `processes` processes, 0 when it ends. Raises
        redis.RedisError."""
        if processes:
            self._beat(self._client, name_of(pid), processes)
        else:
            stop(self._client, name_of(pid))

    def lives(self, pid: int) -> bool:
        """Whether the worker with that pid beats; False where Redis is away."""
        from redis.exceptions import RedisError

        try:
            return lives(self._client, name_of(pid))
        except RedisError:
            return False


def beat(client: Redis, name: str, processes: int = 1) -> None:
    """The worker `name` lives, and runs `processes` processes. Raises redis.RedisError."""
    now, _ = client.time()  # of one clock: this machine's may be ahead of all others
    pipe = client.pipeline(transaction=False)
    pipe.set(KEY + name, processes, ex=TTL_S)
    pipe.zadd(INDEX, {name: now})
    pipe.zremrangebyscore(INDEX, "-inf", now - 10 * TTL_S)
    pipe.execute()


def name_of(pid: int) -> str:
    """How the worker with that pid on this machine is called."""
    return f"{socket.gethostname()}:{pid}"


def lives(client: Redis, name: str) -> bool:
    """Whether the worker `name` beat within TTL_S. Raises redis.RedisError."""
    return bool(client.exists(KEY + name))


def stop(client: Redis, name: str) -> None:
    """The worker `name` ends in order: it is gone at once. Raises redis.RedisError."""
    pipe = client.pipeline(transaction=False)
    pipe.delete(KEY + name)
    pipe.zrem(INDEX, name)
    pipe.execute()


def count_workers(client: Redis) -> int:
    """Worker processes that beat within TTL_S, on all machines. Raises redis.RedisError."""
    names: Any = client.zrange(INDEX, 0, -1)
    if not names:
        return 0
    keys = [KEY.encode() + (name if isinstance(name, bytes) else name.encode()) for name in names]
    pipe = client.pipeline(transaction=False)
    for key in keys:
        pipe.get(key)
        pipe.ttl(key)
    answers: Any = pipe.execute()
    # One that lives longer than it can was written before the clock was set back.
    found = zip(answers[::2], answers[1::2], strict=True)
    return sum(int(count) for count, ttl in found if count is not None and ttl <= TTL_S)
