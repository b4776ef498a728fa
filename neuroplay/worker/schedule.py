"""What beat sends, and how often."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from neuroplay.bootstrap import DRAIN_TASK, LAST, VERIFY_TASK

SWEEP_EVERY_S = 5.0
"""How long a lost wake-up, or a row whose try is due again, can wait."""

VERIFY_EVERY_S = 10.0
"""How long a session whose verification was forgotten, or is due again, can wait."""


EXPIRES_S = 60.0
"""Long after the next one was sent, a sweep that no worker took is dropped. Machines whose clocks
differ by less than this understand each other."""


def steady_now() -> datetime:
    """Goes on as time does, whatever is done to the machine's clock; for differences alone."""
    return datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=time.monotonic())


def beat_schedule() -> dict[str, dict[str, Any]]:
    """By `steady_now`: beat would be silent for as long as its clock is set back."""
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
    }
