"""Requests that wait for an answering thread, oldest first: bounded by number, by size and by time.

If more requests arrive than can be answered, each would wait longer than the one before, until all
are answered too late. So a request that has waited for too long is refused without any work, and
the others are answered in time. A burst may wait for `burst_s`. A queue that has not been empty for
`standing_after_s`, or only because what was in it was too old, only makes all wait, so then the
limit is `standing_s`. Both include the time that an answer takes then, on average of the last few:
on a slow machine that is most of it.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from neuroplay.api.door.limits import Limits

Item = TypeVar("Item")

LEAST_S = 0.02
"""May always be waited: otherwise threads would be idle where answers take long."""

AVERAGE_OF = 64
"""Answers."""

SMALL_BYTES = 16 << 10
"""Smaller bodies are not counted: with the most requests that may wait, their sum is below the
limit."""


class Waiting(Generic[Item]):
    """One thread adds; any number of threads take."""

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._clock = limits, clock
        self._items: deque[tuple[float, Item, int]] = deque()
        """Each with its time of arrival and its counted bytes."""

        self._turns: SimpleQueue[bool] = SimpleQueue()
        """A True for each item, which a thread waits for, or a few more: who then finds no item
        waits for the next turn."""

        self._not_empty_since = clock()
        self._late_at = -math.inf
        self._answer_s = 0.0

    def __len__(self) -> int:
        return len(self._items)

    def add(self, item: Item, *, arrived: float, size: int = 0) -> str | None:
        """Add a request with a body of `size` bytes. Returns None, or why it is refused instead:
        "waited" or "full"."""
        if not self._items and not self._was_late():
            self._not_empty_since = self._clock()
        if self._is_too_old(arrived):
            return "waited"
        counted = size if size >= SMALL_BYTES else 0
        if len(self._items) >= self._limits.waiting or (
            counted and self._bytes() + counted > self._limits.waiting_bytes
        ):
            return "full"
        self._items.append((arrived, item, counted))
        self._turns.put(True)
        return None

    def take(self) -> tuple[Item, bool] | None:
        """Wait for the oldest request; also whether it is still to be answered. None at the end."""
        while self._turns.get():
            if (found := self._pop()) is not None:
                arrived, item, _ = found
                return item, not self._is_too_old(arrived)
        return None

    def answered(self, seconds: float) -> None:
        """A thread took so long for the answer to a request."""
        # Threads may overwrite each other's; it is an average.
        self._answer_s += (seconds - self._answer_s) / AVERAGE_OF

    def late(self) -> Iterator[Item]:
        """Remove requests that have waited for too long, while no thread was free to do so."""
        while self._oldest_is_late() and (found := self._pop()) is not None:
            if not self._is_too_old(found[0]):
                # A thread took the late one meanwhile.
                self._items.appendleft(found)
                self._turns.put(True)
                return
            with suppress(Empty):
                if not self._turns.get_nowait():
                    self._turns.put(False)  # it was the end of a thread
            yield found[1]

    def end(self, threads: int) -> None:
        """Let so many threads return from `take`, once nothing waits."""
        for _ in range(threads):
            self._turns.put(False)

    def _bytes(self) -> int:
        # Of a copy, since threads take from the queue meanwhile.
        return sum(size for _, _, size in list(self._items))

    def _oldest_is_late(self) -> bool:
        try:
            return self._is_too_old(self._items[0][0])
        except IndexError:
            return False

    def _pop(self) -> tuple[float, Item, int] | None:
        try:
            return self._items.popleft()
        except IndexError:
            return None

    def _is_too_old(self, arrived: float) -> bool:
        """Whether a request that arrived then is not to be answered any more."""
        limits, now = self._limits, self._clock()
        is_standing = now - self._not_empty_since > limits.standing_after_s
        whole_s = limits.standing_s if is_standing else limits.burst_s
        is_late = arrived < now - max(whole_s - self._answer_s, min(LEAST_S, whole_s))
        if is_late:
            self._late_at = now
        return is_late

    def _was_late(self) -> bool:
        """Whether a request was too old lately: then a queue that is empty for a moment, because
        all in it were too old, stands nevertheless."""
        return self._clock() - self._late_at <= self._limits.standing_after_s
