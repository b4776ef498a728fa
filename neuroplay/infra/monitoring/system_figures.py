"""Builds the SystemCollector for a process's servers."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from neuroplay.core.use_cases.renewed import Renewed
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

    from neuroplay.infra.db.sums import Sums
    from neuroplay.infra.servers import Servers


QUICK_ROWS = 5_000
"""Sums over so many students and devices are read at each scrape: some 2 ms."""

SUMS_FRESH_S = 60.0
SUMS_KEPT_S = 120.0
"""Sums over more are read again in the background once a minute."""


def system_figures(servers: Servers, home: Path, *, has_standby: bool) -> SystemCollector:
    """The collector for `servers` and this machine; `home` is on the disk to measure."""
    kept = Renewed(
        lambda: _sums(servers.check_engine),
        fresh_s=SUMS_FRESH_S,
        kept_s=SUMS_KEPT_S,
    )
    return SystemCollector(
        database=lambda: _store_figures(
            servers.check_engine,
            kept.get(is_kept=lambda last: last.rows > QUICK_ROWS),
            home if has_standby else None,
        ),
        redis=lambda: queue_figures(servers.redis, QUEUE),
        host=Host(home),
    )


def _sums(engine: Engine) -> Sums:
    from neuroplay.infra.db.sums import sums

    return sums(engine, active_s=ACTIVE_S)


def _store_figures(engine: Engine, whole: Sums, home_with_standby: Path | None) -> StoreFigures:
    from neuroplay.infra.db.clock import clock_ahead_s
    from neuroplay.infra.db.server_figures import server_figures
    from neuroplay.infra.db.unit_of_work import SqlUnitOfWork
    from neuroplay.infra.db.upkeep import ages

    database, ahead = server_figures(engine), clock_ahead_s(engine)
    with SqlUnitOfWork(engine) as uow:
        moment = uow.now()
        return StoreFigures(
            counts=replace(uow.inbox.unfinished(now=moment), processed=whole.processed),
            active_users=whole.active_students,
            unsent=UnsentFigures(
                devices=whole.holding_devices,
                sessions=whole.unsent_sessions,
                oldest_s=whole.oldest_unsent_s,
            ),
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
