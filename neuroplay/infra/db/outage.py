"""Outage state that all callers of an engine share.

If each request waited for its own deadline, all threads would block, and queued requests would
wait several times as long. So the first late response starts a thread that asks the server until
it responds. Until then, calls fail immediately. After a lost connection, the pool replaces all
older ones, so that only one caller sees the error when a server restarts.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import DisconnectionError

from neuroplay.core.errors import StoreUnavailable
from neuroplay.infra.db.connection import ServerConnection

GRACE_S = 0.5
"""How long callers wait for the first response of the asking thread. One slow statement does not
mean that the server hangs."""


class Outage:
    """`ping` returns whether the server responded in time; an error is a response, too."""

    def __init__(self, ping: Callable[[], bool], *, grace_s: float = GRACE_S) -> None:
        self._ping, self._grace_s = ping, grace_s
        self._answers = threading.Event()
        self._answers.set()
        self._beginning = threading.Lock()
        self._since = 0.0
        self._lost_at = 0.0

    def begin(self) -> None:
        """Report a late response."""
        with self._beginning:
            if self._answers.is_set():
                self._since = time.monotonic()
                self._answers.clear()
                threading.Thread(target=self._ask, daemon=True, name="database-hangs").start()

    def check(self, *_: Any) -> None:
        """Raise StoreUnavailable while the server hangs."""
        if self._answers.is_set():
            return
        left_s = self._since + self._grace_s - time.monotonic()
        if not self._answers.wait(max(0.0, left_s)):
            raise StoreUnavailable("the database does not answer")

    # Events of SQLAlchemy's pool

    def check_connection(self, connection: ServerConnection, *_: Any) -> None:
        self.check()
        is_old = connection.is_reused and connection.made_at < self._lost_at
        if connection.closed or is_old:
            raise DisconnectionError("the pool makes another")
        # A new one is given out even if others were lost while it was made: the pool makes only two
        # attempts, and while every connection is lost soon, both would be in vain.
        connection.is_reused = True

    def lost(self, _: Any, __: Any, error: BaseException | None) -> None:
        if not isinstance(error, DisconnectionError):
            self._lost_at = time.monotonic()

    def _ask(self) -> None:
        while not self._ping():
            pass  # no pause is needed: each ping waits up to its deadline
        self._answers.set()
