"""A connection: its socket, TLS, stage and deadline."""

from __future__ import annotations

import math
import socket
import ssl
import threading
import time
from contextlib import suppress
from enum import IntEnum

from neuroplay.api.door.limits import Limits
from neuroplay.api.door.requests import OVERHEAD, Reader
from neuroplay.api.door.unyielding import Receiver, send

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

RECORD = 16 << 10
"""Bytes of the largest TLS record."""

MOST_WITHOUT_DATA = 2 * RECORD
"""Bytes that a client may send in TLS without any application data, as key updates, warnings and
empty records are. More of them only cost us work."""


class NoDataError(OSError):
    """A client keeps sending TLS records without application data."""


class Stage(IntEnum):
    """The state of a connection. Closing one with a lower value loses less."""

    SILENT = 0
    """No byte of a first request has arrived; a TLS handshake may have begun."""

    HEAD = 1
    IDLE = 2
    """Between two requests."""

    LINGERING = 3
    """The last response is sent; further input is discarded."""

    BODY = 4
    SENDING = 5
    """A response is being sent that did not fit into the socket's buffer."""

    ANSWERING = 6
    """A request is complete, and waits for a thread or has one."""


class Connection:
    """Belongs to an answering thread while `stage` is ANSWERING, else to the front. `lock` protects
    the transition."""

    __slots__ = (
        "_arrived",
        "_leaving",
        "_receiver",
        "_sealed",
        "_without_data",
        "address",
        "age_s",
        "begun",
        "deadline",
        "fd",
        "has_ended",
        "last",
        "lock",
        "out",
        "peer",
        "reader",
        "secure",
        "socket",
        "stage",
    )  # fmt: skip

    def __init__(
        self,
        connected: socket.socket,
        peer: tuple[str, int],
        address: str | None,
        limits: Limits,
        receiver: Receiver,
        *,
        now: float,
    ) -> None:
        self.socket = connected
        self.fd = connected.fileno()
        self.peer = peer
        self.address = address
        """Connections with the same address are counted together; None: not counted."""

        self.age_s = math.inf
        """How long ago the last input arrived when it was read, by the kernel's real-time clock;
        infinite if that does not say it."""

        self.reader = Reader(limits)
        self.stage = Stage.SILENT
        self.begun = now
        self.deadline = now + limits.head_s
        self.secure: ssl.SSLObject | None = None
        """TLS between two memory buffers. On the socket, a read would continue for as long as a
        client sends records without data, and block the other connections."""

        self._arrived, self._leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._sealed = memoryview(b"")
        """Encrypted bytes that the socket has not accepted yet."""

        self._receiver = receiver
        self._without_data = 0
        self.has_ended = False
        """Whether the client has closed TLS. The socket has no further event for it."""

        self.out = memoryview(b"")
        """The part of the response that is not sent yet."""

        self.last = False
        """Whether the connection ends after `out`."""

        self.lock = threading.Lock()

    def handshake(self, context: ssl.SSLContext) -> None:
        """A step of the TLS handshake. Raises ssl.SSLWantReadError or SSLWantWriteError if it is
        not finished, and other errors of ssl if it fails."""
        if self.secure is None:
            # Only now, so that a silent connection costs no more than a descriptor.
            self.secure = context.wrap_bio(self._arrived, self._leaving, server_side=True)
        if self._flush() and (came := self._receive_raw()) is not None:
            self._arrived.write(came)
            if not came:
                self._arrived.write_eof()
        try:
            self.secure.do_handshake()
        finally:
            flushed = self._flush()  # also sends an alert
        if not flushed:
            raise ssl.SSLWantWriteError
        self._without_data = 0

    def receive(self) -> bytes | None:
        """Read once: the data, b"" at the end, None if there is none now. Raises OSError."""
        if self.secure is None:
            return self._receive_raw()
        if self.has_ended:
            return b""
        raw = None
        # Data may have arrived together with the end of the handshake.
        data = self._decrypt(self.secure) if self._arrived.pending else b""
        if not data:
            raw = self._receive_raw()
            self._arrived.write(raw or b"")
            data = self._decrypt(self.secure)
        if data:
            self._without_data = 0
        else:
            self._without_data += len(raw or b"")
            # Responses to key updates accumulate if the client does not read them.
            if self._without_data > MOST_WITHOUT_DATA or (
                not self._flush() and self._leaving.pending > RECORD
            ):
                raise NoDataError
        return data or (b"" if raw == b"" or self.has_ended else None)

    def _decrypt(self, secure: ssl.SSLObject) -> bytes:
        parts = []
        try:
            while part := secure.read(OVERHEAD):
                parts.append(part)
                if not (self._arrived.pending or secure.pending()):
                    break
            else:
                self.has_ended = True
        except ssl.SSLWantReadError:
            pass
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def discard(self) -> bool:
        """Read and discard input; returns whether it has ended. Raises OSError."""
        return self._receive_raw() == b""

    def _receive_raw(self) -> bytes | None:
        try:
            data = self._receiver.receive(self.socket)
        except BlockingIOError:
            return None
        if (arrived := self._receiver.arrived) is not None:
            self.age_s = time.time() - arrived
        return data

    def send(self) -> bool:
        """Send as much of `out` as the socket accepts; returns whether that was all. Raises
        OSError."""
        if self.secure is None:
            with suppress(BlockingIOError):
                self.out = self.out[send(self.socket, self.out) :]
            return not self.out
        while self._flush():
            if not self.out:
                return True
            self.out = self.out[self.secure.write(self.out[:RECORD]) :]
        return False

    def send_continue(self) -> None:
        """Send 100 Continue. Raises OSError."""
        if self.secure is None:
            self.socket.send(CONTINUE)
        else:
            self.secure.write(CONTINUE)
            self._flush()

    def _flush(self) -> bool:
        """Send encrypted bytes; returns whether all were sent."""
        with suppress(BlockingIOError):
            while self._sealed or self._leaving.pending:
                if not self._sealed:
                    self._sealed = memoryview(self._leaving.read())
                self._sealed = self._sealed[send(self.socket, self._sealed) :]
        return not (self._sealed or self._leaving.pending)
