"""Connections that stay open between requests, as a browser's do, however many there are.

geventhttpclient asks `select` whether a kept connection is still open. `select` supports no
descriptor above 1023, the client takes that for a closed connection, and beyond a thousand students
each further one reconnects for every request.
"""

from __future__ import annotations

from select import POLLIN
from typing import Any

from gevent.monkey import get_original
from geventhttpclient.connectionpool import ConnectionPool

poll = get_original("select", "poll")


def keep_connections() -> None:
    """Have the HTTP client of this process ask `poll`, which supports every descriptor."""
    ConnectionPool._is_socket_alive = is_open  # type: ignore[method-assign,assignment]


def is_open(_pool: ConnectionPool, line: Any) -> bool:
    """Whether an idle connection can take another request. One on which there is something to read
    was closed by the server, or holds what nobody asked for."""
    if line is None or line.fileno() < 0:
        return False
    asked = poll()
    asked.register(line.fileno(), POLLIN)
    return not asked.poll(0)
