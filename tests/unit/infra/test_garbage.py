"""Python's garbage collector in a process that serves."""

from __future__ import annotations

import gc
from multiprocessing import get_context

from neuroplay.infra.garbage import THRESHOLD, collect_rarely


def tuned() -> tuple[int, int]:
    collect_rarely()
    return gc.get_freeze_count(), gc.get_threshold()[0]


def test_what_exists_is_never_collected_and_what_is_new_rarely() -> None:
    with get_context("spawn").Pool(1) as pool:
        frozen, threshold = pool.apply(tuned)
    assert frozen > 1000
    assert threshold == THRESHOLD
