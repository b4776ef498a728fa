"""A connection to the server, opened when it is needed and kept between requests, as in a browser.

The generator often shares its processors with the server, so a request has to cost little: one
write, one read, and httptools (llhttp) parses the response. Nothing is redirected or sent again.
"""

from __future__ import annotations

import select
import zlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from gevent import Timeout, socket
from gevent.monkey import get_original
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from loadprofiles.reach.trust import TRUST

MOST_BYTES = 16 << 20
"""Of a response."""

AT_ONCE = 1 << 16
"""Bytes read at a time."""

NOTHING: Mapping[str, str] = {}

# Unlike `select`, it supports descriptors above 1023. gevent's own does not return at once.
poll = get_original("select", "poll")


class Answer:
    """A response. Interim ones (1xx) are ignored."""

    __slots__ = ("_body", "_headers", "_parser", "_raw", "is_complete", "is_kept", "status")

    def __init__(self) -> None:
        self.status = self._raw = 0
        self.is_complete = False
        self.is_kept = False
        """Whether another request can follow on its connection."""

        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._parser = HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """Add what was read. Raises ConnectionError if this is no response."""
        self._raw += len(data)
        if self._raw > MOST_BYTES:
            raise ConnectionError(f"the response has more than {MOST_BYTES} bytes")
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            raise ConnectionError(f"no HTTP response: {error}") from None

    def end(self) -> None:
        """The server has closed the connection: the end of a body whose length it did not say.
        Raises ConnectionError if the response is incomplete."""
        if not self.status or self.header(b"content-length") or self.header(b"transfer-encoding"):
            raise ConnectionError("the server closed the connection before the end of its response")
        self.is_complete = True

    @property
    def size(self) -> int:
        """Bytes of the body, as sent."""
        return sum(map(len, self._body))

    def header(self, name: bytes) -> str:
        """The value of a header, whose name is given in lower case; empty without it."""
        for one, value in self._headers:
            if one.lower() == name:
                return value.decode("latin-1")
        return ""

    def body(self) -> bytes:
        """The body, decompressed. Raises ValueError if that is not possible."""
        sent = b"".join(self._body)
        coding = self.header(b"content-encoding")
        if coding in ("", "identity"):
            return sent
        if coding != "gzip":
            raise ValueError(f"Content-Encoding {coding} was not asked for")
        opened = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            found = opened.decompress(sent, MOST_BYTES)
        except zlib.error as error:
            raise ValueError(str(error)) from None
        if not opened.eof:
            raise ValueError("the body is incomplete, or too large")
        return found

    # Callbacks of the parser

    def on_message_begin(self) -> None:
        if self.is_complete:
            raise ValueError("another response, which nobody asked for")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()

    def on_body(self, part: bytes) -> None:
        self._body.append(part)

    def on_message_complete(self) -> None:
        if self.status < 200:
            self.status = 0
            self._headers.clear()
            return
        self.is_complete, self.is_kept = True, self._parser.should_keep_alive()


class Line:
    """A connection to the server of a URL, for one request at a time. Each must be over within
    `timeout_s`, the time to connect included."""

    def __init__(self, host: str, *, timeout_s: float) -> None:
        where = urlsplit(host)
        self._timeout_s = timeout_s
        self._name = where.hostname or ""
        self._is_secure = where.scheme == "https"
        self._address = (self._name, where.port or (443 if self._is_secure else 80))
        self._prefix = where.path.rstrip("/")
        self._start = f" HTTP/1.1\r\nHost: {where.netloc}\r\nAccept-Encoding: gzip\r\n"
        self._socket: socket.socket | None = None
        self._poll = poll()

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] = NOTHING, body: str = ""
    ) -> Answer:
        """Send a request and await the response. Raises OSError if there is none in time."""
        try:
            with Timeout(self._timeout_s, TimeoutError):
                made = self._send(method, path, headers, body)
                answer = Answer()
                while not answer.is_complete:
                    if data := made.recv(AT_ONCE):
                        answer.feed(data)
                    else:
                        answer.end()
        except BaseException:
            self.close()
            raise
        if not answer.is_kept:
            self.close()
        return answer

    def send(
        self, method: str, path: str, headers: Mapping[str, str] = NOTHING, body: str = ""
    ) -> None:
        """Send a request and hang up. Raises OSError."""
        try:
            with Timeout(self._timeout_s, TimeoutError):
                self._send(method, path, headers, body)
        finally:
            self.close()

    def close(self) -> None:
        if (made := self._socket) is not None:
            self._socket = None
            self._poll.unregister(made.fileno())
            made.close()

    def _send(self, method: str, path: str, headers: Mapping[str, str], body: str) -> socket.socket:
        made = self._kept() or self._opened()
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        sent = body.encode()
        length = f"Content-Length: {len(sent)}\r\n" if method == "POST" else ""
        head = f"{method} {self._prefix}{path}{self._start}{lines}{length}\r\n"
        whole = head.encode("latin-1") + sent
        if (gone := made.send(whole)) < len(whole):  # `sendall` first asks for the buffer's size
            made.sendall(whole[gone:])
        return made

    def _kept(self) -> socket.socket | None:
        """The open connection. If it is readable, the server has closed it or sent something that
        nobody asked for, and it cannot be used."""
        if self._socket is not None and self._poll.poll(0):
            self.close()
        return self._socket

    def _opened(self) -> socket.socket:
        made = socket.create_connection(self._address)
        try:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._is_secure:
                made = TRUST.context.wrap_socket(made, server_hostname=self._name)
        except BaseException:
            made.close()
            raise
        self._socket = made
        self._poll.register(made.fileno(), select.POLLIN)
        return made
