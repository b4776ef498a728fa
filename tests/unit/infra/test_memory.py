from __future__ import annotations

import pytest

from neuroplay.infra import memory
from neuroplay.infra.memory import KEPT_S, ShortMemory
from tests.fakes.services import FakeCache


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_it_answers_from_memory_for_a_while(clock: Clock) -> None:
    behind = FakeCache()
    cache = ShortMemory(behind, clock=clock)
    assert cache.get("a") is None
    cache.put("a", b"1", 60)
    behind.delete("a")
    assert cache.get("a") == b"1"
    clock.now = KEPT_S
    assert cache.get("a") is None


def test_it_remembers_what_it_read_and_never_longer_than_it_lives(clock: Clock) -> None:
    behind = FakeCache()
    behind.put("a", b"1", 60)
    cache = ShortMemory(behind, clock=clock)
    assert cache.get("a") == b"1"
    behind.put("a", b"2", 60)
    assert cache.get("a") == b"1"
    cache.put("b", b"3", 1)
    clock.now = 1
    behind.delete("b")
    assert cache.get("b") is None


def test_what_is_deleted_is_gone_at_once(clock: Clock) -> None:
    cache = ShortMemory(FakeCache(), clock=clock)
    cache.put("a", b"1", 60)
    cache.delete("a")
    assert cache.get("a") is None


def test_it_never_grows_without_end(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST", 10)
    cache = ShortMemory(FakeCache(), clock=clock)
    for number in range(100):
        cache.put(str(number), b"1", 60)
        assert len(cache._known) <= 10
    assert cache.get("99") == b"1"
