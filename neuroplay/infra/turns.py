"""A line before something expensive, which one thread does at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST_TURN_S = 10.0
"""Nobody waits longer; the API's threads are for children's games."""


class LineIsFull(Exception):  # noqa: N818 - it names what happened
    """So many already wait that the caller should come again."""


class Turns:
    """One thread has the turn; a bounded number wait for it."""

    def __init__(self, *, longest_s: float = LONGEST_TURN_S) -> None:
        self._longest_s = longest_s
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._inside = 0

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return max(0, self._inside - 1)

    @contextmanager
    def take(self, most_waiting: int) -> Iterator[None]:
        """Have the turn, after waiting with at most `most_waiting` threads. Raises LineIsFull."""
        with self._counting:
            if self._inside > most_waiting:
                raise LineIsFull
            self._inside += 1
        try:
            if not self._turn.acquire(timeout=self._longest_s):
                raise LineIsFull
            try:
                yield
            finally:
                self._turn.release()
        finally:
            with self._counting:
                self._inside -= 1
