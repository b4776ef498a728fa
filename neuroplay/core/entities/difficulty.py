"""The staircase that suggests the level for the next round, and the lanterns that show a level.

The tablet computes the same (pwa/src/games/cyber_runner/staircase.ts, pwa/src/app/difficulty.ts).
Tests of both assert the cases in pwa/src/contract/vectors.json.
"""

from __future__ import annotations

from neuroplay.core.entities.game_versions import Levels

FIRST_LEVEL = 1
"""The level of a round that does not state one."""

MOST_LANTERNS = 5

STEP_UP_ACCURACY = 0.88
"""A completed round with at least this accuracy was too easy: the aim is about 80 %."""

STEP_DOWN_ACCURACY = 0.68
"""A round below this accuracy was too hard."""

FEWEST_ANSWERS = 10
"""Fewer answers are not enough evidence to make the next round easier."""


def next_level(
    played: int, levels: Levels, *, accuracy: float, completed: bool, answers: int | None = None
) -> int:
    """The level for the next round, one of `levels`, at most one step from `played`.

    If the number of `answers` is not known, a completed round is assumed to have enough of them,
    and any other is not.
    """
    if completed and accuracy >= STEP_UP_ACCURACY:
        return levels.nearest(played + 1)
    enough = completed if answers is None else answers >= FEWEST_ANSWERS
    if enough and accuracy < STEP_DOWN_ACCURACY:
        return levels.nearest(played - 1)
    return levels.nearest(played)


def lanterns_of(level: int, levels: Levels) -> int:
    """How hard a level is among its game's, from 1 to MOST_LANTERNS: what people are shown, and
    what levels of different games are compared by."""
    lowest, highest = levels
    return 1 + (levels.nearest(level) - lowest) * MOST_LANTERNS // (highest - lowest + 1)
