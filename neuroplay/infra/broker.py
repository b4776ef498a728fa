"""Celery's way to Redis, by redis-py's own reading of the URL.

kombu reads URLs by rules of its own: of a socket's it takes neither number nor password, and
rediss:// it trusts without a look at the certificate. Here both clients of a process get the same
options from the same text, and so the same database, credentials and TLS.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

from typing import Any

from kombu.transport import redis as kombu_redis
from kombu.utils.url import maybe_sanitize_url
from redis.connection import Connection, parse_url

MOST_WAITING = 1_000
"""Messages of a queue. Each says only that there may be something to do: while no worker takes
any, the latest ones are as good as all."""

_OURS = (
    "client_name",
    "connection_class",
    "health_check_interval",
    "max_connections",
    "retry_on_timeout",
    "socket_connect_timeout",
    "socket_timeout",
)
"""What the transport's options say; the server is the URL's."""


class Channel(kombu_redis.Channel):  # type: ignore[misc, unused-ignore]
    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        server = parse_url(self.connection.client.hostname)
        # The one in the result is of this kind, and tells the poller when it is closed.
        self.connection_class = server.pop("connection_class", Connection)
        usual = super()._connparams(asynchronous)
        return {"db": 0, **{name: usual[name] for name in _OURS if name in usual}, **server}

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
