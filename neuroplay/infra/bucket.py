"""What may be spent: so much at once, and so much a second in the long run."""

from __future__ import annotations


class Bucket:
    """Full at `now`; times are those of a clock that never goes back. Not thread-safe."""

    __slots__ = ("_a_second", "_at", "_left", "_most")

    def __init__(self, most: float, a_second: float, now: float) -> None:
        self._most = self._left = most
        self._a_second = a_second
        self._at = now

    def waits(self, now: float, cost: float = 1.0) -> float:
        """Seconds until `cost` can be spent; 0.0 if it can. What costs more than there ever is can
        be spent when all is there."""
        self._left = min(self._most, self._left + max(0.0, now - self._at) * self._a_second)
        self._at = now
        return max(0.0, min(cost, self._most) - self._left) / self._a_second

    def spend(self, now: float, cost: float = 1.0) -> float:
        """Spend it, unless it has to wait. Returns as `waits`."""
        wait_s = self.waits(now, cost)
        if not wait_s:
            self._left -= min(cost, self._most)
        return wait_s
