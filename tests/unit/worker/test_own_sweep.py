"""A worker without wake-ups sweeps by itself, until it receives one."""

from __future__ import annotations

import os
import threading

import pytest
import structlog

from neuroplay.worker.own_sweep import OwnSweep
from neuroplay.worker.tasks import Drained
from tests.fakes.services import FakeSeconds


def found(*, left: bool = False, waited_s: float = 0.0) -> Drained:
    return Drained(something=left or waited_s > 0, left=left, waited_s=waited_s)


@pytest.fixture
def clock() -> FakeSeconds:
    return FakeSeconds()


@pytest.fixture
def drained() -> list[float]:
    return []


@pytest.fixture
def sweep(clock: FakeSeconds, drained: list[float]) -> OwnSweep:
    def drain() -> Drained:
        drained.append(clock.now)
        return found(left=len(drained) < 3)

    return OwnSweep(drain, silence_s=7, clock=clock)


def test_it_drains_nothing_while_tasks_come_in(sweep, clock, drained):
    for now in range(0, 60, 5):
        clock.now = now
        sweep.task_received()
        assert sweep.check() is False
        clock.now = now + 4
        assert sweep.check() is False
    assert drained == []


def test_it_drains_from_the_first_missed_sweep_on_until_a_task_comes(sweep, clock, drained):
    for now in (6, 7, 8, 9):
        clock.now = now
        sweep.check()
    sweep.task_received()
    clock.now = 15
    sweep.check()
    assert drained == [7, 8, 9]


def test_it_says_whether_more_is_due(sweep, clock):
    clock.now = 10
    assert [sweep.check() for _ in range(3)] == [True, True, False]


def test_an_error_does_not_end_it(clock):
    def fail() -> Drained:
        raise ValueError("a bug")

    sweep = OwnSweep(fail, silence_s=1, clock=clock)
    clock.now = 5
    assert sweep.check() is False
    assert sweep.check() is False


def test_its_thread_drains_and_stops(drained):
    def drain() -> Drained:
        drained.append(0)
        return found(left=len(drained) < 5)

    before = threading.enumerate()
    sweep = OwnSweep(drain, silence_s=0)
    sweep.start()
    new = set(threading.enumerate()) - set(before)
    [thread] = [one for one in new if one.name == "own-sweep"]
    while len(drained) < 5:
        os.sched_yield()
    sweep.stop()
    assert not thread.is_alive()


def test_a_process_that_is_forked_meanwhile_finds_its_lock_open(clock):
    forked: list[int] = []
    sweep = OwnSweep(found, silence_s=0, clock=clock)
    sweep.start()
    child = os.fork()
    if child == 0:
        os._exit(7 if sweep._draining.acquire(timeout=1) else 1)
    forked.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    sweep.stop()
    assert forked == [7]


@pytest.mark.parametrize(
    ("waits", "told"),
    [
        ([0.0, 0.0, 0.0], 0),  # other workers take what comes
        ([0.0, 0.5, 6.9], 0),  # it was quicker than a wake-up on its way
        ([0.0, 7.0, 30.0], 1),
    ],
)
def test_it_is_told_once_that_no_sweep_comes_and_only_where_something_waited(clock, waits, told):
    waited = iter(waits)
    sweep = OwnSweep(lambda: found(waited_s=next(waited)), silence_s=7, clock=clock)
    with structlog.testing.capture_logs() as logs:
        for now in (8, 9, 10):
            clock.now = now
            sweep.check()
    assert [line["log_level"] for line in logs] == ["warning"] * told
