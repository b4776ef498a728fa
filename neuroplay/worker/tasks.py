"""The tasks. One drain takes whatever is due, however many wake-ups asked for it: there is never
a task a session."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from neuroplay.bootstrap import DRAIN_TASK
from neuroplay.core.errors import StoreUnavailable
from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.monitoring.metrics import (
    ACHIEVEMENTS_UNLOCKED_TOTAL,
    GAME_PROCESSING_TIME,
    GAME_SYNCS_TOTAL,
)
from neuroplay.infra.monitoring.monitoring import track_errors

if TYPE_CHECKING:
    from celery import Celery

    from neuroplay.bootstrap import Container
    from neuroplay.core.use_cases.drain_inbox import DrainReport

BATCH = 500
"""Rows a transaction."""

TASK_BUDGET_S = 2.0
"""A drain hands over to a new task after this time, so that a worker asked to stop stops soon."""

log = get_logger(__name__)


def drain_until_empty(drain: Callable[[int], DrainReport], *, budget_s: float) -> bool:
    """Run drains of BATCH rows until nothing is due or the budget is used up.

    Returns whether something was left. Each report goes to the metrics as soon as it is committed.
    """
    ends = time.monotonic() + budget_s
    while True:
        report = drain(BATCH)
        record(report)
        if not report.more:
            return False
        if time.monotonic() >= ends:
            return True


def record(report: DrainReport) -> None:
    """Count what a committed drain did; an empty one says nothing."""
    for item in report.items:
        GAME_SYNCS_TOTAL.labels(game_type=item.game_type, status=item.state).inc()
        GAME_PROCESSING_TIME.labels(game_type=item.game_type).observe(item.seconds)
    for achievement_id in report.unlocked:
        ACHIEVEMENTS_UNLOCKED_TOTAL.labels(achievement_id=achievement_id).inc()
    if report.claimed:
        log.info(
            "inbox drained",
            claimed=report.claimed,
            processed=report.processed,
            held=report.held,
            failed=report.failed,
        )


def drain_for(container: Container, *, budget_s: float) -> bool:
    """`drain_until_empty` on a real system. A database that is away is no error: the rows stay
    pending, or their lease runs out, and a later sweep takes them."""
    try:
        return drain_until_empty(container.drain_inbox.execute, budget_s=budget_s)
    except StoreUnavailable as error:
        log.warning("inbox not drained", code=error.code, reason=error.message)
        return False


def register_tasks(app: Celery, container: Callable[[], Container]) -> None:
    """Give `app` the tasks; `container` is called inside them only, after the pool forked."""

    @app.task(name=DRAIN_TASK)  # type: ignore[untyped-decorator, unused-ignore]
    @track_errors("worker")
    def drain_inbox() -> None:
        if drain_for(container(), budget_s=TASK_BUDGET_S):
            app.send_task(DRAIN_TASK)
