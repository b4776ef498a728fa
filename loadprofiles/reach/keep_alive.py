"""Keeps connections open between requests, as a browser does, however many there are.

geventhttpclient tests with `select` whether an idle connection is still open. `select` supports no
descriptor above 1023, which the client takes for a closed connection. Beyond a thousand students,
all others would therefore reconnect for each request.
"""

from __future__ import annotations

from select import POLLIN
from typing import Any

from gevent.monkey import get_original
from geventhttpclient.connectionpool import ConnectionPool

poll = get_original("select", "poll")


def keep_connections() -> None:
    """Have the HTTP client of this process use `poll`, which supports every descriptor."""
    ConnectionPool._is_socket_alive = is_open  # type: ignore[method-assign,assignment]


def is_open(_pool: ConnectionPool, line: Any) -> bool:
    """Whether an idle connection can be used for another request. If it is readable, the server has
    closed it or sent unrequested data."""
    if line is None or line.fileno() < 0:
        return False
    poller = poll()
    poller.register(line.fileno(), POLLIN)
    return not poller.poll(0)
