"""Connections to PostgreSQL whose answers have a deadline.

psycopg2 waits without a limit for a server that was stopped in the middle of an answer, and a unix
socket has no keepalive. So it leaves the waiting to `wait`, which is set once a process: Ctrl+C is
heard meanwhile, and COPY cannot be used.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from typing import Any

import psycopg2
from psycopg2 import extensions

PATIENT_TIMEOUT_S = 120.0
"""Longest wait for one answer of a command or a migration, where somebody wants it."""


class AnswerTimeout(psycopg2.OperationalError):
    """The server did not answer within the connection's deadline; the connection is lost."""


class ServerConnection(extensions.connection):
    """What of the driver is ours; make_engine sets the first four."""

    answer_timeout_s = PATIENT_TIMEOUT_S
    """How long one answer may take."""

    on_late: Callable[[], None] = staticmethod(lambda: None)

    prepares = True
    """Whether a session is one server's: behind a pooler of transactions the next one is another's,
    which knows of nothing that was prepared."""

    begin = b"BEGIN;"
    """What a transaction begins with."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.made_at = time.monotonic()
        self.prepared: set[str] = set()
        """Names of the statements that this session knows."""
        super().__init__(*arguments, **options)


def wait(connection: Any) -> None:
    """psycopg2's wait callback: let libpq work until it is done or the deadline has passed."""
    limit_s = getattr(connection, "answer_timeout_s", PATIENT_TIMEOUT_S)
    ends = time.monotonic() + limit_s
    poller = select.poll()
    while True:
        state = connection.poll()
        if state == extensions.POLL_OK:
            return
        wanted = select.POLLIN if state == extensions.POLL_READ else select.POLLOUT
        fd = connection.fileno()
        poller.register(fd, wanted)
        left_ms = (ends - time.monotonic()) * 1000
        ready = left_ms > 0 and poller.poll(left_ms)
        poller.unregister(fd)
        if not ready:
            if isinstance(connection, ServerConnection):
                connection.on_late()
            raise AnswerTimeout(f"PostgreSQL did not answer in {limit_s:g} s")
