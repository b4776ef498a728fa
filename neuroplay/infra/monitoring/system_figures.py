"""Builds the SystemCollector for a process's servers."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from neuroplay.infra.monitoring.backlog import (
    ACTIVE_S,
    DatabaseFigures,
    Host,
    RetentionFigures,
    StandbyFigures,
    StoreFigures,
    SystemCollector,
    UnsentFigures,
    queue_figures,
)
from neuroplay.infra.queue import QUEUE

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from neuroplay.infra.servers import Servers


def system_figures(servers: Servers, home: Path, *, has_standby: bool) -> SystemCollector:
    """The collector for `servers` and this machine; `home` is on the disk to measure."""
    return SystemCollector(
        database=lambda: _store_figures(servers.check_engine, home if has_standby else None),
        redis=lambda: queue_figures(servers.redis, QUEUE),
        host=Host(home),
    )


def _store_figures(engine: Engine, home_with_standby: Path | None) -> StoreFigures:
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
            standby=_standby_figures(engine, home_with_standby) if home_with_standby else None,
        )


def _standby_figures(engine: Engine, home: Path) -> StandbyFigures:
    from neuroplay.infra.db.standby_state import standby_state
    from neuroplay.infra.standby.status import read_status

    found, status = standby_state(engine), read_status(home)
    return StandbyFigures(
        answers=not found.problem,
        behind_bytes=found.behind_bytes,
        base_age_s=status.base_age_s(datetime.now(UTC)) if status else math.inf,
    )
