"""The threads that answer requests. Each takes the oldest that waits, and sends the response.

A connection belongs to a thread from `add` until its response is sent, or `give_back` is called.
"""

from __future__ import annotations

import math
import select
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from neuroplay.api.door import requests
from neuroplay.api.door.answering import (
    FAILED,
    Prepared,
    environment,
    problem,
    respond,
    serialize,
)
from neuroplay.api.door.connection import Connection, Stage
from neuroplay.api.door.limits import MOST_VITAL, VITAL_THREADS, Limits
from neuroplay.api.door.record import Record
from neuroplay.api.door.unyielding import watch
from neuroplay.api.door.waiting import Waiting
from neuroplay.infra.monitoring.logging import get_logger

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = get_logger(__name__)

IN = select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLONESHOT

BUSY_S = 5.0
"""Longer than any request takes: the stores have shorter deadlines."""

TURNED_AWAY = Prepared(requests.OVERLOADED, requests.LATER_BETWEEN_S)


class AnsweringThreads:
    """`here` and `scheme` are the server's, for the application. A connection whose response is
    sent waits for its next request in the epoll `epoll_fd`; others are given back."""

    def __init__(
        self,
        application: WSGIApplication,
        count: int,
        *,
        limits: Limits,
        record: Record,
        here: tuple[str, int],
        scheme: str,
        epoll_fd: int,
        give_back: Callable[[Connection], None],
    ) -> None:
        self._application, self._limits, self._record = application, limits, record
        self._here, self._scheme = here, scheme
        self._epoll_fd, self._give_back = epoll_fd, give_back
        self._waiting: Waiting[Connection] = Waiting(limits)
        self._vital: Waiting[Connection] = Waiting(
            replace(limits, waiting=MOST_VITAL, burst_s=math.inf, standing_s=math.inf)
        )
        self._busy_since = [0.0] * count
        self.is_stopping = False
        """Each response is then the last on its connection."""

    def start(self) -> None:
        for place in range(len(self._busy_since)):
            threading.Thread(target=self._answer_forever, args=(place,), daemon=True).start()
        for _ in range(VITAL_THREADS):
            threading.Thread(target=self._answer_vital, daemon=True).start()

    def end(self) -> None:
        """Let the threads end, once nothing waits."""
        self._waiting.end(len(self._busy_since))
        self._vital.end(VITAL_THREADS)

    @property
    def waiting(self) -> int:
        """How many requests wait for a thread."""
        return len(self._waiting)

    @property
    def is_stuck(self) -> bool:
        """Whether all threads have been busy with one request for longer than any should take."""
        last = max(self._busy_since)
        return min(self._busy_since) > 0 and time.monotonic() - last > BUSY_S

    def add(self, connection: Connection, arrived: float) -> str | None:
        """Have a request answered that arrived then. Returns None, or why it is refused instead."""
        size = sum(len(one.body) for one in connection.reader.ready)
        queue = self._vital if connection.reader.is_vital else self._waiting
        connection.stage = Stage.ANSWERING
        return queue.add(connection, arrived=arrived, size=size)

    def late(self) -> Iterator[Connection]:
        """Requests that are refused because they have waited for too long; they wait no more."""
        return self._waiting.late()

    def refuse(self, connection: Connection, reason: str) -> None:
        """Put the refusal of a request that cannot be answered in time in place of its response."""
        request = connection.reader.ready.popleft()
        self._record.turned_away(reason, connection.address)
        if self.is_stopping:
            request.keep_alive = False
        connection.out = memoryview(TURNED_AWAY.answer(request))
        connection.last = not request.keep_alive

    def _answer_forever(self, place: int) -> None:
        while (taken := self._waiting.take()) is not None:
            connection, in_time = taken
            self._busy_since[place] = begun = time.monotonic()
            if in_time:
                self._answer(connection)
                self._waiting.answered(time.monotonic() - begun)
            else:
                self.refuse(connection, "waited")
                self._return(connection)
            self._busy_since[place] = 0.0

    def _answer_vital(self) -> None:
        while (taken := self._vital.take()) is not None:
            self._answer(taken[0])

    def _answer(self, connection: Connection) -> None:
        request = connection.reader.ready.popleft()
        try:
            environ = environment(
                request, peer=connection.peer, here=self._here, scheme=self._scheme
            )
            response = respond(self._application, environ)
            if self.is_stopping:
                request.keep_alive = False
            answer = serialize(response, request)
        except Exception:  # Flask handles what its routes raise; this is an error outside of it
            log.exception("request failed outside the application")
            answer = serialize(problem(FAILED), request)
        connection.out = memoryview(answer)
        connection.last = not request.keep_alive
        self._return(connection)

    def _return(self, connection: Connection) -> None:
        """Send what the socket accepts, and return the connection to the front."""
        try:
            sent = connection.send()
        except OSError:
            connection.out, connection.last, sent = memoryview(b""), True, False
        reader = connection.reader
        with connection.lock:
            try:
                if sent and not connection.last and not reader.ready and not (
                    reader.in_head or reader.in_body or reader.refusal or connection.has_ended
                ):  # fmt: skip
                    connection.deadline = time.monotonic() + self._limits.idle_s
                    connection.stage = Stage.IDLE
                    watch(self._epoll_fd, connection.fd, IN)
                    return
            except OSError:
                pass
            connection.deadline = self._limits.read_by(len(connection.out))
            connection.stage = Stage.SENDING
        self._give_back(connection)
