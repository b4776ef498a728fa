"""A Celery transport for Redis that parses the URL with redis-py.

kombu has its own parser: it ignores the database number and password of a unix:// URL, and does
not verify the certificate of a rediss:// server. With this transport, both clients of a process use
the same database, credentials and TLS options.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

from typing import Any

from kombu.transport import redis as kombu_redis
from kombu.utils.url import maybe_sanitize_url
from redis.connection import Connection, parse_url

MOST_WAITING = 1_000
"""Messages kept per queue. A message only says that there may be work, so while no worker takes
any, older ones can be dropped."""

_OURS = (
    "client_name",
    "connection_class",
    "health_check_interval",
    "max_connections",
    "retry_on_timeout",
    "socket_connect_timeout",
    "socket_timeout",
)
"""Parameters taken from the transport's options; the others come from the URL."""


class Channel(kombu_redis.Channel):  # type: ignore[misc, unused-ignore]
    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        server = parse_url(self.connection.client.hostname)
        # kombu subclasses this one, so that its poller learns when a connection is closed.
        self.connection_class = server.pop("connection_class", Connection)
        default = super()._connparams(asynchronous)
        return {"db": 0, **{name: default[name] for name in _OURS if name in default}, **server}

    def _put(self, queue: str, message: Any, **options: Any) -> None:
        super()._put(queue, message, **options)
        key = self._q_for_pri(queue, self._get_message_priority(message, reverse=False))
        with self.conn_or_acquire() as client:
            client.ltrim(key, 0, MOST_WAITING - 1)


class Transport(kombu_redis.Transport):  # type: ignore[misc, unused-ignore]
    Channel = Channel
    can_parse_url = True
    supports_batch_publish = False

    def as_uri(self, uri: str, include_password: bool = False, mask: str = "**") -> str:
        del mask
        return uri if include_password else str(maybe_sanitize_url(uri)).partition("?")[0]
