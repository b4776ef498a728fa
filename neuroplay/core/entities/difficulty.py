"""Difficulty, 1 to 5, and the staircase that suggests the one for the next round.

The games on the tablet use the same staircase (pwa/src/games/cyber_runner/staircase.ts). Tests of
both assert the cases in pwa/src/contract/vectors.json.
"""

from __future__ import annotations

EASIEST = 1
HARDEST = 5

STEP_UP_ACCURACY = 0.88
"""A completed round with at least this accuracy was too easy: the aim is about 80 %."""

STEP_DOWN_ACCURACY = 0.68
"""A round below this accuracy was too hard."""

FEWEST_ANSWERS = 10
"""Fewer answers are not enough evidence to make the next round easier."""


def next_difficulty(
    played: int, *, accuracy: float, completed: bool, answers: int | None = None
) -> int:
    """The difficulty for the next round, at most one step from `played`.

    If the number of `answers` is not known, a completed round is assumed to have enough of them,
    and any other is not.
    """
    if completed and accuracy >= STEP_UP_ACCURACY:
        return min(played + 1, HARDEST)
    enough = completed if answers is None else answers >= FEWEST_ANSWERS
    if enough and accuracy < STEP_DOWN_ACCURACY:
        return max(played - 1, EASIEST)
    return played
