from __future__ import annotations

import os

from neuroplay.infra.monitoring.saturation import SATURATED_FOR_S, Saturation


def test_it_is_saturated_for_some_seconds_after_the_last_refusal() -> None:
    now = [50.0]
    saturation = Saturation(clock=lambda: now[0])
    assert not saturation
    saturation.note()
    now[0] += SATURATED_FOR_S - 1
    assert saturation
    saturation.note()
    now[0] += SATURATED_FOR_S - 1
    assert saturation
    now[0] += 1
    assert not saturation


def test_one_process_knows_what_another_refused() -> None:
    saturation = Saturation()
    child = os.fork()
    if not child:
        saturation.note()
        os._exit(0)
    os.waitpid(child, 0)
    assert saturation
