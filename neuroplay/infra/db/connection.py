"""psycopg2 connections with a deadline for each response.

psycopg2 waits without limit for a server that stopped in the middle of a response, and a Unix
socket has no keepalive. `wait` is therefore set as psycopg2's wait callback, once per process. It
lets Ctrl+C interrupt a wait; COPY does not work with it.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from typing import Any, Protocol

import psycopg2
from psycopg2 import extensions

PATIENT_TIMEOUT_S = 120.0
"""Deadline for one response in a command or a migration, where a person waits for it."""


class AnswerTimeout(psycopg2.OperationalError):
    """The server did not respond within the connection's deadline; the connection is lost."""


class Waiting(Protocol):
    """A wait for the standby that can be ended, so that the transaction goes on without it."""

    @property
    def longest_s(self) -> float: ...

    def end(self, connection: ServerConnection) -> None:
        """Called once, by the thread that waits, when `longest_s` have passed."""

    def took(self, seconds: float) -> None:
        """Called with how long the answer took, if `end` was not called."""


class ServerConnection(extensions.connection):
    """Adds our attributes. `connection_settings` sets the first five in a subclass."""

    answer_timeout_s = PATIENT_TIMEOUT_S
    """Deadline for one response."""

    connect_timeout_s = PATIENT_TIMEOUT_S
    """Deadline for connecting to one host. With a wait callback, libpq ignores its own."""

    on_late: Callable[[], None] = staticmethod(lambda: None)
    """Called when the deadline of a response has passed."""

    prepares = True
    """Whether prepared statements work. Behind a pooler in transaction mode they do not: the next
    transaction may run in another session."""

    waiting: Waiting | None = None
    """Set while a transaction may wait for the standby."""

    is_reused = False
    """Whether the pool has given it out before."""

    local_settings = b""
    """SET LOCAL for each transaction: behind a pooler in transaction mode."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.made_at = time.monotonic()
        self.prepared: set[str] = set()
        """Names of the statements prepared in this session."""
        self.is_connected = False
        super().__init__(*arguments, **options)
        self.is_connected = True


def wait(connection: Any) -> None:
    """psycopg2's wait callback. Raises AnswerTimeout after the connection's deadline."""
    limit_s = _limit_s(connection)
    began = time.monotonic()
    ends = began + limit_s
    waiting = getattr(connection, "waiting", None)
    poller = select.poll()
    while True:
        state = connection.poll()
        if state == extensions.POLL_OK:
            if waiting is not None:
                waiting.took(time.monotonic() - began)
            return
        wanted = select.POLLIN if state == extensions.POLL_READ else select.POLLOUT
        fd = connection.fileno()
        poller.register(fd, wanted)
        until = ends if waiting is None else min(ends, began + waiting.longest_s)
        left_ms = (until - time.monotonic()) * 1000
        ready = left_ms > 0 and poller.poll(left_ms)
        poller.unregister(fd)
        if not ready and waiting is not None and until < ends:
            waiting.end(connection)
            waiting = None
        elif not ready:
            if isinstance(connection, ServerConnection) and connection.is_connected:
                connection.on_late()
            raise AnswerTimeout(f"PostgreSQL did not answer in {limit_s:g} s")


def _limit_s(connection: Any) -> float:
    if not isinstance(connection, ServerConnection):
        return PATIENT_TIMEOUT_S
    return connection.answer_timeout_s if connection.is_connected else connection.connect_timeout_s
