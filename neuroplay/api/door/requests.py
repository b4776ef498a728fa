"""Parses HTTP/1.1 requests, within limits.

httptools (llhttp) parses. This module also refuses what llhttp accepts but a proxy might read
differently (two lengths, two hosts, a length together with chunks), so that no request can be
smuggled inside another.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from neuroplay.api.door.limits import VITAL, Limits

LATER_S = 5
"""Retry-After of refusals that are not the request's fault."""

LATER_BETWEEN_S = (2, 8)
"""Retry-After of requests that are refused because too many are waiting, each at random, so that
they do not all come again in the same second."""

OVERHEAD = 1 << 16
"""Most bytes read at a time, by which the input may exceed a limit."""

HOST = re.compile(rb"(?:[A-Za-z0-9._~%-]+|\[[0-9A-Fa-f:.]+\])?(?::[0-9]{0,5})?")
ABSOLUTE = re.compile(rb"https?://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """An error response. `reason` is a label of neuroplay_api_cuts_total, except for OVERLOADED,
    which cuts no connection."""

    status: int
    code: str
    detail: str
    reason: str
    retry_after_s: int | None = None


BROKEN = Refusal(
    status=400,
    code="bad_request",
    detail="The request cannot be parsed.",
    reason="malformed",
)
HEAD_TOO_LARGE = Refusal(
    status=431,
    code="headers_too_large",
    detail="Request headers are limited to 32 KiB and 100 lines.",
    reason="head_too_large",
)
BODY_TOO_LARGE = Refusal(
    status=413,
    code="body_too_large",
    detail="A body is limited to 1 MiB.",
    reason="body_too_large",
)
HEAD_TOO_SLOW = Refusal(
    status=408,
    code="request_timeout",
    detail="The request did not arrive in time. Send it again.",
    reason="slow_head",
    retry_after_s=LATER_S,
)
BODY_TOO_SLOW = Refusal(
    status=408,
    code="request_timeout",
    detail="The body did not arrive within 10 s. Send it again, or send less at a time.",
    reason="slow_body",
    retry_after_s=LATER_S,
)
TOO_MANY_CONNECTIONS = Refusal(
    status=429,
    code="too_many_connections",
    detail="There are too many unfinished connections from this address.",
    reason="address_full",
    retry_after_s=LATER_S,
)
TOO_MANY_BODIES = Refusal(
    status=503,
    code="overloaded",
    detail="Too many bodies are arriving at once. Send it again.",
    reason="bodies_full",
    retry_after_s=LATER_S,
)
OVERLOADED = Refusal(
    status=503,
    code="overloaded",
    detail="The server has more requests than it can answer in time. Send it again.",
    reason="overloaded",
    retry_after_s=LATER_S,
)
STOPPING = Refusal(
    status=503,
    code="stopping",
    detail="The server is stopping. Send it again.",
    reason="stopping",
    retry_after_s=LATER_S,
)
NOT_UNDERSTOOD = Refusal(
    status=501,
    code="not_implemented",
    detail="Transfer-Encoding supports only chunked.",
    reason="malformed",
)
NO_TUNNEL = Refusal(
    status=405,
    code="method_not_allowed",
    detail="This address does not support that method.",
    reason="malformed",
)
EXPECTS_TOO_MUCH = Refusal(
    status=417,
    code="expectation_failed",
    detail="Expect supports only 100-continue.",
    reason="malformed",
)
OTHER_VERSION = Refusal(
    status=505,
    code="http_version_not_supported",
    detail="Use HTTP/1.1.",
    reason="malformed",
)

Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Request:
    """A complete request. Names in `headers` are in lower case. `target` starts with a slash, or is
    `*`."""

    method: str = ""
    target: bytes = b""
    version: str = "1.1"
    headers: Headers = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    keep_alive: bool = False


class Reader:
    """Parses the requests of one connection. `feed` appends complete requests to `ready`. If
    `refusal` is set, no more input is read."""

    __slots__ = ("_limits", "_parser", "_raw", "_request", "_size", "continues", "ends", "in_body",
                 "in_head", "ready", "refusal")  # fmt: skip

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parser = HttpRequestParser(self)
        self._request = Request()
        self._size = self._raw = 0
        self.ready: deque[Request] = deque()
        self.refusal: Refusal | None = None
        self.in_head = self.in_body = False
        self.continues = False
        """The client waits for 100 Continue before it sends the body."""

        self.ends = False
        """No further request can follow on this connection."""

    def feed(self, data: bytes) -> None:
        if self.refusal or self.ends:
            return
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            self._ignore_upgrade(data[upgrade.args[0] :])
        except HttpParserError:
            if not self.ends:
                self._refuse(BROKEN)
        if self.in_head or self.in_body:
            self._count(len(data))

    @property
    def body_bytes(self) -> int:
        return len(self._request.body) if self.in_body else 0

    @property
    def method(self) -> str:
        """The method of the first waiting request, else of the one being read; may be empty."""
        return (self.ready[0] if self.ready else self._request).method

    @property
    def is_vital(self) -> bool:
        """Whether the first waiting request says how the server is."""
        return self.ready[0].target.startswith(VITAL)

    def _count(self, size: int) -> None:
        """Limit the raw input, which includes what the other limits do not count: incomplete
        headers, and the overhead of small chunks."""
        self._raw += size
        if self.in_head and self._raw > self._limits.largest_head + OVERHEAD:
            self._refuse(HEAD_TOO_LARGE)
        elif self.in_body and self._raw > 2 * self._limits.largest_body + OVERHEAD:
            self._refuse(BODY_TOO_LARGE)

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Ignore a request to upgrade the protocol. The request is parsed again without those
        headers, since the parser would leave its body to the other protocol."""
        if self.refusal or not self.ready:
            return
        request = self.ready.pop()
        kept = [pair for pair in request.headers if pair[0] not in (b"upgrade", b"connection")]
        lines = [b"%s: %s\r\n" % pair for pair in kept]
        if not request.keep_alive:
            lines.append(b"connection: close\r\n")
        words = request.method.encode("latin-1"), request.target, request.version.encode("latin-1")
        start = b"%s %s HTTP/%s\r\n" % words
        self._parser, self.ends = HttpRequestParser(self), False
        self.feed(start + b"".join(lines) + b"\r\n" + rest)

    def _refuse(self, refusal: Refusal) -> None:
        if self.refusal is None:
            self.refusal = refusal

    # Callbacks of the parser

    def on_message_begin(self) -> None:
        if self.ends:
            return
        self._request = Request()
        self._size = self._raw = 0
        self.in_head = True

    def on_url(self, part: bytes) -> None:
        if self.ends:
            return
        self._request.target += part
        self._grow(len(part))

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.in_head or self.ends:
            return  # a trailer: the request's headers have already been checked
        self._request.headers.append((name.lower(), value))
        self._grow(len(name) + len(value) + 4)
        if len(self._request.headers) > self._limits.most_headers:
            self._refuse(HEAD_TOO_LARGE)

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > self._limits.largest_head:
            self._refuse(HEAD_TOO_LARGE)

    def on_headers_complete(self) -> None:
        if self.ends:
            return
        request = self._request
        request.method = self._parser.get_method().decode("latin-1")
        request.version = self._parser.get_http_version()
        request.keep_alive = self._parser.should_keep_alive()
        self.in_head, self.in_body, self._raw = False, True, 0
        self._check(request)

    def on_body(self, part: bytes) -> None:
        if self.refusal or self.ends:
            return
        self._request.body += part
        if len(self._request.body) > self._limits.largest_body:
            self._refuse(BODY_TOO_LARGE)

    def on_message_complete(self) -> None:
        if self.refusal or self.ends:
            return
        self.in_body = self.continues = False
        request, self._request = self._request, Request()  # an idle connection keeps no body
        self.ready.append(request)
        if len(self.ready) >= self._limits.pipelined:
            request.keep_alive = False
        self.ends = not request.keep_alive

    def _check(self, request: Request) -> None:
        hosts = lengths = codings = 0
        for name, value in request.headers:
            if name == b"host":
                hosts += 1
                if not HOST.fullmatch(value):
                    self._refuse(BROKEN)
            elif name == b"content-length":
                lengths += 1
                if not value.isdigit():
                    self._refuse(BROKEN)
                elif len(value) > 12 or int(value) > self._limits.largest_body:
                    self._refuse(BODY_TOO_LARGE)
            elif name == b"transfer-encoding":
                codings += 1
                if value.strip().lower() != b"chunked":
                    self._refuse(NOT_UNDERSTOOD)
            elif name == b"expect":
                if value.strip().lower() != b"100-continue":
                    self._refuse(EXPECTS_TOO_MUCH)
                self.continues = request.version == "1.1"
        if request.version not in ("1.0", "1.1"):
            self._refuse(OTHER_VERSION)
        one_host = hosts == 1 or (hosts == 0 and request.version == "1.0")
        one_length = lengths + codings <= 1 and not (codings and request.version == "1.0")
        if not one_host or not one_length:
            self._refuse(BROKEN)
        self._read_target(request)

    def _read_target(self, request: Request) -> None:
        if request.method == "CONNECT":
            self._refuse(NO_TUNNEL)
        elif absolute := ABSOLUTE.fullmatch(request.target):
            # RFC 9112: the host of an absolute target replaces the Host header.
            host, rest = absolute.groups()
            if not host or not HOST.fullmatch(host):
                self._refuse(BROKEN)
            request.headers = [pair for pair in request.headers if pair[0] != b"host"]
            request.headers.append((b"host", host))
            request.target = rest if rest.startswith(b"/") else b"/" + rest
        elif not request.target.startswith(b"/") and request.target != b"*":
            self._refuse(BROKEN)
