from __future__ import annotations

import os
from pathlib import Path

import pytest

from neuroplay.infra.supervision import lock
from neuroplay.infra.supervision.errors import CannotStart


def test_a_home_has_one_holder_until_it_lets_go(tmp_path: Path) -> None:
    assert lock.holder(tmp_path) is None
    held = lock.take(tmp_path)
    assert lock.holder(tmp_path) == os.getpid()
    with pytest.raises(CannotStart, match=rf"already runs on the home .* \(pid {os.getpid()}\)"):
        lock.take(tmp_path)
    os.close(held)
    assert lock.holder(tmp_path) is None
    os.close(lock.take(tmp_path))


def test_the_lock_can_be_signed_over(tmp_path: Path) -> None:
    held = lock.take(tmp_path)
    lock.sign(held, 7)
    assert lock.holder(tmp_path) == 7
    os.close(held)
