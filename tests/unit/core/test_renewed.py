from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count

import pytest

from neuroplay.core.errors import NeuroPlayError, StoreUnavailable
from neuroplay.core.use_cases.renewed import FRESH_S, KEPT_S, Renewed


class Reader:
    """Reads 1, 2, 3 ...; `now` is the time, `waiting` what was left to do in the background."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waiting: list[Callable[[], None]] = []
        self.fails = False
        self._numbers = count(1)
        self.value = Renewed(self._read, timer=lambda: self.now, start=self.waiting.append)

    def _read(self) -> int:
        if self.fails:
            raise StoreUnavailable("the database does not answer")
        return next(self._numbers)

    def get(self) -> int:
        return self.value.get(is_kept=lambda _: True)

    def catch_up(self) -> None:
        while self.waiting:
            self.waiting.pop(0)()


def test_what_was_just_read_is_kept_and_not_read_again():
    reader = Reader()
    assert reader.get() == 1
    reader.now = FRESH_S
    assert reader.get() == 1
    assert reader.waiting == []


def test_what_is_older_is_shown_once_more_and_read_in_the_background():
    reader = Reader()
    reader.get()
    reader.now = FRESH_S + 1
    assert [reader.get(), reader.get()] == [1, 1]
    assert len(reader.waiting) == 1, "once, however often it is asked for"
    reader.catch_up()
    assert reader.get() == 2
    reader.now += FRESH_S + 1
    assert reader.get() == 2
    reader.catch_up()
    assert reader.get() == 3


def test_what_is_too_old_is_not_shown():
    reader = Reader()
    reader.get()
    reader.now = KEPT_S + 1
    assert reader.get() == 2


def test_how_long_it_is_kept_can_be_chosen():
    reader = Reader()
    value = Renewed(
        count(1).__next__,
        fresh_s=100,
        kept_s=200,
        timer=lambda: reader.now,
        start=reader.waiting.append,
    )
    seen = []
    for reader.now in (0, 100, 101, 300, 501):
        seen.append((value.get(is_kept=lambda _: True), len(reader.waiting)))
        if reader.now == 101:
            reader.catch_up()
    assert seen == [(1, 0), (1, 0), (1, 1), (2, 1), (3, 1)]


def test_what_need_not_be_kept_is_read_each_time():
    reader = Reader()
    assert [reader.value.get(is_kept=lambda _: False) for _ in range(3)] == [1, 2, 3]


def test_an_error_in_the_background_changes_nothing_and_is_tried_again():
    reader = Reader()
    reader.get()
    reader.now, reader.fails = FRESH_S + 1, True
    assert reader.get() == 1
    reader.catch_up()
    reader.fails = False
    assert reader.get() == 1
    reader.catch_up()
    assert reader.get() == 2


def test_without_a_thread_it_is_tried_again():
    reader, starts = Reader(), count(1)

    def start(work: Callable[[], None]) -> None:
        if next(starts) == 1:
            raise RuntimeError("can't start new thread")
        reader.waiting.append(work)

    reader.value = Renewed(reader._read, timer=lambda: reader.now, start=start)
    reader.get()
    reader.now = FRESH_S + 1
    assert [reader.get(), reader.get()] == [1, 1]
    reader.catch_up()
    assert reader.get() == 2


def test_an_error_is_told_to_whom_waits_for_the_value():
    reader = Reader()
    reader.fails = True
    with pytest.raises(NeuroPlayError):
        reader.get()


def test_a_thread_reads_it():
    read, numbers = threading.Event(), count(1)
    now = 0.0

    def number() -> int:
        found = next(numbers)
        if found == 2:
            read.set()
        return found

    value = Renewed(number, timer=lambda: now)
    value.get(is_kept=lambda _: True)
    now = FRESH_S + 1
    value.get(is_kept=lambda _: True)
    assert read.wait(10)
