"""Read the database's epoch, which tablets learn with every receipt."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from neuroplay.core.entities.epoch import Epoch
from neuroplay.core.interfaces.unit_of_work import ReadingFactory

FRESH_S = 5.0
"""How long a process answers with what it read. An older epoch or coverage harms nothing: tablets
keep their games a little longer, or offer once more."""


class ReadEpoch:
    """Reads the epoch at most every FRESH_S, however many requests ask. Thread-safe."""

    def __init__(
        self, *, uow: ReadingFactory, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._uow = uow
        self._seconds = seconds
        self._reading = Lock()
        self._known: Epoch | None = None
        self._fresh_until = 0.0

    def execute(self) -> Epoch:
        """Raises StoreUnavailable."""
        known = self._known
        if known is None:
            self._reading.acquire()
        # While one thread reads, the others answer with what was known.
        elif self._seconds() < self._fresh_until or not self._reading.acquire(blocking=False):
            return known
        try:
            if self._known is None or self._seconds() >= self._fresh_until:
                with self._uow(in_steps=True) as uow:
                    self._known = uow.epochs.current()
                self._fresh_until = self._seconds() + FRESH_S
            return self._known
        finally:
            self._reading.release()
