"""Responses as bytes: the application's, through WSGI, and the server's own."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from email.utils import formatdate
from http import HTTPStatus
from io import BytesIO
from random import randint
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from neuroplay.api.door.requests import Refusal, Request
from neuroplay.api.request.errors import MIMETYPE, problem_document
from neuroplay.api.request.request_id import HEADER, request_id_from
from neuroplay.api.request.security_headers import ALWAYS, DEFAULTS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

FAILED = Refusal(
    status=500,
    code="internal",
    detail="Something went wrong on the server. The error was recorded.",
    reason="failed",
)

NOT_FORWARDED = frozenset((b"content-length", b"content-type", b"proxy", b"transfer-encoding"))
"""Headers without a variable HTTP_...: the others have a variable of their own, and Proxy must not
have one, since programs read HTTP_PROXY as a setting."""

MOST_NAMES = 256
"""Header names whose variables are cached."""

_names: dict[bytes, str | None] = {}
_date = (0, "")


Response = tuple[str, list[tuple[str, str]], bytes]
"""Status with its phrase, headers, body."""

UNREAD = Request(keep_alive=False)
"""Stands for a request that was not read to its end."""


def respond(application: WSGIApplication, environ: WSGIEnvironment) -> Response:
    """Call the application; returns its complete response."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        del exc_info
        started[:] = status, headers
        return None

    parts = application(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    status, headers = started
    return status, headers, body


def serialize(response: Response, request: Request) -> bytes:
    """The bytes of a response to `request`."""
    status, headers, body = response
    bare = status[:3] in ("204", "304")
    lines = [f"HTTP/1.1 {status}\r\n"]
    length = None
    for name, value in headers:
        if name == "Content-Length":
            length = value
        else:
            lines.append(f"{name}: {value}\r\n")
    if not bare:
        shown = length if request.method == "HEAD" and length is not None else len(body)
        lines.append(f"Content-Length: {shown}\r\n")
    lines.append(f"Date: {_now()}\r\n")
    if not request.keep_alive:
        lines.append("Connection: close\r\n")
    elif request.version == "1.0":
        lines.append("Connection: keep-alive\r\n")
    lines.append("\r\n")
    head = "".join(lines).encode("latin-1")
    return head if bare or request.method == "HEAD" else head + body


def problem(refusal: Refusal) -> Response:
    """A problem document in the application's format."""
    request_id = request_id_from(None)
    document = problem_document(refusal.status, refusal.code, refusal.detail, request_id)
    headers = [("Content-Type", MIMETYPE), (HEADER, request_id), *ALWAYS, *DEFAULTS]
    if refusal.retry_after_s is not None:
        headers.append(("Retry-After", str(refusal.retry_after_s)))
    if refusal.status == 405:
        headers.append(("Allow", "GET, HEAD, OPTIONS, POST"))
    status = f"{refusal.status} {HTTPStatus(refusal.status).phrase}"
    return status, headers, json.dumps(document).encode()


class Prepared:
    """A refusal that keeps the connection, put together in advance: many are sent while processor
    time is short. Retry-After is a number of seconds within `later_between_s`, at random."""

    def __init__(self, refusal: Refusal, later_between_s: tuple[int, int]) -> None:
        self._later = later_between_s
        status, headers, body = problem(replace(refusal, retry_after_s=0))
        request_id = dict(headers)[HEADER].encode()
        lines = [f"{name}: {value}\r\n" for name, value in headers if name != "Retry-After"]
        start = f"HTTP/1.1 {status}\r\n{''.join(lines)}Content-Length: {len(body)}\r\n"
        self._head = _template(start.encode("latin-1"), request_id) + (
            b"Retry-After: %(later)d\r\nDate: %(date)b\r\n%(connection)b\r\n"
        )
        self._body = _template(body, request_id)

    def answer(self, request: Request) -> bytes:
        connection = b""
        if not request.keep_alive:
            connection = b"Connection: close\r\n"
        elif request.version == "1.0":
            connection = b"Connection: keep-alive\r\n"
        template = self._head if request.method == "HEAD" else self._head + self._body
        return template % {
            b"id": request_id_from(None).encode(),
            b"later": randint(*self._later),  # noqa: S311 - need not be secret
            b"date": _now().encode(),
            b"connection": connection,
        }


def _template(text: bytes, request_id: bytes) -> bytes:
    return text.replace(b"%", b"%%").replace(request_id, b"%(id)b")


def environment(
    request: Request, *, peer: tuple[str, int], here: tuple[str, int], scheme: str
) -> WSGIEnvironment:
    """The WSGI environment of a request."""
    path, _, query = request.target.partition(b"?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "SERVER_NAME": here[0],
        "SERVER_PORT": str(here[1]),
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
        "REMOTE_ADDR": peer[0],
        "REMOTE_PORT": str(peer[1]),
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": BytesIO(request.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key = _names[name] if name in _names else _variable(name)
        if key is None:
            continue
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


def _variable(name: bytes) -> str | None:
    """The variable of a header; None if it is not passed on. Names with underscores are not, since
    X_Forwarded_For would have the variable of X-Forwarded-For."""
    if name == b"content-type":
        variable: str | None = "CONTENT_TYPE"
    elif name in NOT_FORWARDED or b"_" in name:
        variable = None
    else:
        variable = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
    if len(_names) < MOST_NAMES:
        _names[name] = variable
    return variable


def _now() -> str:
    global _date
    second = int(time.time())
    if _date[0] != second:
        _date = second, formatdate(second, usegmt=True)
    return _date[1]
