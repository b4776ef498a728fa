"""The thread that holds all connections of a process.

It accepts connections, reads from them, and passes complete requests to `threads`, which send the
response and return the connection. Everything that a client could prolong has a deadline,
and everything that it could accumulate has a limit. At a limit, the connections that lose least are
closed first: silent ones, then unfinished and idle ones, the oldest first. New clients can
therefore always connect. Requests that have waited for too long are refused, see `waiting`.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from neuroplay.api.door import requests
from neuroplay.api.door.answering import UNREAD, problem, serialize
from neuroplay.api.door.connection import Connection, NoDataError, Stage
from neuroplay.api.door.held import Held, least_lost
from neuroplay.api.door.limits import Limits
from neuroplay.api.door.processes import BACKLOG
from neuroplay.api.door.record import Record
from neuroplay.api.door.requests import Refusal
from neuroplay.api.door.threads import IN, AnsweringThreads
from neuroplay.api.door.unyielding import Receiver, watch
from neuroplay.api.request.call import Network
from neuroplay.infra.monitoring.logging import get_logger

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = get_logger(__name__)

OUT = select.EPOLLOUT | select.EPOLLONESHOT

NO_ROOM = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))
"""Errors of `accept` that persist until a connection is closed."""

CHECK_S = 0.25
"""How often deadlines are checked."""

EVENTS_AT_ONCE = 64
"""Handled before new ones are asked for."""

OTHERS = 16
"""Descriptors of the front that are not connections."""

STOP_BODY_S = 1.0
"""For a body that is arriving when the process is asked to stop."""


class Front:
    """`listeners` are bound and listening. The front's thread calls `heartbeat` several times a
    second, unless all answering threads are stuck."""

    def __init__(
        self,
        application: WSGIApplication,
        listeners: Sequence[socket.socket],
        *,
        threads: int,
        limits: Limits,
        record: Record,
        heartbeat: Callable[[], None] = lambda: None,
        tls: ssl.SSLContext | None = None,
        trusted: Sequence[Network] = (),
    ) -> None:
        self._limits, self._record = limits, record
        self._listeners = {one.fileno(): one for one in listeners}
        self._tls, self._heartbeat = tls, heartbeat
        self._epoll = select.epoll()
        self._epoll_fd = self._epoll.fileno()
        self._receiver = Receiver(requests.OVERHEAD)
        self._held = held = Held(limits, record, trusted)
        self._close, self._cut = held.close, held.cut
        self._events: deque[int] = deque()
        """Descriptors of connections with an event that is not handled yet, the oldest first."""

        self._woken: deque[Connection] = deque()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._threads = AnsweringThreads(
            application,
            threads,
            limits=limits,
            record=record,
            here=listeners[0].getsockname()[:2],
            scheme="https" if tls else "http",
            epoll_fd=self._epoll_fd,
            give_back=self._take_back,
        )
        self._stopping_at: float | None = None
        self._accepting = True
        self._unread_since = time.monotonic()
        """Input that is read now arrived after that: everything before it was read."""

    # Start and stop

    def run(self, patience_s: float) -> None:
        """Serve until `stop`; then finish requests that have begun, for at most `patience_s`."""
        self._threads.start()
        self._epoll.register(self._wake, select.EPOLLIN)
        self._listen(True)
        checked_at = now = time.monotonic()
        handled_s = 0.0
        while not self._has_ended(patience_s):
            handled_before_s, handled_s = handled_s, time.monotonic() - now
            events = self._epoll.poll(0 if self._events else CHECK_S, len(self._held) + OTHERS)
            now = time.monotonic()
            if not self._events:
                # These came while those before them were handled; of connections that were accepted
                # with those, a turn earlier.
                self._unread_since = now - handled_s - handled_before_s
            for fd, _ in events:
                if fd == self._wake:
                    self._on_wake()
                elif fd in self._listeners:
                    self._accept(self._listeners[fd])
                else:
                    self._events.append(fd)
            self._handle_some()
            for connection in self._threads.late():
                self._turn_away(connection, "waited")
            if now >= checked_at + CHECK_S:
                checked_at = now
                self._check(now)
        for connection in self._held.listed():
            self._close(connection)
        self._record.report()
        self._threads.end()

    def _handle_some(self) -> None:
        """Handle the oldest events. Between these and the next, other threads get Python's lock."""
        for _ in range(min(len(self._events), EVENTS_AT_ONCE)):
            connection = self._held.by_descriptor.get(self._events.popleft())
            if connection is not None:
                self._on_event(connection)

    def stop(self) -> None:
        """For a signal handler: stop accepting, finish what has begun, return from `run`."""
        if self._stopping_at is None:
            self._stopping_at = time.monotonic()
            self._threads.is_stopping = True
            self._wake_up()

    def _has_ended(self, patience_s: float) -> bool:
        if self._stopping_at is None:
            return False
        if self._accepting:
            self._begin_stop()
        return not len(self._held) or time.monotonic() > self._stopping_at + patience_s

    def _begin_stop(self) -> None:
        self._listen(False)
        ends = time.monotonic() + STOP_BODY_S
        for connection in self._held.listed():
            if connection.stage in (Stage.SILENT, Stage.HEAD, Stage.IDLE):
                self._held.close_held(connection)
            elif connection.stage is not Stage.ANSWERING:
                connection.deadline = min(connection.deadline, ends)

    def _listen(self, wanted: bool) -> None:
        self._accepting = wanted
        for fd in self._listeners:
            if wanted:
                # Not exclusive: the process that the kernel would choose might be stuck.
                self._epoll.register(fd, select.EPOLLIN)
            else:
                self._epoll.unregister(fd)

    # Opening and closing connections

    def _accept(self, listener: socket.socket) -> None:
        for _ in range(BACKLOG):
            try:
                connected, peer = listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno not in NO_ROOM:
                    continue  # this client has already disconnected
                self._make_room(self._held.listed(), "no_descriptor")
                return
            connected.setblocking(False)
            self._register(connected, peer)

    def _register(self, connected: socket.socket, peer: tuple[str, int]) -> None:
        host, port = peer[:2]  # IPv6 addresses have four parts
        with suppress(OSError):
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(
            connected,
            (host, port),
            self._held.counted_as(host),
            self._limits,
            self._receiver,
            now=time.monotonic(),
        )
        self._held.add(connection)
        if too_many := self._held.too_many_of(connection.address):
            self._make_room(too_many, "address_full", requests.TOO_MANY_CONNECTIONS)
        if len(self._held) > self._limits.connections:
            self._make_room(self._held.listed(), "full")
        if self._held.has(connection):
            self._epoll.register(connection.fd, IN)

    def _make_room(
        self, among: Iterable[Connection], reason: str, refusal: Refusal | None = None
    ) -> None:
        for one in least_lost(among):
            if refusal is not None and one.stage in (Stage.HEAD, Stage.BODY):
                self._refuse(one, refusal)
            else:
                self._cut(one, reason)

    # Events

    def _take_back(self, connection: Connection) -> None:
        """For a thread that cannot finish with a connection by itself."""
        self._woken.append(connection)
        self._wake_up()

    def _wake_up(self) -> None:
        with suppress(BlockingIOError):
            os.eventfd_write(self._wake, 1)

    def _on_wake(self) -> None:
        with suppress(BlockingIOError):
            os.eventfd_read(self._wake)
        while self._woken:
            self._on_event(self._woken.popleft())

    def _on_event(self, connection: Connection) -> None:
        if not self._held.has(connection):
            return
        with connection.lock:
            pass  # waits for the thread that armed the event
        try:
            if connection.stage is Stage.ANSWERING:
                return  # the event of an earlier connection with this descriptor
            if connection.stage is Stage.SENDING:
                self._continue_sending(connection)
            elif connection.stage is Stage.LINGERING:
                self._discard(connection)
            elif (
                self._tls is None
                or connection.stage is not Stage.SILENT
                or self._handshake(connection, self._tls)
            ):
                self._read(connection)
        except (OSError, ValueError):  # ValueError: TLS after its end
            self._close(connection)
        except Exception:  # must not end the other connections
            log.exception("connection failed")
            self._close(connection)

    def _handshake(self, connection: Connection, context: ssl.SSLContext) -> bool:
        """Continue the handshake; returns whether it is done, else waits for the next event."""
        if connection.secure is not None and connection.secure.version() is not None:
            return True
        try:
            connection.handshake(context)
        except ssl.SSLWantReadError:
            watch(self._epoll_fd, connection.fd, IN)
            return False
        except ssl.SSLWantWriteError:
            watch(self._epoll_fd, connection.fd, OUT)
            return False
        except (ssl.SSLError, OSError):
            self._cut(connection, "handshake")
            return False
        return True

    def _read(self, connection: Connection) -> None:
        """Read once. More input is another event, so that no client can occupy the front."""
        reader = connection.reader
        try:
            data = connection.receive()
        except NoDataError:
            self._cut(connection, "malformed")
            return
        except OSError:
            data = b""  # reset by the client
        if data == b"":
            if reader.in_body:
                self._record.cut("hung_up", connection.address)
            self._close(connection)
            return
        if data is not None:
            reader.feed(data)
        if not reader.ready and reader.refusal is None:
            self._wait_for_more(connection)
            return
        self._held.end_body(connection)
        if reader.ready:
            self._hand_over(connection)
        elif reader.refusal is not None:
            self._refuse(connection, reader.refusal)

    def _wait_for_more(self, connection: Connection) -> None:
        reader, stage = connection.reader, connection.stage
        if reader.in_body and stage is not Stage.BODY:
            connection.stage = Stage.BODY
            connection.deadline = time.monotonic() + self._limits.body_s
            self._held.begin_body(connection)
            if reader.continues:
                connection.send_continue()
        elif reader.in_head and stage in (Stage.SILENT, Stage.IDLE):
            connection.stage = Stage.HEAD
            if stage is Stage.IDLE:
                connection.deadline = time.monotonic() + self._limits.head_s
        watch(self._epoll_fd, connection.fd, IN)
        if connection.stage is Stage.BODY:
            self._bound_bodies()

    @property
    def unfinished_bodies(self) -> int:
        """How many requests have not yet sent all of their body."""
        return self._held.unfinished_bodies

    def _bound_bodies(self) -> None:
        while (oldest := self._held.excess_body()) is not None:
            self._refuse(oldest, requests.TOO_MANY_BODIES)

    @property
    def waiting(self) -> int:
        """How many requests wait for a thread."""
        return self._threads.waiting

    def _hand_over(self, connection: Connection) -> None:
        # The kernel's clock may not be this process's.
        arrived = max(time.monotonic() - max(connection.age_s, 0.0), self._unread_since)
        # If another request came with it, that waits from now on for the answer to this one.
        connection.age_s = 0.0
        refused = self._threads.add(connection, arrived)
        if refused is not None:
            self._turn_away(connection, refused)

    def _turn_away(self, connection: Connection, reason: str) -> None:
        """Refuse a request that cannot be answered in time. Its connection stays open: to connect
        again, with TLS, would cost more than the answer."""
        self._threads.refuse(connection, reason)
        connection.stage = Stage.IDLE
        try:
            self._continue_sending(connection)
        except OSError:
            self._close(connection)

    def _refuse(self, connection: Connection, refusal: Refusal) -> None:
        """Send an error as the last response on this connection."""
        self._held.end_body(connection)
        self._record.refused(refusal, connection.reader.method, connection.address)
        connection.out = memoryview(serialize(problem(refusal), UNREAD))
        connection.last = True
        try:
            self._continue_sending(connection)
        except OSError:
            self._close(connection)

    def _continue_sending(self, connection: Connection) -> None:
        if connection.stage is not Stage.SENDING:
            connection.deadline = self._limits.read_by(len(connection.out))
        if not connection.send():
            connection.stage = Stage.SENDING
            watch(self._epoll_fd, connection.fd, OUT)
            self._bound_answers(connection)
            return
        self._held.end_answer(connection)
        if connection.last:
            self._linger(connection)
        elif connection.reader.ready:
            self._hand_over(connection)
        elif connection.reader.refusal is not None:
            self._refuse(connection, connection.reader.refusal)
        else:
            self._await_next(connection)

    def _bound_answers(self, connection: Connection) -> None:
        self._held.begin_answer(connection)
        while (slowest := self._held.excess_answer()) is not None:
            self._cut(slowest, "slow_reader")

    def _linger(self, connection: Connection) -> None:
        connection.socket.shutdown(socket.SHUT_WR)
        connection.deadline = time.monotonic() + self._limits.linger_s
        connection.stage = Stage.LINGERING
        watch(self._epoll_fd, connection.fd, IN)

    def _discard(self, connection: Connection) -> None:
        if connection.discard():
            self._close(connection)
        else:
            watch(self._epoll_fd, connection.fd, IN)

    def _await_next(self, connection: Connection) -> None:
        reader = connection.reader
        connection.deadline = time.monotonic() + self._limits.idle_s
        connection.stage = Stage.IDLE
        if connection.has_ended:
            self._close(connection)
        elif reader.in_head or reader.in_body:
            # Part of the next request arrived together with the previous one.
            self._wait_for_more(connection)
        else:
            watch(self._epoll_fd, connection.fd, IN)

    # Deadlines

    def _check(self, now: float) -> None:
        counts = dict.fromkeys(Stage, 0)
        for connection in self._held.listed():
            stage = connection.stage
            counts[stage] += 1
            if stage is Stage.IDLE and self._stopping_at is not None:
                self._held.close_held(connection)
            elif now > connection.deadline and stage is not Stage.ANSWERING:
                self._expire(connection, stage)
        self._record.update(now, counts, waiting=self.waiting)
        if not self._threads.is_stuck:
            self._heartbeat()

    def _expire(self, connection: Connection, stage: Stage) -> None:
        if stage is Stage.BODY:
            self._refuse(
                connection,
                requests.BODY_TOO_SLOW if self._stopping_at is None else requests.STOPPING,
            )
        elif stage is Stage.HEAD:
            self._refuse(connection, requests.HEAD_TOO_SLOW)
        elif stage is Stage.SILENT:
            self._cut(connection, "silent")
        elif stage is Stage.SENDING:
            self._cut(connection, "slow_reader")
        else:
            self._held.close_held(connection)
