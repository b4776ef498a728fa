"""Connections for short-lived processes such as commands.

A command needs no pool, and importing SQLAlchemy takes longer than all its statements together.
Implements the `Pool` that a `Transaction` needs.
"""

from __future__ import annotations

from neuroplay.infra.db.connection import PATIENT_TIMEOUT_S, ServerConnection
from neuroplay.infra.db.connection_settings import connection_settings


class LoneConnections:
    """One connection per open transaction; idle ones are reused. Raises psycopg2's errors."""

    def __init__(self, url: str, *, pooled: bool) -> None:
        self._settings = connection_settings(url, answer_timeout_s=PATIENT_TIMEOUT_S, pooled=pooled)
        self._idle: list[ServerConnection] = []

    def raw_connection(self) -> LoneConnection:
        if self._idle:
            return LoneConnection(self._idle.pop(), self._idle)
        connection = self._settings.hosts.connect()
        self._settings.set_up(connection)
        return LoneConnection(connection, self._idle)

    def dispose(self) -> None:
        while self._idle:
            self._idle.pop().close()


class LoneConnection:
    """A PooledConnection. `close` makes it idle again unless it was lost."""

    def __init__(self, driver_connection: ServerConnection, idle: list[ServerConnection]) -> None:
        self.driver_connection, self._idle = driver_connection, idle

    @property
    def is_valid(self) -> bool:
        return not self.driver_connection.closed

    def invalidate(self, error: BaseException | None = None) -> None:
        del error
        self.driver_connection.close()

    def close(self) -> None:
        if self.is_valid:
            self._idle.append(self.driver_connection)
