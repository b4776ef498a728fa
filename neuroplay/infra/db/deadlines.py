"""Answers of PostgreSQL have a deadline; how it is kept depends on the process.

psycopg2 waits without a limit for a server that was stopped in the middle of an answer, and a unix
socket has no keepalive. There are two ways out:

    wait callback   psycopg2 leaves the waiting to us. A signal, as of Ctrl+C, is heard meanwhile.
                    It is process-global, and gives Python's lock up three times an answer.
    watch           psycopg2 waits, and a thread shuts the sockets whose answer is late. The lock is
                    given up once an answer, so that a process with many busy threads answers in
                    half the time; a signal is heard after the answer.
"""

from __future__ import annotations

import math
import os
import select
import socket
import threading
import time
from contextlib import suppress
from typing import Any, cast
from weakref import WeakSet

import psycopg2
from psycopg2 import extensions

from neuroplay.infra.db.one_trip import OneTripConnection, OneTripCursor

PATIENT_TIMEOUT_S = 120.0
"""Longest wait for one answer of a command or a migration, where somebody wants it."""

LOOK_EVERY_S = 0.05
"""So much later than at its deadline may a watched answer be given up."""


class AnswerTimeout(psycopg2.OperationalError):
    """The server did not answer within the connection's deadline; the connection is lost."""


class DeadlineConnection(OneTripConnection):
    """A connection that carries how long one answer may take, in seconds."""

    answer_timeout_s = PATIENT_TIMEOUT_S

    is_late = False
    """Whether it was given up, and is of no more use."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.ends = math.inf
        began = time.monotonic()
        try:
            super().__init__(*arguments, **options)
        except psycopg2.OperationalError as error:
            was_soon = time.monotonic() < began + whole_s(self) - LOOK_EVERY_S
            if was_soon or isinstance(error, AnswerTimeout):
                raise
            raise self.timeout() from None
        self.cursor_factory = DeadlineCursor

    def timeout(self) -> AnswerTimeout:
        return AnswerTimeout(f"PostgreSQL did not answer in {self.answer_timeout_s:g} s")


def whole_s(connection: DeadlineConnection | type[DeadlineConnection]) -> int:
    """The deadline for libpq's own waiting while it connects, which counts whole seconds."""
    return math.ceil(connection.answer_timeout_s)


class DeadlineCursor(OneTripCursor):
    def execute(self, query: Any, vars: Any = None) -> None:
        connection = cast("DeadlineConnection", self.connection)
        connection.ends = time.monotonic() + connection.answer_timeout_s
        try:
            super().execute(query, vars)
        except psycopg2.Error:
            if connection.is_late:
                raise connection.timeout() from None
            raise
        finally:
            connection.ends = math.inf


class WatchedConnection(DeadlineConnection):
    """A connection that the watch gives up when an answer is late."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._line: int | None = None
        self._shutting = threading.Lock()
        super().__init__(*arguments, **options)
        # A number of our own for the same line: libpq closes its own when the line is lost, and it
        # may be another's at once.
        self._line = os.dup(self.fileno())
        WATCH.add(self)

    def give_up(self, now: float) -> None:
        """Have whoever waits for this connection wait no more, if the deadline has passed."""
        with self._shutting:
            if now < self.ends or self._line is None:
                return
            self.is_late = True
            line = socket.socket(fileno=self._line)
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.detach()

    def close(self) -> None:
        super().close()
        self._let_go()

    def __del__(self) -> None:
        self._let_go()

    def _let_go(self) -> None:
        with self._shutting:
            line, self._line = self._line, None
        if line is not None:
            os.close(line)


class Watch:
    """Gives late answers up, by a thread that begins with a process's first connection."""

    def __init__(self) -> None:
        self._begin_anew()
        # A child has the connections of its parent in its memory, and no thread of it.
        os.register_at_fork(after_in_child=self._begin_anew)

    def _begin_anew(self) -> None:
        self._lock = threading.Lock()
        self._connections: WeakSet[WatchedConnection] = WeakSet()
        self._is_running = False

    def add(self, connection: WatchedConnection) -> None:
        with self._lock:
            self._connections.add(connection)
            if not self._is_running:
                threading.Thread(target=self._run, daemon=True, name="database-watch").start()
                self._is_running = True

    def _run(self) -> None:
        while True:
            time.sleep(LOOK_EVERY_S)
            with self._lock:
                watched = list(self._connections)
            now = time.monotonic()
            for connection in watched:
                if now >= connection.ends:
                    connection.give_up(now)


WATCH = Watch()


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
            raise AnswerTimeout(f"PostgreSQL did not answer in {limit_s:g} s")
