"""Who is deaf, by a clock of the test's, at socket files that answer or do not."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from neuroplay.infra.supervision.watch import DEAF_S, START_S, Deaf, Watch

PROGRAM = 4711


class Process:
    """An API process at its socket file, which answers when the test says so."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._listener: socket.socket | None = None
        self._asked: list[socket.socket] = []
        self.listen()

    def listen(self) -> None:
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._listener.setblocking(False)

    def answer(self, status: str = "200 OK") -> None:
        """Whatever was asked until now."""
        assert self._listener is not None
        while True:
            try:
                asked, _ = self._listener.accept()
            except BlockingIOError:
                break
            self._asked.append(asked)
        for asked in self._asked:
            assert asked.recv(4096).startswith(b"GET /health/live HTTP/1.1\r\n")
            asked.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
            asked.close()
        self._asked.clear()

    def end(self) -> None:
        assert self._listener is not None
        self._listener.close()
        self.path.unlink(missing_ok=True)
        for asked in self._asked:
            asked.close()
        self._asked.clear()


@pytest.fixture
def pair(tmp_path) -> Iterator[list[Process]]:
    made = [Process(tmp_path / f"{place}.sock") for place in range(2)]
    yield made
    for one in made:
        one.end()


@pytest.fixture
def watch_over() -> Iterator[Callable[[list[Process]], Watch]]:
    made = []

    def make(processes: list[Process]) -> Watch:
        made.append(Watch([str(one.path) for one in processes]))
        return made[-1]

    yield make
    for watch in made:
        watch.look(0, None)  # it hangs up


def first_deaf(
    watch: Watch, seconds: float, *answering: Process, begun: float = 0.0, step: float = 1.0
) -> tuple[float, Deaf] | None:
    """Look each `step` for so long, those `answering` doing so in between."""
    now = begun
    while now <= begun + seconds:
        deaf = watch.look(now, PROGRAM)
        if deaf is not None:
            return now - begun, deaf
        for one in answering:
            one.answer()
        now += step
    return None


def test_nobody_is_deaf_who_answers(watch_over, pair):
    watch = watch_over(pair)
    assert first_deaf(watch, 300, *pair) is None
    assert watch.longest_silence_s == 0


def test_one_of_several_that_stands_still_is_named_with_its_pid(watch_over, pair):
    watch = watch_over(pair)
    assert first_deaf(watch, 5, *pair) is None
    found = first_deaf(watch, 60, pair[0], begun=6)
    assert found is not None
    after, deaf = found
    assert DEAF_S <= after <= DEAF_S + 2
    assert (deaf.place, deaf.pid) == (1, os.getpid())


def test_the_only_one_that_stands_still_means_the_whole_program(watch_over, pair):
    watch = watch_over(pair[:1])
    assert first_deaf(watch, 5, pair[0]) is None
    found = first_deaf(watch, 60, begun=6)
    assert found is not None
    assert found[1].pid is None


def test_one_that_was_replaced_and_stays_away_means_the_whole_program(watch_over, pair):
    watch = watch_over(pair)
    assert first_deaf(watch, 5, *pair) is None
    assert first_deaf(watch, 60, pair[0], begun=6) is not None
    pair[1].end()
    pair[1].path.touch()
    found = first_deaf(watch, 60, pair[0], begun=100)
    pair[1].path.unlink()
    pair[1].listen()
    assert found is not None
    assert found[1].pid is None


def test_where_a_cleaner_took_the_socket_file_nobody_is_blamed(watch_over, pair):
    watch = watch_over(pair[:1])
    assert first_deaf(watch, 5, pair[0]) is None
    pair[0].path.unlink()
    pair[0].answer()
    assert first_deaf(watch, 600, begun=6) is None


def test_an_answer_that_is_no_good_one_is_none(watch_over, pair):
    watch = watch_over(pair[:1])
    assert first_deaf(watch, 5, pair[0]) is None
    for now in range(6, 40):
        if watch.look(now, PROGRAM) is not None:
            break
        pair[0].answer("503 Service Unavailable")
    else:
        pytest.fail("it was never deaf")


def test_a_late_answer_within_the_time_is_good(watch_over, pair):
    watch = watch_over(pair[:1])
    assert first_deaf(watch, 5, pair[0]) is None
    for begun in range(6, 200, 14):
        assert first_deaf(watch, 12, begun=begun) is None
        pair[0].answer()
    assert watch.longest_silence_s > 0


def test_a_slow_start_is_no_deafness(watch_over, pair):
    watch = watch_over(pair)
    assert first_deaf(watch, START_S - 5) is None
    assert first_deaf(watch, 20, begun=START_S) is not None


def test_migrations_before_the_start_may_take_all_day(watch_over, tmp_path):
    """Until it listens there is no socket file."""
    unborn = Process(tmp_path / "later.sock")
    unborn.end()
    assert first_deaf(watch_over([unborn]), 86_400, step=60) is None


def test_a_program_that_is_stopped_or_new_begins_afresh(watch_over, pair):
    watch = watch_over(pair[:1])
    assert first_deaf(watch, 5, pair[0]) is None
    for now in range(6, 100):
        assert watch.look(now, None) is None
    assert watch.longest_silence_s == 0
    for now in range(100, 110):
        assert watch.look(now, PROGRAM + 1) is None


def test_a_supervisor_that_stood_still_itself_blames_nobody(watch_over, pair):
    watch = watch_over(pair[:1])
    assert first_deaf(watch, 5, pair[0]) is None
    assert watch.look(5_000, PROGRAM) is None
    assert watch.look(10_000, PROGRAM) is None
    pair[0].answer()
    assert first_deaf(watch, 20, pair[0], begun=10_001) is None
