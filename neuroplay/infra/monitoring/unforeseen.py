"""Reports unexpected errors while sessions are processed.

Each kind of error is logged once, with its place in the code and without any data of the session.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Sequence
from uuid import UUID

from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.monitoring.tracking import report_error

AGAIN_AFTER_S = 3600.0
"""An error that persists is logged again, since logs rotate."""

MOST_KINDS = 100
MOST_SESSIONS = 20
"""Sessions that a line names; the store has the error of each."""

log = get_logger(__name__)


class UnforeseenErrors:
    """An `Unforeseen` for a process. Errors with the same type, cause and line of code are of the
    same kind, so that a thousand similar failures are one traceback."""

    def __init__(self, component: str, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._component, self._seconds = component, seconds
        self._logged_at: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def __call__(self, error: Exception, sessions: Sequence[UUID | None]) -> None:
        report_error(error, self._component)
        if self._is_new(_kind(error)):
            log.error(
                "session could not be processed",
                reason=type(error).__name__,
                sessions=[str(one) for one in sessions[:MOST_SESSIONS]],
                exc_info=error,
            )

    def _is_new(self, kind: tuple[str, str]) -> bool:
        now = self._seconds()
        with self._lock:
            logged_at = self._logged_at.get(kind)
            if logged_at is not None and now - logged_at < AGAIN_AFTER_S:
                return False
            if len(self._logged_at) >= MOST_KINDS:
                self._logged_at.clear()
            self._logged_at[kind] = now
        return True


def _kind(error: Exception) -> tuple[str, str]:
    """The types of the error and its cause, and the line that raised it."""
    cause = error.__cause__ or error
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__qualname__} {type(cause).__qualname__}", place
