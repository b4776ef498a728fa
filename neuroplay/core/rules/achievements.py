"""Which badges a session and a student's progress earn.

Every rule is monotone in the set of processed sessions: another session can only add badges, and
the order of arrival does not matter. Progress has all that the rules need to know of the past.

    id             earned by
    speed_demon    at least 4 points a second over a completed round of a minute or more
    perfect_score  the game's par score
    streak_3/7/30  play on that many days in a row in the student's calendar, if enough time has
                   passed for so many days
    explorer       every game of the catalogue
    marathon       50 sessions
    sharp_mind     10 excellent sessions
    climber        a round with five lanterns, from the second session on
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import TYPE_CHECKING

from neuroplay.core.entities.difficulty import MOST_LANTERNS
from neuroplay.core.entities.game_catalogue import GAMES

if TYPE_CHECKING:
    from neuroplay.core.entities.game_session import GameSession

SPEED_POINTS_A_SECOND = 4
SPEED_SHORTEST_S = 60
STREAKS = {"streak_3": 3, "streak_7": 7, "streak_30": 30}
MARATHON_SESSIONS = 50
SHARP_MIND_SESSIONS = 10
CLIMBER_FEWEST_SESSIONS = 2

ONE_DAY = timedelta(days=1)

FLIGHT_TOLERANCE = timedelta(hours=12)
"""How much shorter than its days a streak may be: flying east shortens days."""


def earned_by_session(session: GameSession) -> list[str]:
    """Badges that the session earns by itself, whatever came before or after."""
    earned: list[str] = []
    if (
        session.completed
        and session.duration >= SPEED_SHORTEST_S
        and session.score >= SPEED_POINTS_A_SECOND * session.duration
    ):
        earned.append("speed_demon")
    if session.score >= GAMES[session.game_type].par_score:
        earned.append("perfect_score")
    return earned


def earned_by_history(
    *,
    sessions: int,
    excellent_sessions: int,
    top_difficulty: int,
    games: AbstractSet[str],
    streak: int,
) -> list[str]:
    """Badges that a student's sessions earn together. `streak` is in days."""
    earned = [name for name, needed in STREAKS.items() if streak >= needed]
    if len(games) >= len(GAMES) and games >= GAMES.keys():
        earned.append("explorer")
    if sessions >= MARATHON_SESSIONS:
        earned.append("marathon")
    if excellent_sessions >= SHARP_MIND_SESSIONS:
        earned.append("sharp_mind")
    if top_difficulty >= MOST_LANTERNS and sessions >= CLIMBER_FEWEST_SESSIONS:
        earned.append("climber")
    return earned


def lived_days(run: int, lasted: timedelta) -> int:
    """The length of a streak of `run` days, limited by the time that it `lasted`.

    `lasted` is the time between its first and its last end of play. All days between the first and
    the last must be whole days. Without this limit a device could gain days by changing its time
    zone.
    """
    return min(run, 2 + (lasted + FLIGHT_TOLERANCE) // ONE_DAY)
