"""Builds the SystemCollector for a process's servers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from neuroplay.infra.monitoring.backlog import (
    ACTIVE_S,
    DatabaseFigures,
    Host,
    RetentionFigures,
    StoreFigures,
    SystemCollector,
    UnsentFigures,
    queue_figures,
)
from neuroplay.infra.queue import QUEUE

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from neuroplay.infra.servers import Servers


def system_figures(servers: Servers, home: Path) -> SystemCollector:
    """The collector for `servers` and this machine; `home` is on the disk to measure."""
    return SystemCollector(
        database=lambda: _store_figures(servers.check_engine),
        redis=lambda: queue_figures(servers.redis, QUEUE),
        host=Host(home),
    )


def _store_figures(engine: Engine) -> StoreFigures:
    from neuroplay.infra.db.clock import clock_ahead_s
    from neuroplay.infra.db.server_figures import server_figures
    from neuroplay.infra.db.unit_of_work import SqlUnitOfWork
    from neuroplay.infra.db.upkeep import ages

    database, ahead = server_figures(engine), clock_ahead_s(engine)
    with SqlUnitOfWork(engine) as uow:
        moment = uow.now()
        return StoreFigures(
            counts=uow.inbox.counts(now=moment),
            active_users=uow.devices.active_students(moment - timedelta(seconds=ACTIVE_S)),
            unsent=UnsentFigures(**uow.devices.unsent(now=moment)),
            database=DatabaseFigures(**database),
            clock_ahead_s=ahead,
            upkeep=ages(engine),
            retention=RetentionFigures(**uow.retention.ages(now=moment)),
        )
