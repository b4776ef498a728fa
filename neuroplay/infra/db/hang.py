"""A server that hangs costs each caller one deadline at most, and later callers nothing.

Were every request to wait for its own deadline, all threads of a process would wait in turn, and
requests behind them for a multiple of it. So the first answer that is late has a thread ask the
server, over and over, and whoever comes meanwhile is told at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy import PoolProxiedConnection, QueuePool

from neuroplay.core.errors import StoreUnavailable

GRACE_S = 0.5
"""How long callers wait for the first word of the server: a single slow statement is no hang."""


class Hang:
    """Whether a server hangs. `ping` returns whether it answered in time, with whatever."""

    def __init__(self, ping: Callable[[], bool], *, grace_s: float = GRACE_S) -> None:
        self._ping, self._grace_s = ping, grace_s
        self._answers = threading.Event()
        self._answers.set()
        self._beginning = threading.Lock()
        self._since = 0.0

    def begin(self) -> None:
        """An answer was late."""
        with self._beginning:
            if self._answers.is_set():
                self._since = time.monotonic()
                self._answers.clear()
                threading.Thread(target=self._ask, daemon=True, name="database-hangs").start()

    def check(self) -> None:
        """Raise StoreUnavailable while it hangs."""
        if self._answers.is_set():
            return
        left_s = self._since + self._grace_s - time.monotonic()
        if not self._answers.wait(max(0.0, left_s)):
            raise StoreUnavailable("the database does not answer")

    def _ask(self) -> None:
        while not self._ping():
            pass  # each takes its own deadline
        self._answers.set()


class WatchedPool(QueuePool):
    """A pool that gives no connection to a server that hangs."""

    hang: Hang

    def connect(self) -> PoolProxiedConnection:
        self.hang.check()
        connection = super().connect()
        while getattr(connection.dbapi_connection, "is_late", False):
            # Given up in the moment of its answer.
            connection.invalidate()
            connection.close()
            connection = super().connect()
        return connection

    def recreate(self) -> QueuePool:
        fresh = super().recreate()
        assert isinstance(fresh, WatchedPool)  # noqa: S101 - its own class
        fresh.hang = self.hang
        return fresh
