"""The rules of the supervisor, with a fake clock and fake processes."""

from __future__ import annotations

import errno
import itertools
import signal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuroplay.infra.supervision import BACKOFF, DEAF, RUNNING, STARTING, STOPPED, STOPPING
from neuroplay.infra.supervision.supervisor import (
    LONGEST_WAIT_S,
    STEADY_S,
    Program,
    Stopping,
    Supervisor,
)

KILLED, ENDED_WITH_1 = int(signal.SIGKILL), 1 << 8


class FakeMachine:
    """Nothing runs; `alive` is by pid who would, `sent` what they were sent, `beside` who was alive
    then."""

    def __init__(self) -> None:
        self.clock = 1000.0
        self.pids = itertools.count(1)
        self.alive: dict[int, str] = {}
        self.started: list[str] = []
        self.sent: list[tuple[str, int, bool]] = []
        self.beside: list[set[str]] = []
        self.notes: list[str] = []
        self.beats: list[tuple[int, int]] = []
        self.fault: OSError | None = None

    def now(self) -> float:
        return self.clock

    def moment(self) -> str:
        return "2026-11-27 12:00:00Z"

    def start(self, program: Program) -> int:
        if self.fault is not None:
            raise self.fault
        assert program.name not in self.alive.values(), "it runs twice"
        pid = next(self.pids)
        self.alive[pid] = program.name
        self.started.append(program.name)
        return pid

    def heartbeats(self, name: str) -> list[tuple[int, int]]:
        heard, self.beats = self.beats, []
        return heard

    def send(self, pid: int, number: int, *, group: bool = False) -> None:
        self.sent.append((self.alive[pid], number, group))
        self.beside.append(set(self.alive.values()))

    def note(self, text: str) -> None:
        self.notes.append(text)

    def pid(self, name: str) -> int | None:
        return next((pid for pid, one in self.alive.items() if one == name), None)


class Kept:
    """A supervisor on a fake machine."""

    def __init__(self, *programs: Program, rescue=lambda *_: "") -> None:
        self.machine = FakeMachine()
        self.supervisor = Supervisor(programs, self.machine, rescue)
        self.supervisor.begin()

    def end(self, name: str, status: int = ENDED_WITH_1) -> None:
        pid = self.machine.pid(name)
        assert pid is not None
        del self.machine.alive[pid]
        self.supervisor.ended(pid, status)

    def wait(self, seconds: float) -> None:
        """Let time pass as the loop does: from one due time to the next."""
        ends = self.machine.clock + seconds
        while (due := self.supervisor.due) is not None and due <= ends:
            self.machine.clock = max(due, self.machine.clock)
            self.supervisor.tick()
        self.machine.clock = ends

    def shown(self, name: str) -> dict:
        return next(p for p in self.supervisor.processes() if p["name"] == name)

    def state(self, name: str) -> str:
        return self.shown(name)["state"]


def program(name: str = "api", rank: int = 2, **other) -> Program:
    given = {"argv": ["/bin/true"], "stop_patience_s": 8.0, "at_once": True, **other}
    return Program(name=name, rank=rank, **given)


HOUSE = [
    program("postgres", 0, stop_signal=signal.SIGINT, stop_patience_s=20.0),
    program("redis", 1, stop_patience_s=10.0),
    program("api", 2),
    program("worker", 3),
    program("beat", 3, stop_patience_s=3.0),
]
NAMES = [one.name for one in HOUSE]
RANKS = {one.name: one.rank for one in HOUSE}


def test_programs_are_started_by_rank_and_shown_in_that_order():
    kept = Kept(*reversed(HOUSE))
    assert [RANKS[name] for name in kept.machine.started] == [0, 1, 2, 3, 3]
    assert [RANKS[p["name"]] for p in kept.supervisor.processes()] == [0, 1, 2, 3, 3]
    assert {p["state"] for p in kept.supervisor.processes()} == {STARTING}
    kept.wait(1)
    assert {p["state"] for p in kept.supervisor.processes()} == {RUNNING}


def test_what_is_not_for_at_once_waits_until_it_is_asked_for():
    kept = Kept(program(at_once=False))
    kept.wait(100)
    assert (kept.state("api"), kept.machine.started) == (STOPPED, [])
    kept.supervisor.start("api")
    kept.supervisor.start("api")
    assert kept.machine.started == ["api"]


@given(deaths=st.lists(st.floats(0, STEADY_S - 0.1), min_size=1, max_size=60))
def test_a_program_that_dies_young_always_comes_back_after_its_wait(deaths):
    kept = Kept(program())
    for number, lived_s in enumerate(deaths, 1):
        kept.wait(lived_s)
        kept.end("api")
        assert kept.state("api") == BACKOFF
        assert kept.shown("api")["failures"] == number
        wait_s = min(number, LONGEST_WAIT_S)
        kept.wait(wait_s - 0.001)
        assert kept.machine.pid("api") is None
        kept.wait(0.002)
        assert kept.machine.pid("api") is not None


@given(lives=st.lists(st.floats(STEADY_S, 1e6), min_size=1, max_size=30))
def test_one_that_had_run_well_always_comes_back_at_once(lives):
    kept = Kept(program())
    kept.end("api")
    kept.wait(1)
    for lived_s in lives:
        kept.wait(lived_s)
        kept.end("api", KILLED)
        assert kept.state("api") == STARTING
        assert kept.shown("api")["failures"] == 0


def test_one_that_cannot_be_started_is_tried_again_and_says_why():
    kept = Kept(program(at_once=False))
    kept.machine.fault = OSError(errno.EAGAIN, "Resource temporarily unavailable")
    kept.supervisor.start("api")
    assert kept.state("api") == BACKOFF
    assert "resource temporarily unavailable" in kept.shown("api")["reason"]
    kept.machine.fault = None
    kept.wait(1)
    assert kept.state("api") == STARTING
    assert kept.shown("api")["reason"] == ""


@pytest.mark.parametrize("sleeps", [[20.0], [7.9, 0.2, 40.0]])
def test_a_child_that_ignores_the_request_is_killed_with_its_group(sleeps):
    kept = Kept(program())
    kept.wait(60)
    kept.supervisor.stop("api")
    assert kept.machine.sent == [("api", signal.SIGTERM, False)]
    for seconds in sleeps:
        kept.wait(seconds)
    assert kept.machine.sent[1] == ("api", signal.SIGKILL, True)
    assert kept.state("api") == STOPPING
    kept.end("api", KILLED)
    assert kept.state("api") == STOPPED
    assert kept.supervisor.due is None


def test_one_that_ends_in_time_is_not_killed():
    kept = Kept(program())
    kept.wait(60)
    kept.supervisor.stop("api")
    kept.wait(7.9)
    kept.end("api", 0)
    kept.wait(1000)
    assert [number for _, number, _ in kept.machine.sent] == [signal.SIGTERM]
    assert kept.machine.started == ["api"]


def test_stopping_twice_asks_once_and_gives_no_more_time():
    kept = Kept(program())
    kept.supervisor.stop("api")
    kept.wait(5)
    kept.supervisor.stop("api")
    kept.wait(3.5)
    assert [number for _, number, _ in kept.machine.sent] == [signal.SIGTERM, signal.SIGKILL]


def test_a_program_that_waits_to_come_back_can_be_stopped_and_started_at_once():
    kept = Kept(program())
    for failures in (1, 2, 3):
        kept.end("api")
        kept.wait(failures)
    kept.end("api")
    assert (kept.state("api"), kept.shown("api")["failures"]) == (BACKOFF, 4)
    kept.supervisor.stop("api")
    assert (kept.state("api"), kept.shown("api")["failures"]) == (STOPPED, 0)
    kept.wait(100)
    assert kept.state("api") == STOPPED
    kept.supervisor.start("api")
    assert kept.state("api") == STARTING


def test_a_start_asked_for_while_it_ends_happens_when_it_has_ended():
    kept = Kept(program())
    kept.supervisor.stop("api")
    kept.supervisor.start("api")
    assert kept.machine.started == ["api"]
    kept.end("api", 0)
    assert kept.machine.started == ["api", "api"]
    kept.supervisor.stop("api")
    kept.supervisor.start("api")
    kept.supervisor.stop("api")
    kept.end("api", 0)
    assert kept.machine.started == ["api", "api"]


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("end"), st.sampled_from(NAMES)),
        st.tuples(st.just("stop"), st.sampled_from(NAMES)),
        st.tuples(st.just("start"), st.sampled_from(NAMES)),
        st.tuples(st.just("wait"), st.floats(0, 40)),
    ),
    max_size=30,
)


def act(kept: Kept, actions) -> None:
    for what, about in actions:
        if what == "wait":
            kept.wait(about)
        elif what == "end" and kept.machine.pid(about) is not None:
            kept.end(about)
        elif what == "stop":
            kept.supervisor.stop(about)
        elif what == "start" and not kept.supervisor.stopping:
            kept.supervisor.start(about)


@settings(max_examples=300)
@given(before=ACTIONS, meanwhile=ACTIONS)
def test_a_stop_always_goes_down_the_ranks_and_starts_nothing(before, meanwhile):
    """Whatever happened before and happens meanwhile; `FakeMachine` sees to it that no program
    ever runs twice."""
    kept = Kept(*HOUSE)
    act(kept, before)
    started = list(kept.machine.started)
    kept.machine.sent.clear()
    kept.machine.beside.clear()
    kept.supervisor.stop_everything("a test")
    act(kept, [one for one in meanwhile if one[0] in ("end", "wait")])
    while not kept.supervisor.done:
        highest = max(RANKS[name] for name in kept.machine.alive.values())
        of_it = {name for name in kept.machine.alive.values() if RANKS[name] == highest}
        assert {kept.state(name) for name in of_it} == {STOPPING}
        kept.end(min(of_it), 0)
    for (name, number, _), beside in zip(kept.machine.sent, kept.machine.beside, strict=True):
        if number != signal.SIGKILL:
            assert max(map(RANKS.__getitem__, beside)) == RANKS[name]
    assert kept.machine.started == started
    assert {p["state"] for p in kept.supervisor.processes()} == {STOPPED}
    assert kept.supervisor.due is None


@given(before=ACTIONS)
def test_everything_is_stopped_in_the_end_even_where_nobody_listens(before):
    kept = Kept(*HOUSE)
    act(kept, before)
    kept.supervisor.stop_everything("a test")
    for _ in range(len(NAMES)):
        kept.machine.sent.clear()
        kept.wait(25)
        for name in {n for n, number, _ in kept.machine.sent if number == signal.SIGKILL}:
            kept.end(name, KILLED)
    assert kept.supervisor.done


@given(actions=ACTIONS)
def test_whatever_happens_a_program_that_nobody_stopped_runs_again_in_the_end(actions):
    kept = Kept(*HOUSE)
    act(kept, actions)
    for name in NAMES:
        if kept.state(name) not in (STOPPED, STOPPING):
            kept.wait(LONGEST_WAIT_S + 1)
            assert kept.state(name) == RUNNING


def test_during_a_stop_nothing_is_started_not_even_by_request():
    kept = Kept(*HOUSE)
    kept.end("redis")
    kept.supervisor.stop_everything("a test")
    with pytest.raises(Stopping):
        kept.supervisor.start("redis")
    kept.wait(1)
    assert kept.machine.pid("redis") is None


def test_a_request_to_end_is_each_programs_own():
    kept = Kept(*HOUSE)
    kept.wait(60)
    kept.supervisor.stop_everything("a test")
    for names in (["worker", "beat"], ["api"], ["redis"], ["postgres"]):
        for name in names:
            kept.end(name, 0)
    assert kept.machine.sent == [
        ("worker", signal.SIGTERM, False),
        ("beat", signal.SIGTERM, False),
        ("api", signal.SIGTERM, False),
        ("redis", signal.SIGTERM, False),
        ("postgres", signal.SIGINT, False),
    ]
    assert kept.supervisor.done


def test_an_orphan_that_ends_is_nobodys_death():
    kept = Kept(program())
    kept.supervisor.ended(99_999, 0)
    assert kept.state("api") == STARTING


@pytest.mark.parametrize(
    ("status", "words"),
    [(0, "exit status 0"), (3 << 8, "exit status 3"), (9, "SIGKILL"), (11, "SIGSEGV"), (40, "40")],
)
def test_how_a_program_ended_is_told(status, words):
    kept = Kept(program())
    kept.end("api", status)
    assert words in kept.shown("api")["reason"]
    assert words in kept.machine.notes[-1]


def test_a_rescue_has_the_program_back_at_once_and_is_tried_once():
    asked = []

    def rescue(name: str, status: int) -> str:
        asked.append((name, status))
        return "its file is out of the way"

    kept = Kept(program("redis"), rescue=rescue)
    kept.end("redis")
    assert kept.state("redis") == STARTING
    assert kept.shown("redis")["failures"] == 0
    assert "its file is out of the way" in kept.machine.notes
    kept.end("redis")
    assert (kept.state("redis"), kept.shown("redis")["failures"]) == (BACKOFF, 1)
    assert asked == [("redis", ENDED_WITH_1)]
    kept.wait(1)
    kept.wait(STEADY_S)
    kept.end("redis")
    kept.end("redis")
    assert len(asked) == 2


def test_a_deaf_program_is_shown_killed_and_told_of_until_it_is_stopped():
    kept = Kept(program(heartbeats=1))
    kept.wait(1)
    kept.machine.beats = [(0, 4711)]
    kept.supervisor.check_heartbeats()
    shown = []
    while not kept.machine.sent:
        kept.wait(1)
        kept.supervisor.check_heartbeats()
        shown.append(kept.state("api"))
    assert shown == [RUNNING] * 4 + [DEAF] * 10 + [RUNNING]
    assert kept.machine.sent == [("api", signal.SIGKILL, True)]
    kept.end("api", KILLED)
    assert kept.state("api") == STARTING
    told = f"did not answer for 15 s and was restarted at {kept.machine.moment()}"
    assert kept.shown("api")["reason"] == told
    assert f"api: {told}" in kept.machine.notes
    kept.supervisor.stop("api")
    kept.end("api", 0)
    assert kept.shown("api")["reason"] == ""


def test_a_program_whose_master_is_deaf_is_killed_as_a_whole():
    kept = Kept(program(heartbeats=2))
    kept.wait(1)
    master = kept.machine.pid("api")
    assert master is not None
    kept.machine.beats = [(0, 4711), (1, master)]
    kept.supervisor.check_heartbeats()
    for _ in range(16):
        kept.wait(1)
        kept.machine.beats = [(0, 4711)]
        if not kept.machine.sent:
            kept.supervisor.check_heartbeats()
    assert kept.machine.sent == [("api", signal.SIGKILL, True)]


@given(waits=st.lists(st.floats(0, 500), max_size=20))
def test_a_program_that_is_being_stopped_is_never_deaf(waits):
    kept = Kept(program(heartbeats=1, stop_patience_s=1e9))
    kept.machine.beats = [(0, 4711)]
    kept.supervisor.check_heartbeats()
    kept.supervisor.stop("api")
    for seconds in waits:
        kept.wait(seconds)
        kept.supervisor.check_heartbeats()
    assert [number for _, number, _ in kept.machine.sent] == [signal.SIGTERM]
