"""The most points that a round can give, and the least time that it takes.

`core/game_bounds.json` has these bounds for each version of each game's rules:

    points            the numbers of points that are possible
    rises_at_tenths   for each difficulty, when a round can first have the points at the same index,
                      in tenths of a second of play
    round_s           the length of a completed round, in seconds of play

A test of the PWA writes the file and compares it with the rules. tests/unit/core/test_bounds.py
compares it with the built rules.js.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from neuroplay.core.entities.difficulty import EASIEST, HARDEST

if TYPE_CHECKING:
    from neuroplay.core.entities.game_session import GameSession

BOUNDS_FILE = Path(__file__).parent.parent / "game_bounds.json"

SHORTEST_CHARGE_S = 1
"""The least time that any round is charged, even one that was left at once."""

_ROUNDING = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """The bounds of one version of a game's rules."""

    round_s: int
    points: Sequence[int]
    rises_at_tenths: Sequence[Sequence[int]]

    def most_points(self, difficulty: int, duration: float) -> int:
        """The most points that `duration` seconds of play can give."""
        tenths = ceil(duration * 10 - _ROUNDING)
        rises = bisect_right(self.rises_at_tenths[difficulty - 1], tenths)
        return self.points[rises - 1] if rises else 0


def read_bounds(text: str) -> Mapping[str, Mapping[str, Bounds]]:
    """Parse the file: bounds by game and version."""
    return {
        game: {version: Bounds(**row) for version, row in versions.items()}
        for game, versions in json.loads(text).items()
    }


BOUNDS = read_bounds(BOUNDS_FILE.read_text(encoding="utf-8"))


def has_rules(session: GameSession) -> bool:
    """Whether the version of the rules that the session was played by is known."""
    return session.game_version in BOUNDS.get(session.game_type, {})


def most_points(session: GameSession) -> int | None:
    """The most points that the game's rules can give in the session's duration.

    If the session has no difficulty, or its version of the rules is not known, the highest of the
    bounds applies. None if the game has no rules.
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
def _most_points(
    game_type: str, version: str, difficulty: int | None, duration: float
) -> int | None:
    levels = range(EASIEST, HARDEST + 1) if difficulty is None else (difficulty,)
    return max(
        (
            one.most_points(level, duration)
            for one in _bounds_of(game_type, version)
            for level in levels
        ),
        default=None,
    )


@lru_cache(maxsize=4096)
def _play_charge_s(game_type: str, version: str, completed: bool, duration: float) -> int:
    least = SHORTEST_CHARGE_S
    if completed:
        least = max((one.round_s for one in _bounds_of(game_type, version)), default=least)
    return max(ceil(duration), least)


def _bounds_of(game_type: str, version: str) -> Sequence[Bounds]:
    versions = BOUNDS.get(game_type, {})
    own = versions.get(version)
    return list(versions.values()) if own is None else [own]
