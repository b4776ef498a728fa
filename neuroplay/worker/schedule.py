"""The tasks that beat sends periodically."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from neuroplay.bootstrap import DRAIN_TASK, LAST, RETAIN_TASK, VERIFY_TASK

SWEEP_EVERY_S = 5.0
"""The longest delay of an item whose wake-up was lost or whose next try is due."""

VERIFY_EVERY_S = 10.0
"""The longest delay of a session whose verification was missed or is due again."""


RETAIN_EVERY_S = 3.0
"""How often a worker goes on removing what is not kept. It then works for a tenth of a second, or
finds in one query that the last pass is not an hour old. Requests that come in that tenth take two
fifths longer: often and briefly, so that none of them comes upon a second of it."""

EXPIRES_S = 60.0
"""A task that no worker took in this time is dropped: later ones are queued. Clocks of different
machines may differ by less than this."""


def steady_now() -> datetime:
    """A monotonic clock as a datetime. Only its differences have a meaning."""
    return datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=time.monotonic())


def beat_schedule() -> dict[str, dict[str, Any]]:
    """Celery's `beat_schedule`. It uses `steady_now`: if the system clock is set back by an hour,
    beat would otherwise send nothing for an hour."""
    from celery.schedules import schedule

    def every(seconds: float) -> Any:
        return schedule(seconds, nowfun=steady_now)

    return {
        "sweep the inbox": {
            "task": DRAIN_TASK,
            "schedule": every(SWEEP_EVERY_S),
            "options": {"expires": EXPIRES_S},
        },
        "verify what is left": {
            "task": VERIFY_TASK,
            "schedule": every(VERIFY_EVERY_S),
            "options": {"expires": EXPIRES_S, "priority": LAST},
        },
        "remove what is not kept": {
            "task": RETAIN_TASK,
            "schedule": every(RETAIN_EVERY_S),
            "options": {"expires": EXPIRES_S, "priority": LAST},
        },
    }
