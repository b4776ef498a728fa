from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event
from uuid import UUID

import pytest

from neuroplay.core.entities.epoch import Epoch
from neuroplay.core.errors import StoreUnavailable
from neuroplay.core.use_cases.read_epoch import FRESH_S, ReadEpoch
from tests.fakes.services import FakeSeconds
from tests.fakes.unit_of_work import FakeStore, FakeUnitOfWork

FIRST, SECOND = Epoch(epoch_id=UUID(int=1)), Epoch(epoch_id=UUID(int=2))


def test_the_epoch_is_read_again_only_after_a_while() -> None:
    store, seconds = FakeStore(), FakeSeconds()
    read = ReadEpoch(uow=store, seconds=seconds)
    assert read.execute() == FIRST
    later = Epoch(epoch_id=UUID(int=1), safe_before=datetime(2026, 11, 25, tzinfo=UTC))
    store.tables.epoch[:] = [later]
    assert read.execute() == FIRST
    seconds.now += FRESH_S
    assert read.execute() == later
    assert len(store.opened) == 2


def test_a_store_that_is_away_is_told_and_asked_again() -> None:
    store = FakeStore()
    read = ReadEpoch(uow=store)
    store.away = True
    with pytest.raises(StoreUnavailable):
        read.execute()
    store.away = False
    assert read.execute() == FIRST


def test_while_one_thread_reads_the_others_answer_with_what_was_known() -> None:
    seconds, reading, gate = FakeSeconds(), Event(), Event()

    class SlowStore(FakeStore):
        def __call__(self, *, in_steps: bool = False) -> FakeUnitOfWork:
            if self.opened:
                reading.set()
                assert gate.wait(10)
            return super().__call__(in_steps=in_steps)

    store = SlowStore()
    read = ReadEpoch(uow=store, seconds=seconds)
    read.execute()
    store.tables.epoch[:] = [SECOND]
    seconds.now += FRESH_S
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(read.execute)
        assert reading.wait(10)
        assert read.execute() == FIRST
        gate.set()
        assert slow.result(10) == SECOND
    assert read.execute() == SECOND


def test_threads_that_ask_first_share_one_reading() -> None:
    reading, gate = Event(), Event()

    class SlowStore(FakeStore):
        def __call__(self, *, in_steps: bool = False) -> FakeUnitOfWork:
            reading.set()
            assert gate.wait(10)
            return super().__call__(in_steps=in_steps)

    store = SlowStore()
    read = ReadEpoch(uow=store)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(read.execute)
        assert reading.wait(10)
        others = [pool.submit(read.execute) for _ in range(3)]
        gate.set()
        assert {one.result(10) for one in (first, *others)} == {FIRST}
    assert len(store.opened) == 1
