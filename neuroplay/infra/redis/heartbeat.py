"""Workers' heartbeats in Redis, by which they can be counted.

Each worker has a key that expires, so that a killed worker disappears after TTL_S. An index of the
names avoids a scan of all keys.
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
"""Three missed heartbeats, one every five seconds."""


class Heartbeat:
    """Heartbeats of this machine's workers, by pid. `beat` is the function below, perhaps timed."""

    def __init__(self, client: Redis, beat: Callable[[Redis, str, int], None]) -> None:
        self._client, self._beat = client, beat

    def beat(self, pid: int, processes: int) -> None:
        """Record that the worker runs `processes` processes; 0 when it ends. Raises
        redis.RedisError."""
        if processes:
            self._beat(self._client, name_of(pid), processes)
        else:
            stop(self._client, name_of(pid))

    def lives(self, pid: int) -> bool:
        """Whether the worker has a recent heartbeat; False if Redis does not respond."""
        from redis.exceptions import RedisError

        try:
            return lives(self._client, name_of(pid))
        except RedisError:
            return False


def beat(client: Redis, name: str, processes: int = 1) -> None:
    """Record that the worker `name` runs `processes` processes. Raises redis.RedisError."""
    now, _ = client.time()  # the same clock for all machines
    pipe = client.pipeline(transaction=False)
    pipe.set(KEY + name, processes, ex=TTL_S)
    pipe.zadd(INDEX, {name: now})
    pipe.zremrangebyscore(INDEX, "-inf", now - 10 * TTL_S)
    pipe.execute()


def name_of(pid: int) -> str:
    """The name of a worker on this machine."""
    return f"{socket.gethostname()}:{pid}"


def lives(client: Redis, name: str) -> bool:
    """Whether the worker `name` has a heartbeat within TTL_S. Raises redis.RedisError."""
    return bool(client.exists(KEY + name))


def stop(client: Redis, name: str) -> None:
    """Remove the worker `name`, which ends, immediately. Raises redis.RedisError."""
    pipe = client.pipeline(transaction=False)
    pipe.delete(KEY + name)
    pipe.zrem(INDEX, name)
    pipe.execute()


def count_workers(client: Redis) -> int:
    """Worker processes of all machines with a heartbeat within TTL_S. Raises redis.RedisError."""
    names: Any = client.zrange(INDEX, 0, -1)
    if not names:
        return 0
    keys = [KEY.encode() + (name if isinstance(name, bytes) else name.encode()) for name in names]
    pipe = client.pipeline(transaction=False)
    for key in keys:
        pipe.get(key)
        pipe.ttl(key)
    answers: Any = pipe.execute()
    # A longer TTL than possible was written before the server's clock was set back.
    found = zip(answers[::2], answers[1::2], strict=True)
    return sum(int(count) for count, ttl in found if count is not None and ttl <= TTL_S)
