"""Difficulty, 1 to 5: what a round was played at, and where the next one should be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EASIEST = 1
HARDEST = 5

STEP_UP_ACCURACY = 0.85
"""A completed round at or above this was easy: success is to stay near 80 %."""

STEP_DOWN_ACCURACY = 0.70
"""A completed round below this was hard."""


def played_difficulty(metadata: Mapping[str, Any]) -> int:
    """The difficulty recorded with a session; an absent one means the easiest."""
    recorded = metadata.get("difficulty")
    return EASIEST if recorded is None else int(recorded)


def next_difficulty(played: int, *, accuracy: float, completed: bool) -> int:
    """One step at most from what was played. A round that was left early says too little."""
    if not completed:
        return played
    if accuracy >= STEP_UP_ACCURACY:
        return min(played + 1, HARDEST)
    if accuracy < STEP_DOWN_ACCURACY:
        return max(played - 1, EASIEST)
    return played
