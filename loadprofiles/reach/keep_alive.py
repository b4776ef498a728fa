"""Connections that stay open between requests, as a browser's do, however many there are.

geventhttpclient asks `select` whether a kept connection is still open. `select` knows no file
beyond number 1023, the client takes that for a closed connection, and of more than a thousand
students each further one reconnects for every request.
"""

from __future__ import annotations

from select import POLLIN
from typing import Any

from gevent.monkey import get_original
from geventhttpclient.connectionpool import ConnectionPool

poll = get_original("select", "poll")


def keep_connections() -> None:
    """From now on the HTTP client of this process asks `poll`, which knows every file."""
    ConnectionPool._is_socket_alive = is_open  # type: ignore[method-assign,assignment]


def is_open(_pool: ConnectionPool, line: Any) -> bool:
    """Whether an idle connection can take another request. One on which there is something to read
    was closed by the server, or holds what nobody asked for."""
    if line is None or line.fileno() < 0:
        return False
    asked = poll()
    asked.register(line.fileno(), POLLIN)
    return not asked.poll(0)
