"""Limit how much a signed-in adult may ask for, in the process's memory."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from neuroplay.infra.bucket import Bucket

MOST = 600.0
"""What an adult may ask for at once: a page that is open in ten windows, or 30 exports."""

A_SECOND = 10.0
"""What an adult may ask for in the long run."""

LEAST = 60.0
"""What a process allows at once, however many there are: requests that a page makes together may
come to the same one."""

MOST_ADULTS = 1_000
"""Adults that are remembered; whoever has asked for nothing longest is dropped for a new one."""


class Asks:
    """An AskLimiter. What an adult may ask for is divided by the number of `processes`."""

    def __init__(self, *, processes: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._a_second = max(LEAST, MOST / processes), A_SECOND / processes
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[int, Bucket] = OrderedDict()

    def ask(self, adult_id: int, cost: float) -> float:
        now = self._clock()
        with self._lock:
            bucket = self._known.pop(adult_id, None) or Bucket(self._most, self._a_second, now)
            while len(self._known) >= MOST_ADULTS:
                self._known.popitem(last=False)
            self._known[adult_id] = bucket
            return bucket.spend(now, cost)
