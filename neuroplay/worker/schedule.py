"""What beat sends, and how often."""

from __future__ import annotations

from typing import Any

from neuroplay.bootstrap import DRAIN_TASK, LAST, VERIFY_TASK

SWEEP_EVERY_S = 5.0
"""How long a lost wake-up, or a row whose try is due again, can wait."""

VERIFY_EVERY_S = 10.0
"""How long a session whose verification was forgotten, or is due again, can wait."""


def beat_schedule() -> dict[str, dict[str, Any]]:
    return {
        "sweep the inbox": {
            "task": DRAIN_TASK,
            "schedule": SWEEP_EVERY_S,
            # A sweep that no worker took before the next one is sent is worth nothing.
            "options": {"expires": SWEEP_EVERY_S},
        },
        "verify what is left": {
            "task": VERIFY_TASK,
            "schedule": VERIFY_EVERY_S,
            "options": {"expires": VERIFY_EVERY_S, "priority": LAST},
        },
    }
