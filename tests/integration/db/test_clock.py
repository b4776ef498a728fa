"""This machine's clock beside PostgreSQL's."""

from __future__ import annotations

import time
from itertools import count

import pytest

from neuroplay.bootstrap import build
from neuroplay.config import load_settings
from neuroplay.infra.db.clock import clock_ahead_s
from neuroplay.operation.doctor import OK, WRONG
from neuroplay.operation.doctor.servers import check_clock


def test_a_machine_agrees_with_itself(engine):
    assert abs(clock_ahead_s(engine)) < 0.5


@pytest.mark.parametrize("off_s", [600, -600, 7.5])
def test_a_clock_that_is_off_is_told_with_its_sign(engine, off_s):
    assert clock_ahead_s(engine, clock=lambda: time.time() + off_s) == pytest.approx(off_s, abs=0.5)


def test_half_of_the_round_trip_is_taken_off(engine):
    """A clock that says 10 s passed in the meantime: the middle is what PostgreSQL answered."""
    steps, began = count(), time.time()
    ahead = clock_ahead_s(engine, clock=lambda: began - 5 + 10 * next(steps))
    assert ahead == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize(
    ("off_s", "state", "what"),
    [
        (0, OK, "within"),
        (600, WRONG, "600.0 s ahead of PostgreSQL's"),
        (-600, WRONG, "600.0 s behind PostgreSQL's"),
    ],
)
def test_the_doctor_tells(database_url, off_s, state, what):
    container = build(load_settings(database_url=database_url, secret="s" * 40))
    try:
        found = check_clock(container, clock=lambda: time.time() + off_s)
    finally:
        container.close()
    assert found.state == state
    assert what in found.what
    assert ("timedatectl" in found.fix) == (state == WRONG)
