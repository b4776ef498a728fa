"""The most points that a round can give, and the least time that it takes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING

from neuroplay.core.entities.game_versions import VERSIONS, GameVersion, version_of

if TYPE_CHECKING:
    from neuroplay.core.entities.game_session import GameSession

SHORTEST_CHARGE_S = 1
"""The least time that any round is charged, even one that was left at once."""


def has_rules(session: GameSession) -> bool:
    """Whether the version of the rules that the session was played by is known."""
    return version_of(session.game_type, session.game_version) is not None


def most_points(session: GameSession) -> int | None:
    """The most points that the game's rules can give in the session's duration.

    If the session has no level, or its version of the rules is not known, the highest of the bounds
    applies. None if the game has no rules.
    """
    return _most_points(
        session.game_type,
        session.game_version,
        session.metadata.get("difficulty"),
        session.duration,
    )


def play_charge_s(session: GameSession) -> int:
    """The session's share of its student's time, in whole seconds.

    Its duration, rounded up; for a completed round at least the length of one.
    """
    return _play_charge_s(
        session.game_type, session.game_version, session.completed, session.duration
    )


@lru_cache(maxsize=4096)
def _most_points(game_type: str, version: str, level: int | None, duration: float) -> int | None:
    own = version_of(game_type, version)
    if own is not None and level is not None:
        return own.most_points(level, duration)
    return max(
        (
            one.most_points(each, duration)
            for one in _versions_of(game_type, own)
            for each in range(one.levels.lowest, one.levels.highest + 1)
        ),
        default=None,
    )


@lru_cache(maxsize=4096)
def _play_charge_s(game_type: str, version: str, completed: bool, duration: float) -> int:
    least = SHORTEST_CHARGE_S
    if completed:
        versions = _versions_of(game_type, version_of(game_type, version))
        least = max((one.round_s for one in versions), default=least)
    return max(ceil(duration), least)


def _versions_of(game_type: str, own: GameVersion | None) -> Sequence[GameVersion]:
    return list(VERSIONS.get(game_type, {}).values()) if own is None else [own]
