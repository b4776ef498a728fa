"""One connection: its socket, what it is waiting for, and until when."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from enum import IntEnum

from neuroplay.api.door.limits import Limits
from neuroplay.api.door.requests import OVERHEAD, Reader

RECORD = 16 << 10
"""What TLS sends as one piece."""

MOST_MUTE = 2 * RECORD
"""TLS may say so much without a word in it. Whole records say something; what goes on without one
(key updates, warnings, empty records) is work for us and of no use to anybody."""


class MuteError(OSError):
    """TLS goes on and on without a word in it."""


class Stage(IntEnum):
    """What a connection does. The smaller, the less is lost when it is closed."""

    SILENT = 0
    """Nothing of a first request has come; a TLS handshake may have begun."""

    HEAD = 1
    IDLE = 2
    """Between two requests."""

    LINGERING = 3
    """The last answer is sent; what still comes is thrown away."""

    BODY = 4
    TAKING = 5
    """The client takes an answer that did not fit at once."""

    ANSWERING = 6
    """A request is whole: it waits for a thread, or has one."""


class Connection:
    """The front's while it is held, an answering thread's while `stage` is ANSWERING; `lock` is
    for the moment between."""

    __slots__ = ("_arrived", "_leaving", "_mute", "_sealed", "address", "begun", "deadline", "fd",
                 "has_ended", "last", "lock", "out", "peer", "reader", "secure", "socket",
                 "stage")  # fmt: skip

    def __init__(
        self,
        connected: socket.socket,
        peer: tuple[str, int],
        address: str | None,
        limits: Limits,
        *,
        now: float,
    ) -> None:
        self.socket = connected
        self.fd = connected.fileno()
        self.peer = peer
        self.address = address
        """Whose connections are counted together; None for one that is not counted."""

        self.reader = Reader(limits)
        self.stage = Stage.SILENT
        self.begun = now
        self.deadline = now + limits.head_s
        self.secure: ssl.SSLObject | None = None
        """Between two stores of bytes, not on the socket: there it reads for as long as a client
        goes on to send what is no data, and nobody else is looked after meanwhile."""

        self._arrived, self._leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._sealed = memoryview(b"")
        """What TLS made and the socket has not taken."""

        self._mute = 0
        self.has_ended = False
        """Whether TLS said that nothing follows; no event will tell of it again."""

        self.out = memoryview(b"")
        self.last = False
        """Whether nothing follows what is in `out`."""

        self.lock = threading.Lock()

    def shake_hands(self, context: ssl.SSLContext) -> None:
        """A step of the handshake. Raises what ssl raises, SSLWantReadError among it."""
        if self.secure is None:
            # Only now: until the client has said a word it costs no more than a descriptor.
            self.secure = context.wrap_bio(self._arrived, self._leaving, server_side=True)
        if self._flush() and (came := self._receive_raw()) is not None:
            self._arrived.write(came)
            if not came:
                self._arrived.write_eof()
        try:
            self.secure.do_handshake()
        finally:
            flushed = self._flush()  # an alert, too
        if not flushed:
            raise ssl.SSLWantWriteError
        self._mute = 0

    def receive(self) -> bytes | None:
        """What has come, of one look; b"" at the end, None where nothing is there now. Raises
        OSError."""
        if self.secure is None:
            return self._receive_raw()
        if self.has_ended:
            return b""
        came = None
        said = self._opened(self.secure) if self._arrived.pending else b""  # behind the handshake
        if not said:
            came = self._receive_raw()
            self._arrived.write(came or b"")
            said = self._opened(self.secure)
        if said:
            self._mute = 0
        else:
            self._mute += len(came or b"")
            # Answers to key updates pile up for as long as nobody takes them.
            if self._mute > MOST_MUTE or (not self._flush() and self._leaving.pending > RECORD):
                raise MuteError
        return said or (b"" if came == b"" or self.has_ended else None)

    def _opened(self, secure: ssl.SSLObject) -> bytes:
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

    def throw_away(self) -> bool:
        """Take what has come and look at none of it; whether that was the end. Raises OSError."""
        return self._receive_raw() == b""

    def _receive_raw(self) -> bytes | None:
        try:
            return self.socket.recv(OVERHEAD)
        except BlockingIOError:
            return None

    def send(self) -> bool:
        """Send of `out` what the socket takes now; whether that was all. Raises OSError."""
        if self.secure is None:
            with suppress(BlockingIOError):
                self.out = self.out[self.socket.send(self.out) :]
            return not self.out
        while self._flush():
            if not self.out:
                return True
            self.out = self.out[self.secure.write(self.out[:RECORD]) :]
        return False

    def say(self, word: bytes) -> None:
        """Send a few bytes between answers. Raises OSError."""
        if self.secure is None:
            self.socket.send(word)
        else:
            self.secure.write(word)
            self._flush()

    def _flush(self) -> bool:
        """Send what TLS made; whether that was all."""
        with suppress(BlockingIOError):
            while self._sealed or self._leaving.pending:
                if not self._sealed:
                    self._sealed = memoryview(self._leaving.read())
                self._sealed = self._sealed[self.socket.send(self._sealed) :]
        return not (self._sealed or self._leaving.pending)
