"""Beat continues whatever happens to the clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from celery import Celery
from celery.beat import Scheduler

from neuroplay.worker import schedule as ours
from tests.fakes.services import FakeSeconds


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> FakeSeconds:
    """The time that goes on; the machine's own clock is not asked."""
    seconds = FakeSeconds()
    moment = datetime(2026, 11, 25, tzinfo=UTC)
    monkeypatch.setattr(ours, "steady_now", lambda: moment + timedelta(seconds=seconds.now))
    return seconds


class Sending(Scheduler):
    """Keeps what it would send."""

    def setup_schedule(self) -> None:
        self.sent: list[str] = []
        self.merge_inplace(ours.beat_schedule())

    def apply_entry(self, entry, producer=None) -> None:
        self.sent.append(entry.name)


def test_each_entry_comes_in_its_turn_by_the_time_that_goes_on(steady):
    scheduler = Sending(app=Celery("beat", broker="memory://"))
    while steady.now < 20.5:
        while scheduler.tick() == 0:
            pass
        steady.now += 0.5
    assert scheduler.sent.count("sweep the inbox") == 4
    assert scheduler.sent.count("verify what is left") == 2


def test_the_time_that_goes_on_is_not_the_machines_clock(monkeypatch):
    before = ours.steady_now()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert timedelta(0) <= ours.steady_now() - before < timedelta(seconds=60)
