"""Rate limiting of failed sign-ins, in the process's memory.

Memory is bounded, and an outage of another server cannot weaken the limit.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from neuroplay.infra.bucket import Bucket

FREE_ATTEMPTS = 5
"""Failures of one key before it has to wait: children mistype."""

FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 300.0
FORGOTTEN_AFTER_S = 900.0

MOST_KEYS = 20_000
"""Keys kept at a time; the one whose last failure is oldest is dropped for a new one."""

BURST = 300
"""Failures of all keys in a burst, as when a whole school types its new cards."""

A_SECOND = 1.0
"""Failures of all keys per second, in the long run."""


class Attempts:
    """A RateLimiter and an AttemptLimiter. After FREE_ATTEMPTS failures of a key, each further one
    doubles its wait.

    All keys also share a budget of failures, which is divided by the number of `processes`.
    """

    def __init__(self, *, processes: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._everybody = Bucket(max(1.0, BURST / processes), A_SECOND / processes, clock())
        # key -> failures, when the last was, until when it waits
        self._known: OrderedDict[str, tuple[int, float, float]] = OrderedDict()

    def waits(self, key: str, *, shared: bool) -> float:
        now = self._clock()
        with self._lock:
            _, _, until = self._known.get(key, (0, now, now))
            everybody = self._everybody.waits(now) if shared else 0.0
        return max(0.0, min(until - now, LONGEST_WAIT_S), everybody)

    def failed(self, *keys: str) -> float:
        now = self._clock()
        with self._lock:
            waits = [self._key_failed(key, now) for key in keys]
            return max([*waits, self._everybody.spend(now)])

    def succeeded(self, *keys: str) -> None:
        with self._lock:
            for key in keys:
                self._known.pop(key, None)

    def _key_failed(self, key: str, now: float) -> float:
        """Seconds that the key still had to wait. Failures during a wait do not extend it."""
        failures, last, until = self._known.pop(key, (0, now, now))
        if now - last >= FORGOTTEN_AFTER_S:
            failures = 0
        wait_s = min(max(0.0, until - now), LONGEST_WAIT_S)
        if not wait_s:
            failures += 1
            until = now + wait_after(failures)
        while len(self._known) >= MOST_KEYS:
            self._known.popitem(last=False)
        self._known[key] = failures, now, until
        return wait_s


def wait_after(failures: int) -> float:
    """Seconds to wait after this number of failures."""
    if failures < FREE_ATTEMPTS:
        return 0.0
    doublings = min(failures - FREE_ATTEMPTS, math.ceil(math.log2(LONGEST_WAIT_S)))
    return min(FIRST_WAIT_S * (1 << doublings), LONGEST_WAIT_S)
