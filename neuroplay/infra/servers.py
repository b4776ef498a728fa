"""A process's connections to PostgreSQL and Redis."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redis import Redis
    from sqlalchemy import Engine

    from neuroplay.config import Settings
    from neuroplay.infra.db.standby_wait import Note, StandbyWait
    from neuroplay.infra.db.transaction import Pool

CHECK_TIMEOUT_S = 0.9
"""For health checks and scrapes: less than their own timeout of 1 s."""


class Servers:
    """Opens connections at their first use, after a server process was forked. `close` closes them.
    For `patient` see `bootstrap.build`."""

    def __init__(self, settings: Settings, *, patient: bool) -> None:
        self._settings, self._patient = settings, patient
        self.opened = ExitStack()
        """What `close` closes; callers may add to it."""

    @cached_property
    def engine(self) -> Engine:
        from neuroplay.infra.db.connection import PATIENT_TIMEOUT_S
        from neuroplay.infra.db.engine import ANSWER_TIMEOUT_S

        return self._engine(
            pool_size=max(self._settings.api_connections, 2),  # a migration and its lock
            answer_timeout_s=PATIENT_TIMEOUT_S if self._patient else ANSWER_TIMEOUT_S,
            by_index=not self._patient,
        )

    @cached_property
    def pool(self) -> Pool:
        """The pool that the use cases use."""
        if not self._patient:
            return self.engine
        from neuroplay.infra.db.lone import LoneConnections

        lone = LoneConnections(
            self._settings.sqlalchemy_url, pooled=self._settings.db_pooler == "transaction"
        )
        self.opened.callback(lone.dispose)
        return lone

    def standby_wait(self, note: Note) -> StandbyWait:
        """The wait for the standby; `note` is told about it."""
        from neuroplay.infra.db.standby_wait import StandbyWait

        return StandbyWait(AskedStandby(self), note, longest_s=self._settings.wal_wait)

    @cached_property
    def check_engine(self) -> Engine:
        """Separate connections: those for requests may all be waiting for a server that hangs. One
        is kept; a check that asks two things at once opens another for it."""
        return self._engine(pool_size=1, overflow=1, answer_timeout_s=CHECK_TIMEOUT_S)

    def _engine(
        self,
        *,
        pool_size: int,
        overflow: int = 0,
        answer_timeout_s: float,
        by_index: bool = False,
    ) -> Engine:
        from neuroplay.infra.db.engine import make_engine

        engine = make_engine(
            self._settings.sqlalchemy_url,
            pool_size=pool_size,
            overflow=overflow,
            answer_timeout_s=answer_timeout_s,
            by_index=by_index,
            pooled=self._settings.db_pooler == "transaction",
        )
        self.opened.callback(engine.dispose)
        return engine

    @cached_property
    def redis(self) -> Redis:
        from neuroplay.infra.redis.client import make_client

        client = make_client(self._settings.effective_redis_url)
        self.opened.callback(client.close)
        return client

    def close(self) -> None:
        self.opened.close()


class AskedStandby:
    """The standby as PostgreSQL sees it, asked through connections of its own."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers

    def problem(self) -> str:
        from neuroplay.infra.db.standby_state import standby_state

        return standby_state(self._servers.check_engine).problem

    def lag_s(self) -> float:
        from neuroplay.infra.db.standby_state import standby_state

        return standby_state(self._servers.check_engine).lag_s

    def end_wait(self, pid: int) -> bool:
        from neuroplay.infra.db.standby_state import end_wait

        return end_wait(self._servers.check_engine, pid)
