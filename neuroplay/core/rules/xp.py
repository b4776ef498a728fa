"""XP of a session, and the level for a total of XP."""

from __future__ import annotations

from math import isqrt

COMPLETION_XP = 50
ACHIEVEMENT_XP = 100

RATING_XP = {"excellent": 100, "good": 50, "average": 20, "needs_improvement": 0}

XP_A_LEVEL_SQUARED = 50


def xp_for(score: int, *, completed: bool, rating: str) -> int:
    """XP of one session, without those of achievements."""
    return score + (COMPLETION_XP if completed else 0) + RATING_XP[rating]


def level_for(total_xp: int) -> int:
    """The level for a total. It begins at 1 and never falls as the total grows."""
    return 1 + isqrt(total_xp // XP_A_LEVEL_SQUARED)


def xp_at_next_level(total_xp: int) -> int:
    """The total at which the next level begins."""
    return XP_A_LEVEL_SQUARED * level_for(total_xp) ** 2
