"""Which processes are deaf, with a fake clock and fake processes."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.infra.supervision.watch import (
    DEAF_S,
    HEARTBEATS,
    MESSAGE,
    Deaf,
    Watch,
    heartbeat_of,
)

PROGRAM = 4711
PIDS = (5001, 5002)


def first_deaf(
    watch: Watch, seconds: float, *alive: int, begun: float = 0.0, step: float = 1.0
) -> tuple[float, Deaf] | None:
    """Look each `step` for so long, the processes at the places `alive` beating in between."""
    now = begun
    while now <= begun + seconds:
        deaf = watch.check(now, PROGRAM, [(place, PIDS[place]) for place in alive])
        if deaf is not None:
            return now - begun, deaf
        now += step
    return None


def test_nobody_is_deaf_who_has_a_heartbeat():
    watch = Watch(2)
    assert first_deaf(watch, 300, 0, 1) is None
    assert watch.longest_silence_s == 0


def test_one_of_several_that_stands_still_is_named_with_its_pid():
    watch = Watch(2)
    assert first_deaf(watch, 5, 0, 1) is None
    found = first_deaf(watch, 60, 0, begun=6)
    assert found is not None
    after, deaf = found
    assert DEAF_S - 1 <= after <= DEAF_S + 1
    assert deaf == Deaf(seconds=deaf.seconds, place=1, pid=PIDS[1])


def test_the_only_one_that_stands_still_means_the_whole_program():
    watch = Watch(1)
    assert first_deaf(watch, 5, 0) is None
    found = first_deaf(watch, 60, begun=6)
    assert found is not None
    assert found[1].pid is None


@given(silent=st.sets(st.integers(0, 2)), count=st.integers(1, 2))
def test_a_master_that_stands_still_means_the_whole_program(silent: set[int], count: int):
    watch = Watch(count + 1)
    places = [*enumerate(PIDS[:count]), (count, PROGRAM)]
    for now in range(5):
        assert watch.check(now, PROGRAM, places) is None
    heard = [one for one in places[:-1] if one[0] not in silent]
    found = [deaf for now in range(5, 21) if (deaf := watch.check(now, PROGRAM, heard))]
    assert found[0] == Deaf(seconds=DEAF_S, place=count, pid=None)


def test_the_only_process_besides_its_master_is_replaced_alone():
    watch = Watch(2)
    for now in range(5):
        assert watch.check(now, PROGRAM, [(0, PIDS[0]), (1, PROGRAM)]) is None
    found = [deaf for now in range(5, 21) if (deaf := watch.check(now, PROGRAM, [(1, PROGRAM)]))]
    assert found == [Deaf(seconds=DEAF_S, place=0, pid=PIDS[0])]


def test_one_that_was_replaced_and_stays_away_means_the_whole_program():
    watch = Watch(2)
    assert first_deaf(watch, 5, 0, 1) is None
    assert first_deaf(watch, 60, 0, begun=6) is not None
    found = first_deaf(watch, 60, 0, begun=100)
    assert found is not None
    assert found[1].pid is None


def test_one_that_was_replaced_and_came_back_is_as_good_as_any():
    watch = Watch(2)
    assert first_deaf(watch, 5, 0, 1) is None
    assert first_deaf(watch, 60, 0, begun=6) is not None
    assert first_deaf(watch, 5, 0, 1, begun=30) is None
    found = first_deaf(watch, 60, 0, begun=36)
    assert found is not None
    assert found[1].pid == PIDS[1]


@given(pause_s=st.floats(0, DEAF_S - 1))
def test_a_late_heartbeat_within_the_time_is_good(pause_s):
    watch = Watch(1)
    now = 0.0
    for _ in range(20):
        assert first_deaf(watch, 0, 0, begun=now) is None
        assert first_deaf(watch, pause_s, begun=now, step=0.5) is None
        now += pause_s + 0.5


def test_migrations_before_the_start_may_take_all_day():
    """Until it answers for the first time a process has no heartbeat."""
    assert first_deaf(Watch(2), 86_400, step=60) is None


def test_a_program_that_is_stopped_or_new_begins_afresh():
    watch = Watch(1)
    assert first_deaf(watch, 5, 0) is None
    for now in range(6, 100):
        assert watch.check(now, None, []) is None
    assert watch.longest_silence_s == 0
    assert watch.check(100, PROGRAM, [(0, PIDS[0])]) is None
    for now in range(101, 200):
        assert watch.check(now, PROGRAM + 1, []) is None


def test_a_supervisor_that_stood_still_itself_blames_nobody():
    watch = Watch(1)
    assert first_deaf(watch, 5, 0) is None
    assert watch.check(5_000, PROGRAM, []) is None
    assert watch.check(10_000, PROGRAM, []) is None
    assert first_deaf(watch, 20, 0, begun=10_001) is None


def test_a_process_writes_its_place_and_its_pid_and_never_waits(monkeypatch: pytest.MonkeyPatch):
    heard, pipe = os.pipe()
    os.set_blocking(pipe, False)
    monkeypatch.setenv(HEARTBEATS, str(pipe))
    beat = heartbeat_of(3)
    for _ in range(100_000):
        beat()
    found = [*MESSAGE.iter_unpack(os.read(heard, 1 << 20))]
    assert set(found) == {(3, os.getpid())}
    os.close(heard)
    beat()
    os.close(pipe)


def test_where_nobody_watches_a_heartbeat_is_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(HEARTBEATS, raising=False)
    heartbeat_of(0)()
