"""Whether the API refuses requests because more arrive than it can answer in time."""

from __future__ import annotations

import mmap
import struct
import time
from collections.abc import Callable

SATURATED_FOR_S = 10.0
"""Seconds after a refusal for which the API counts as saturated: longer than the tablets that were
refused first wait before they ask again."""

_MOMENT = struct.Struct("d")


class Saturation:
    """Shared by the process that makes it and all that are forked from it. Their clock is the
    machine's, CLOCK_MONOTONIC."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._shared = mmap.mmap(-1, _MOMENT.size)

    def note(self) -> None:
        """Requests have just been refused."""
        # All write the present, so it does not matter who is the last.
        _MOMENT.pack_into(self._shared, 0, self._clock())

    def __bool__(self) -> bool:
        moment: float = _MOMENT.unpack_from(self._shared, 0)[0]
        return moment > 0 and self._clock() - moment < SATURATED_FOR_S
