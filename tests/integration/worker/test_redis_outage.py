"""Redis that is stopped or hangs: nothing waits for it, nothing fails."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from redis import RedisError

from neuroplay.config import load_settings
from neuroplay.infra.embedded.redis import EmbeddedValkey
from neuroplay.infra.queue import DRAIN_TASK, QUEUE, make_sender
from neuroplay.infra.redis.heartbeat import KEY, beat, count_workers
from neuroplay.infra.redis.wakeup import WakeUpThread
from tests.integration.servers import hung, wait_until

PATIENCE_S = 30.0

NOT_LONG_S = 10.0
"""Far more than one wait for Redis takes, far less than one wait a call."""


@contextmanager
def timed(at_most_s: float = NOT_LONG_S) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < at_most_s


@pytest.fixture
def pid(redis) -> int:
    return int(redis.info("server")["process_id"])


def test_a_late_answer_is_never_taken_for_the_next_one(redis, pid):
    redis.set("a", b"of a")
    redis.set("b", b"of b")
    with hung(pid), pytest.raises(RedisError):
        redis.get("a")
    for _ in range(5):
        assert (redis.get("a"), redis.get("b")) == (b"of a", b"of b")


def test_a_client_works_in_a_forked_process(redis):
    redis.set("a", b"parent")
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if redis.get("a") == b"parent" else 2
        finally:
            os._exit(status)
    assert [redis.get("a") for _ in range(50)] == [b"parent"] * 50
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# Waking the workers


def sender(redis_url: str):
    return make_sender(load_settings(redis_url=redis_url, secret="s" * 32))


def test_a_wake_up_is_one_message_in_the_workers_queue(redis, redis_url):
    send = sender(redis_url)
    send()
    send()
    assert redis.llen(QUEUE) == 2
    assert DRAIN_TASK.encode() in redis.lindex(QUEUE, 0)


def test_sending_to_a_broker_that_is_away_fails_soon():
    send = sender("redis://127.0.0.1:1")
    with pytest.raises(Exception, match=r"refused|111"):
        send()
    with timed(), pytest.raises(Exception, match=r"refused|111"):
        send()


def test_sending_to_a_broker_that_hangs_fails_soon_and_works_again_afterwards(
    redis, redis_url, pid
):
    send = sender(redis_url)
    send()
    with hung(pid), timed(), pytest.raises(Exception, match=r"(?i)time|connect"):
        send()
    redis.delete(QUEUE)
    send()
    assert redis.llen(QUEUE) == 1


def test_sending_works_again_when_the_broker_was_restarted():
    with tempfile.TemporaryDirectory(prefix="npred", dir="/tmp") as folder:
        server = EmbeddedValkey(home=Path(folder) / "home", runtime_dir=Path(folder) / "run")
        with server.running() as url:
            send = sender(url)
            send()
        with timed(), pytest.raises(Exception, match=r"."):
            send()
        with server.running():
            send()


def test_calls_at_once_are_one_wake_up():
    sent = threading.Semaphore(0)
    wake_up = WakeUpThread(sent.release, per_second=50)
    for _ in range(500):
        wake_up()
    assert sent.acquire(timeout=PATIENCE_S)
    more = 0
    while sent.acquire(timeout=0.5):  # far longer than the pause between two
        more += 1
    assert more <= 2


def test_wake_ups_are_sent_at_most_four_times_a_second():
    times: list[float] = []
    wake_up = WakeUpThread(lambda: times.append(time.monotonic()))
    ends = time.monotonic() + 1.1
    while time.monotonic() < ends:
        wake_up()
        time.sleep(0.005)
    assert times
    assert all(b - a >= 0.24 for a, b in pairwise(times))


def test_a_call_after_the_last_send_is_never_lost():
    sent: list[int] = []
    wake_up = WakeUpThread(lambda: sent.append(1), per_second=100)
    for number in range(1, 20):
        wake_up()
        wait_until(lambda number=number: len(sent) >= number, "it was sent")


def test_a_wake_up_that_fails_costs_its_caller_nothing_and_the_next_one_is_sent():
    tries: list[int] = []

    def send() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OSError("no broker")

    wake_up = WakeUpThread(send, per_second=100)
    for number in range(1, 4):
        wake_up()
        wait_until(lambda number=number: len(tries) >= number, "it was tried")
    wait_until(lambda: wake_up.failures == 0, "it succeeded")


def test_a_wake_up_that_hangs_costs_its_caller_nothing():
    release, sent = threading.Event(), threading.Event()

    def send() -> None:
        release.wait()
        sent.set()

    wake_up = WakeUpThread(send)
    for _ in range(1000):
        wake_up()
    assert not sent.is_set()
    release.set()
    assert sent.wait(PATIENCE_S)


def test_wake_ups_are_sent_from_a_process_that_was_forked_later():
    reader, writer = os.pipe()

    def tell() -> None:
        os.write(writer, str(os.getpid()).encode() + b"\n")

    wake_up = WakeUpThread(tell)
    wake_up()
    assert os.read(reader, 100).strip() == str(os.getpid()).encode()
    child = os.fork()
    if child == 0:
        wake_up()
        time.sleep(PATIENCE_S)
        os._exit(0)
    try:
        assert os.read(reader, 100).strip() == str(child).encode()
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)


# A clock that is set back


def test_a_worker_whose_clock_is_ahead_hides_no_other(redis, monkeypatch):
    beat(redis, "one:1", 2)
    monkeypatch.setattr(time, "time", lambda: 4e9)
    beat(redis, "two:1", 1)
    assert count_workers(redis) == 3


def test_a_worker_that_beat_while_the_clock_was_ahead_is_not_counted_for_ever(redis):
    beat(redis, "one:1", 2)
    redis.expire(KEY + "one:1", 3600)
    assert count_workers(redis) == 0
