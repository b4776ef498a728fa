"""The versions of the games' rules that are known, from `core/game_bounds.json`.

    levels    the lowest and the highest level that a round may start at
    inputs    every bit that an input in a trace may have, besides STOP, which ends a round that was
              left
    round_s   the length of a completed round, in seconds of play
    groups    levels with the same bound: at `rises_at_tenths` of a second of play, a round can
              first have the `points` at the same index

A test of the PWA writes the file and compares it with the rules. tests/unit/core/test_bounds.py
compares it with the built rules.js.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

BOUNDS_FILE = Path(__file__).parent.parent / "game_bounds.json"

STOP = 8

_ROUNDING = 1e-6


class Levels(NamedTuple):
    """The levels of a game, with both ends."""

    lowest: int
    highest: int

    def __contains__(self, level: object) -> bool:
        return type(level) is int and self.lowest <= level <= self.highest

    def nearest(self, level: int) -> int:
        return max(self.lowest, min(level, self.highest))


ANY_LEVELS = Levels(0, 99)
"""What a session may claim as its level, whatever its version of the rules."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rises:
    """How the most points of a round rise while it is played."""

    tenths: Sequence[int]
    points: Sequence[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class GameVersion:
    """What is known of one version of a game's rules. `rises` has one for each level."""

    levels: Levels
    inputs: int
    round_s: int
    rises: Sequence[Rises]

    def most_points(self, level: int, duration: float) -> int:
        """The most points that `duration` seconds of play can give."""
        rises = self.rises[self.levels.nearest(level) - self.levels.lowest]
        risen = bisect_right(rises.tenths, ceil(duration * 10 - _ROUNDING))
        return rises.points[risen - 1] if risen else 0


def read_versions(text: str) -> Mapping[str, Mapping[str, GameVersion]]:
    """Parse the file: the versions by game and name."""
    return {
        game: {name: _version(row) for name, row in versions.items()}
        for game, versions in json.loads(text).items()
    }


def _version(row: Mapping[str, Any]) -> GameVersion:
    rises: list[Rises] = []
    for group in row["groups"]:
        lowest, highest = group["levels"]
        one = Rises(tenths=group["rises_at_tenths"], points=group["points"])
        rises += [one] * (highest - lowest + 1)
    return GameVersion(
        levels=Levels(*row["levels"]), inputs=row["inputs"], round_s=row["round_s"], rises=rises
    )


VERSIONS = read_versions(BOUNDS_FILE.read_text(encoding="utf-8"))


def version_of(game_type: str, version: str) -> GameVersion | None:
    """None if the version is not known."""
    return VERSIONS.get(game_type, {}).get(version)
