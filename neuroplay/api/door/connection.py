"""One connection: its socket, what it is waiting for, and until when."""

from __future__ import annotations

import socket
import ssl
import threading
from enum import IntEnum

from neuroplay.api.door.limits import Limits
from neuroplay.api.door.requests import OVERHEAD, Reader

RECORD = 16 << 10
"""What TLS sends as one piece; a piece that could not be sent must be offered again as it was."""


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

    __slots__ = ("address", "begun", "deadline", "fd", "last", "lock", "out", "peer", "private",
                 "reader", "secure", "socket", "stage")  # fmt: skip

    def __init__(
        self,
        connected: socket.socket,
        peer: tuple[str, int],
        address: str | None,
        limits: Limits,
        *,
        now: float,
        private: bool = False,
    ) -> None:
        self.socket = connected
        self.fd = connected.fileno()
        self.peer = peer
        self.address = address
        """Whose connections are counted together; None for one that is not counted."""

        self.private = private
        self.reader = Reader(limits)
        self.stage = Stage.SILENT
        self.begun = now
        self.deadline = now + limits.head_s
        self.secure: ssl.SSLSocket | None = None
        self.out = memoryview(b"")
        self.last = False
        """Whether nothing follows what is in `out`."""

        self.lock = threading.Lock()

    def shake_hands(self, context: ssl.SSLContext) -> None:
        """A step of the handshake. Raises what ssl raises, SSLWantReadError among it."""
        if self.secure is None:
            # Only now: until the client has said a word it costs no more than a descriptor.
            self.secure = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )
            self.socket = self.secure
        self.secure.do_handshake()

    def receive(self) -> bytes | None:
        """What has come; b"" at the end, None where nothing is there now. Raises OSError."""
        try:
            return self.socket.recv(OVERHEAD)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None

    def send(self) -> bool:
        """Send of `out` what the socket takes now; whether that was all. Raises OSError."""
        try:
            if self.secure is None:
                self.out = self.out[self.socket.send(self.out) :]
            else:
                while self.out:
                    self.out = self.out[self.secure.send(self.out[:RECORD]) :]
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        return not self.out

    @property
    def has_more(self) -> bool:
        """Whether bytes were decrypted that nobody asked for yet: no event will tell of them."""
        return self.secure is not None and self.secure.pending() > 0
