"""Difficulty, 1 to 5: what a round was played at, and where the next one should be.

The game on the tablet decides by the same staircase (pwa/src/games/cyber_runner/staircase.ts);
pwa/src/contract/vectors.json holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping

EASIEST = 1
HARDEST = 5

STEP_UP_ACCURACY = 0.88
"""A completed round at or above this was easy: success is to stay near 80 %."""

STEP_DOWN_ACCURACY = 0.68
"""A round below this was hard."""

FEWEST_ANSWERS = 10
"""Fewer answers say too little to make the next round easier."""


def played_difficulty(metadata: Mapping[str, object]) -> int:
    """The difficulty recorded with a session; an absent one means the easiest."""
    recorded = metadata.get("difficulty")
    return recorded if isinstance(recorded, int) else EASIEST


def next_difficulty(
    played: int, *, accuracy: float, completed: bool, answers: int | None = None
) -> int:
    """One step at most from what was played. Where the number of `answers` is not known, a
    completed round has enough of them and a round that was left has not."""
    if completed and accuracy >= STEP_UP_ACCURACY:
        return min(played + 1, HARDEST)
    enough = completed if answers is None else answers >= FEWEST_ANSWERS
    if enough and accuracy < STEP_DOWN_ACCURACY:
        return max(played - 1, EASIEST)
    return played
