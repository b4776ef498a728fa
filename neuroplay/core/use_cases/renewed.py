"""Keep what takes long to read, and read it again in the background when it is asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from neuroplay.core.errors import NeuroPlayError

FRESH_S = 15.0
"""What was read so recently is not read again."""

KEPT_S = 60.0
"""What is older is not shown: whoever asks waits until it is read."""

Value = TypeVar("Value")


def in_the_background(work: Callable[[], None]) -> None:
    """Do `work` in a thread that keeps no process from ending."""
    threading.Thread(target=work, daemon=True).start()


@dataclass(frozen=True, slots=True)
class _Known(Generic[Value]):
    read_at: float
    value: Value


class Renewed(Generic[Value]):
    """One value of this process. Thread-safe: at most one thread reads it in the background."""

    def __init__(
        self,
        read: Callable[[], Value],
        *,
        fresh_s: float = FRESH_S,
        kept_s: float = KEPT_S,
        timer: Callable[[], float] = time.monotonic,
        start: Callable[[Callable[[], None]], None] = in_the_background,
    ) -> None:
        self._read = read
        self._fresh_s, self._kept_s = fresh_s, kept_s
        self._timer = timer
        self._start = start
        self._known: _Known[Value] | None = None
        self._reading = threading.Lock()

    def get(self, *, is_kept: Callable[[Value], bool]) -> Value:
        """The value, at most `kept_s` seconds old, or new if the last one need not be kept.

        If it is older than `fresh_s` seconds, it is also read again for whoever asks next. Raises
        what reading raises; an error in the background changes nothing.
        """
        known = self._known
        age = 0.0 if known is None else self._timer() - known.read_at
        if known is None or age > self._kept_s or not is_kept(known.value):
            return self._read_now()
        if age > self._fresh_s and self._reading.acquire(blocking=False):
            try:
                self._start(self._renew)
            except RuntimeError:  # the process has no thread left; the next one asks again
                self._reading.release()
        return known.value

    def _read_now(self) -> Value:
        known = _Known(self._timer(), self._read())
        self._known = known
        return known.value

    def _renew(self) -> None:
        try:
            with suppress(NeuroPlayError):
                self._read_now()
        finally:
            self._reading.release()
