"""The request that a thread is answering, whether Flask dispatches it or `api.direct` does."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from ipaddress import IPv4Network, IPv6Network
from types import MappingProxyType
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.wsgi import get_input_stream

from neuroplay.api.request.request_id import request_id_from

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from neuroplay.bootstrap import Container

CONTAINER = "neuroplay"
PROXIES = "neuroplay_proxies"

Network = IPv4Network | IPv6Network

_NONE: Mapping[str, object] = MappingProxyType({})
_current: ContextVar[Call] = ContextVar("neuroplay_call")


class Call:
    """A request. Its attributes and methods are what routes need of it, without Flask."""

    __slots__ = ("_environ", "began", "container", "log_fields", "proxies", "request_id")

    def __init__(self, app: Flask, environ: WSGIEnvironment) -> None:
        self.began = time.perf_counter()
        self._environ = environ
        self.container: Container = app.extensions[CONTAINER]
        self.proxies: Sequence[Network] = app.extensions[PROXIES]
        self.request_id = request_id_from(environ.get("HTTP_X_REQUEST_ID"))
        self.log_fields = _NONE

    def header(self, variable: str) -> str:
        """The header with this WSGI variable, without HTTP_; '' if there is none."""
        value: str = self._environ.get(f"HTTP_{variable}", "")
        return value

    @property
    def method(self) -> str:
        method: str = self._environ["REQUEST_METHOD"]
        return method

    @property
    def mimetype(self) -> str:
        """The media type of the body, in lower case and without parameters."""
        value: str = self._environ.get("CONTENT_TYPE", "")
        return value.partition(";")[0].strip().lower()

    @property
    def peer(self) -> str:
        """The address that the connection comes from."""
        address: str = self._environ.get("REMOTE_ADDR", "")
        return address

    def read(self, most: int) -> bytes:
        """The body, of which no more than `most` bytes are read. Raises RequestEntityTooLarge if it
        says that it has more."""
        return get_input_stream(self._environ, max_content_length=most).read(most)


def begin(app: Flask, environ: WSGIEnvironment) -> Call:
    """Make the request the current one of this thread."""
    call = Call(app, environ)
    _current.set(call)
    return call


def current() -> Call:
    """The request that this thread is answering. Raises LookupError if there is none."""
    return _current.get()
