from __future__ import annotations

import pytest

from neuroplay.infra import memory
from neuroplay.infra.memory import Memory


def test_it_never_grows_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST", 10)
    kept: Memory[int] = Memory()
    for number in range(100):
        kept.put(str(number).encode(), number, 60)
        found = [kept.get(str(key).encode()) for key in range(number + 1)]
        assert number + 1 - found.count(None) <= 10
    assert kept.get(b"99") == 99
