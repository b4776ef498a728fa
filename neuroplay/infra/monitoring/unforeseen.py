"""Errors that nobody foresaw, while games are processed: each kind is told once, with where it
happened, and without a word of what it happened to."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Sequence
from uuid import UUID

from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.monitoring.tracking import report_error

AGAIN_AFTER_S = 3600.0
"""What goes on is told again: logs rotate."""

MOST_KINDS = 100
MOST_SESSIONS = 20
"""That a line names; the store says the error of each."""

log = get_logger(__name__)


class UnforeseenErrors:
    """An `Unforeseen` for a process. Two errors are of one kind where their type and their last
    line of code are the same: a thousand games that fail alike are one traceback."""

    def __init__(self, component: str, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._component, self._seconds = component, seconds
        self._told: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def __call__(self, error: Exception, sessions: Sequence[UUID | None]) -> None:
        report_error(error, self._component)
        if self._is_new(_kind(error)):
            log.error(
                "a game could not be processed",
                reason=type(error).__name__,
                sessions=[str(one) for one in sessions[:MOST_SESSIONS]],
                exc_info=error,
            )

    def _is_new(self, kind: tuple[str, str]) -> bool:
        now = self._seconds()
        with self._lock:
            told_at = self._told.get(kind)
            if told_at is not None and now - told_at < AGAIN_AFTER_S:
                return False
            if len(self._told) >= MOST_KINDS:
                self._told.clear()
            self._told[kind] = now
        return True


def _kind(error: Exception) -> tuple[str, str]:
    """Its type, and that of its cause, with the line that raised it."""
    cause = error.__cause__ or error
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__qualname__} {type(cause).__qualname__}", place
