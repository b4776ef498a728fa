"""The most that a round can give, and the least time that it takes.

`core/game_bounds.json` says what the games' own rules say, version by version: at the n-th of
`rises_at_tenths` (tenths of a second of play, a list a difficulty) a round can have the n-th of
`points`, and `round_s` is how long one lasts that is played to its end. A test of the PWA writes
the file and compares it with the rules; tests/unit/core/test_bounds.py asks the built rules.js.
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
"""What a round that was left at once takes: opening it is no play, and no time is too short."""

_ROUNDING = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """Of one version of a game's rules."""

    round_s: int
    points: Sequence[int]
    rises_at_tenths: Sequence[Sequence[int]]

    def most_points(self, difficulty: int, duration: float) -> int:
        """The most points that `duration` seconds of play can give."""
        tenths = ceil(duration * 10 - _ROUNDING)
        rises = bisect_right(self.rises_at_tenths[difficulty - 1], tenths)
        return self.points[rises - 1] if rises else 0


def read_bounds(text: str) -> Mapping[str, Mapping[str, Bounds]]:
    """Bounds by game and version."""
    return {
        game: {version: Bounds(**row) for version, row in versions.items()}
        for game, versions in json.loads(text).items()
    }


BOUNDS = read_bounds(BOUNDS_FILE.read_text(encoding="utf-8"))


def has_rules(session: GameSession) -> bool:
    """Whether there are rules of the version that the session was played by."""
    return session.game_version in BOUNDS.get(session.game_type, {})


def most_points(session: GameSession) -> int | None:
    """The most points that the game's rules can give in the session's time of play; None for a
    game that has none yet. Of what a session does not say (its difficulty, or a version that is
    known here) the most generous one counts."""
    return _most_points(
        session.game_type,
        session.game_version,
        session.metadata.get("difficulty"),
        session.duration,
    )


def play_charge_s(session: GameSession) -> int:
    """Whole seconds that the session takes of a student's time: its play, and a whole round's
    where it says that it was played to the end."""
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
