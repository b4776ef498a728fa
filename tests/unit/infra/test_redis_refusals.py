from __future__ import annotations

from typing import cast

import pytest
from redis import Redis, exceptions
from sqlalchemy import Engine

from neuroplay.config import load_settings
from neuroplay.infra.monitoring.health import health_of
from neuroplay.infra.redis.refusals import refusal


@pytest.mark.parametrize(
    ("error", "why", "passes"),
    [
        (exceptions.AuthenticationError("HELLO must be called"), "another user or password", False),
        (exceptions.NoPermissionError("no permissions to run 'zrange'"), "permissions", False),
        (exceptions.InvalidResponse("Protocol Error: b'HTTP/1.1'"), "no Redis", False),
        (exceptions.BusyLoadingError("Redis is loading"), "loading its data", True),
        (exceptions.ConnectionError("max number of clients reached"), "no more clients", True),
        (exceptions.ResponseError("MISCONF Redis is configured to"), "no writes", True),
        (exceptions.ResponseError("NOREPLICAS Not enough good"), "no writes", True),
        (exceptions.ReadOnlyError("You can't write"), "no writes", True),
        (exceptions.ConnectionError("Error 13 connecting to /run/r.sock. P"), "closed to", False),
    ],
)
def test_what_redis_answers_is_said_in_words_for_people(
    error: Exception, why: str, passes: bool
) -> None:
    found = refusal(error)
    assert found is not None
    assert why in found.why
    assert found.passes is passes


def test_a_server_that_does_not_answer_refuses_nothing() -> None:
    assert refusal(exceptions.ConnectionError("Error 111 connecting to 10.0.0.7:6379.")) is None
    assert refusal(exceptions.TimeoutError("Timeout reading from socket")) is None


class FullDisk:
    """A Redis that could not write its snapshot."""

    def ping(self) -> None:
        raise exceptions.ResponseError("MISCONF Redis is configured to save RDB snapshots")

    def zrange(self, *_: object) -> None:
        self.ping()


def test_health_says_what_redis_answers() -> None:
    redis = cast("Redis", FullDisk())
    checks = health_of(cast("Engine", None), redis, load_settings())()["checks"]
    assert checks["redis"] == checks["celery"] == "it takes no writes"
