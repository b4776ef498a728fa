"""Waiting for the standby: for how long, and when no more."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.errors import StoreUnavailable
from neuroplay.infra.db.standby_wait import ASK_EVERY_S, LONG_S, SLOW_PAUSE_S, StandbyWait

LONGEST_S = 2.0


class FakeStandby:
    """A standby whose problem is set by the test."""

    def __init__(self, why: str = "") -> None:
        self.why, self.asked, self.ended = why, 0, []
        self.lag = 0.0
        self.is_down = False

    def problem(self) -> str:
        self.asked += 1
        if self.is_down:
            raise StoreUnavailable("down")
        return self.why

    def lag_s(self) -> float:
        self.asked += 1
        if self.is_down:
            raise StoreUnavailable("down")
        return self.lag

    def end_wait(self, pid: int) -> bool:
        if self.is_down:
            raise StoreUnavailable("down")
        self.ended.append(pid)
        return True


class Noted:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.missed = 0
        self.in_vain = 0

    def answers(self) -> None:
        self.lines.append("answers")

    def given_up(self, why: str) -> None:
        self.lines.append(f"given up: {why}")

    def without(self, sessions: int, *, waited: bool) -> None:
        self.missed += sessions
        self.in_vain += sessions * waited


class Waits:
    def __init__(self, why: str = "") -> None:
        self.now = 100.0
        self.standby, self.noted = FakeStandby(why), Noted()
        self.wait = StandbyWait(
            self.standby, self.noted, longest_s=LONGEST_S, seconds=lambda: self.now
        )


def test_sessions_wait_for_a_standby_that_answers():
    waits = Waits()
    assert waits.wait.begin(5) is not None
    assert waits.noted.lines == ["answers"]
    assert waits.noted.missed == 0


def test_nobody_waits_for_one_that_is_away_and_it_is_asked_for_once_a_second():
    waits = Waits("away")
    for _ in range(50):
        assert waits.wait.begin(2) is None
    assert waits.standby.asked == 1
    assert waits.noted.missed == 100
    waits.now += ASK_EVERY_S
    waits.standby.why = ""
    assert waits.wait.begin(2) is not None
    assert waits.noted.lines == ["answers"]


def test_one_that_falls_silent_is_waited_for_once_and_again_when_it_answers():
    waits = Waits()
    assert waits.wait.begin(3) is not None
    waits.wait.end(77, 3)
    assert waits.standby.ended == [77]
    assert waits.noted.lines[1:] == ["given up: no answer within 2 s"]
    assert waits.wait.begin(1) is None
    assert (waits.noted.missed, waits.noted.in_vain) == (4, 3)
    waits.now += ASK_EVERY_S
    assert waits.wait.begin(1) is not None


def test_a_database_that_does_not_answer_is_not_the_standby_s_fault():
    waits = Waits()
    waits.wait.begin(1)
    waits.standby.is_down = True
    waits.wait.end(77, 1)
    waits.wait.took(1.9)
    assert waits.wait.begin(1) is not None
    assert waits.noted.lines == ["answers"]


def test_one_that_is_always_slow_is_given_up_before_requests_pile_up():
    waits = Waits()
    waits.wait.begin(1)
    waits.standby.lag = 0.9
    for _ in range(3):
        waits.now += 0.9
        waits.wait.took(0.9)
    assert waits.noted.lines[1:] == ["given up: slow, 0.9 s for a write"]
    waits.now += SLOW_PAUSE_S - 1
    assert waits.wait.begin(1) is None
    waits.now += 1
    assert waits.wait.begin(1) is not None


def test_a_slow_disk_here_is_not_the_standby_s_fault():
    waits = Waits()
    waits.wait.begin(1)
    waits.standby.lag = 0.01
    for _ in range(10):
        waits.now += 1.5
        waits.wait.took(1.5)
    assert waits.noted.lines == ["answers"]


def test_a_slow_moment_now_and_then_is_waited_for():
    waits = Waits()
    waits.wait.begin(1)
    waits.standby.lag = 1.5
    for _ in range(10):
        waits.wait.took(1.5)
        waits.now += 60
    assert waits.noted.lines == ["answers"]


@given(st.lists(st.floats(0, LONG_S, exclude_max=True), max_size=50))
def test_short_waits_never_count_and_ask_nothing(seconds):
    waits = Waits()
    waits.wait.begin(1)
    asked = waits.standby.asked
    waits.standby.lag = 9.0
    for one in seconds:
        waits.wait.took(one)
    assert waits.standby.asked == asked
    assert waits.noted.lines == ["answers"]


@given(st.lists(st.floats(LONG_S, LONGEST_S), min_size=1, max_size=60))
def test_a_slow_standby_never_costs_more_than_twice_the_longest_wait_in_a_row(seconds):
    waits = Waits()
    waits.wait.begin(1)
    waits.standby.lag = 9.0
    spent = 0.0
    for one in seconds:
        if waits.wait.begin(1) is None:
            break
        waits.now += one
        spent += one
        waits.wait.took(one)
    # What is regained while waiting adds a tenth of it.
    assert spent <= 2 * LONGEST_S / 0.9
