"""The Celery tasks.

A drain processes all due items, however many wake-ups requested it; there is no task per session.
When the inbox is empty, the same task verifies a few sessions, and others follow if there are more:
a message for the first of them would cost as much as half a drain. What is not kept any longer is
removed by another short task.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

from neuroplay.bootstrap import DRAIN_TASK, LAST, RETAIN_TASK, VERIFY_TASK
from neuroplay.core.entities.verification import Verdict
from neuroplay.core.errors import StoreUnavailable
from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.monitoring.metrics import (
    ACHIEVEMENTS_UNLOCKED_TOTAL,
    GAME_PROCESSING_TIME,
    GAME_SYNCS_TOTAL,
    RETENTION_REMOVED_TOTAL,
    VERIFICATIONS_TOTAL,
)
from neuroplay.infra.monitoring.monitoring import track_errors

if TYPE_CHECKING:
    from celery import Celery

    from neuroplay.bootstrap import Container
    from neuroplay.core.use_cases.drain_inbox import DrainedItem, DrainReport
    from neuroplay.core.use_cases.retain import Retained
    from neuroplay.core.use_cases.verify_sessions import VerifyReport

BATCH = 500
"""Items per transaction."""

MOST_IDS = 100
"""Sessions of a drain that its log line names."""

TASK_BUDGET_S = 2.0
"""A drain continues in a new task after this time, so that a worker can stop soon."""

VERIFY_EXPIRES_S = 60.0
"""A verification task that no worker took in this time is dropped; beat sends others."""

log = get_logger(__name__)


class Drained(NamedTuple):
    """Result of a drain task: whether it found anything, and whether more items are due."""

    something: bool
    left: bool
    waited_s: float = 0.0
    """The longest time that a new item had waited, in seconds."""


def drain_until_empty(drain: Callable[[int], DrainReport], *, budget_s: float) -> Drained:
    """Drain batches of BATCH items until nothing is due or the budget is used up. Each batch is
    counted in the metrics as soon as it is committed."""
    ends = time.monotonic() + budget_s
    something, waited_s = False, 0.0
    while True:
        report = drain(BATCH)
        record(report)
        something = something or report.claimed > 0
        waited_s = max(waited_s, report.waited_s)
        if not report.more or time.monotonic() >= ends:
            return Drained(something, left=report.more, waited_s=waited_s)


def record(report: DrainReport) -> None:
    """Count and log a committed drain; an empty one is not logged."""
    for item in report.items:
        GAME_PROCESSING_TIME.labels(game_type=item.game_type).observe(item.seconds)
    ended = Counter((item.game_type, item.state) for item in report.items)
    for (game_type, state), items in ended.items():
        GAME_SYNCS_TOTAL.labels(game_type=game_type, status=state).inc(items)
    for achievement_id in report.unlocked:
        ACHIEVEMENTS_UNLOCKED_TOTAL.labels(achievement_id=achievement_id).inc()
    if report.claimed:
        log.info(
            "inbox drained",
            claimed=report.claimed,
            processed=report.processed,
            held=report.held,
            failed=report.failed,
            **_ids(report.items),
        )


def _ids(items: Sequence[DrainedItem]) -> dict[str, list[str]]:
    """The sessions of a drain, and the requests that brought them. Of a large drain only those that
    did not succeed, so that a backlog does not flood the logs."""
    named = [one for one in items if len(items) <= MOST_IDS or one.state != "processed"][:BATCH]
    return {
        "sessions": [str(one.session_id) for one in named],
        "requests": sorted({one.request_id for one in named if one.request_id}),
    }


def drain_for(container: Container, *, budget_s: float) -> Drained:
    """`drain_until_empty` for `container`. If the database is unavailable, this only logs a
    warning: the items stay pending or their lease runs out, and a later sweep finds them."""
    try:
        return drain_until_empty(container.drain_inbox.execute, budget_s=budget_s)
    except StoreUnavailable as error:
        log.warning("inbox not drained", code=error.code, reason=error.message)
        return Drained(something=False, left=False)


def record_verified(report: VerifyReport) -> None:
    """Count verdicts. Log each mismatch, for an adult to review, and one line for all sessions that
    could not be verified."""
    for one in report.sessions:
        VERIFICATIONS_TOTAL.labels(game_type=one.game_type, verdict=one.verdict).inc()
        if one.verdict == Verdict.MISMATCH:
            log.warning(
                "session differs from its trace",
                session_id=str(one.session_id),
                game_type=one.game_type,
                reasons=list(one.reasons),
            )
    unverified = [one for one in report.sessions if one.verdict == Verdict.PLAUSIBLE]
    if unverified:
        reasons = sorted({reason for one in unverified for reason in one.reasons})
        log.warning("sessions could not be verified", sessions=len(unverified), reasons=reasons)


def record_retained(report: Retained) -> None:
    """Count what was removed, and log it unless it is nothing."""
    removed = asdict(report.removed)
    for kind, rows in removed.items():
        RETENTION_REMOVED_TOTAL.labels(kind=kind).inc(rows)
    if any(removed.values()):
        log.info("removed what is not kept", **removed)


def register_tasks(app: Celery, container: Callable[[], Container]) -> None:
    """Register the tasks. They call `container`, but only after the pool has forked."""

    def verify() -> None:
        try:
            report = container().verify_sessions.execute()
        except StoreUnavailable as error:
            log.warning("sessions not verified", code=error.code, reason=error.message)
            return
        record_verified(report)
        if report.more:
            app.send_task(VERIFY_TASK, priority=LAST, expires=VERIFY_EXPIRES_S)
        else:
            # Ends the engine's process until there are sessions to verify again.
            container().verify_sessions.rest()

    @app.task(name=DRAIN_TASK)  # type: ignore[untyped-decorator, unused-ignore]
    @track_errors("worker")
    def drain_inbox() -> None:
        drained = drain_for(container(), budget_s=TASK_BUDGET_S)
        if drained.left:
            app.send_task(DRAIN_TASK)
        elif drained.something:
            verify()

    @app.task(name=VERIFY_TASK)  # type: ignore[untyped-decorator, unused-ignore]
    @track_errors("worker")
    def verify_sessions() -> None:
        verify()

    @app.task(name=RETAIN_TASK)  # type: ignore[untyped-decorator, unused-ignore]
    @track_errors("worker")
    def retain() -> None:
        try:
            record_retained(container().retain.execute())
        except StoreUnavailable as error:
            log.warning("nothing removed", code=error.code, reason=error.message)
