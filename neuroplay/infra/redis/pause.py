"""A Redis that failed is left alone for a moment, so that a hung one slows one call, not each."""

from __future__ import annotations

import time

PAUSE_S = 1.0


class Pause:
    def __init__(self) -> None:
        self._until = 0.0

    def begin(self) -> None:
        self._until = time.monotonic() + PAUSE_S

    def __bool__(self) -> bool:
        """Whether Redis is left alone now."""
        return time.monotonic() < self._until
