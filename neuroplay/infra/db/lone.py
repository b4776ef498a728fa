"""Connections for a process that asks a few questions and ends, as a command does.

It needs no pool, and none of what SQLAlchemy brings: to import that takes longer than all questions
together. A `Transaction` finds here what it asks of an engine.
"""

from __future__ import annotations

from typing import cast

import psycopg2

from neuroplay.infra.db.connection import PATIENT_TIMEOUT_S, ServerConnection
from neuroplay.infra.db.way import way_to


class LoneConnections:
    """One connection for each transaction that is open at a time; raises psycopg2's errors."""

    def __init__(self, url: str, *, pooled: bool) -> None:
        self._way = way_to(url, answer_timeout_s=PATIENT_TIMEOUT_S, pooled=pooled)
        self._idle: list[ServerConnection] = []

    def raw_connection(self) -> LoneConnection:
        if self._idle:
            return LoneConnection(self._idle.pop(), self._idle)
        connection = cast("ServerConnection", psycopg2.connect(**self._way.arguments))
        self._way.set_up(connection)
        return LoneConnection(connection, self._idle)

    def dispose(self) -> None:
        while self._idle:
            self._idle.pop().close()


class LoneConnection:
    """A connection that goes back to the idle ones, unless it was lost."""

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
