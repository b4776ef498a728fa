"""Make up the play of a demo class, so that a newcomer sees pages with something on them.

The records are as tablets send them, but have no trace: they are never verified, and so never
ranked. Nothing here measures or describes real children.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from neuroplay.core.entities.game_catalogue import GAMES, Game
from neuroplay.core.entities.game_versions import VERSIONS

DAYS = 14
ROUNDS = (2, 5)
"""Rounds of a child on a day, at least and at most."""

SHARE_OF_DAYS = (0.35, 0.95)
"""On which share of the school days a child plays."""

FIRST_HOUR, LAST_HOUR = 11, 18
"""Hours of the school day, UTC: 8 to 15 in São Paulo."""

UTC_OFFSET_MINUTES = -180
RIGHT = 0.8
"""Share of right answers to which the games adapt."""


@dataclass(kw_only=True, slots=True)
class MadeUpChild:
    """A child's habits, which differ from child to child. `levels` is by game."""

    random: Random
    diligence: float = 0.0
    skill: float = 0.0
    levels: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.diligence = self.random.uniform(*SHARE_OF_DAYS)
        self.skill = self.random.uniform(-1, 1)

    def visits(self, now: datetime) -> Iterator[list[dict[str, Any]]]:
        """Yield the records of each day on which the child played, oldest day first.

        All of them ended before `now`.
        """
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        for ago in range(DAYS, 0, -1):
            day = today - timedelta(days=ago)
            if day.weekday() < 5 and self.random.random() < self.diligence:
                yield list(self._visit(day))

    def _visit(self, day: datetime) -> Iterator[dict[str, Any]]:
        minutes = self.random.uniform(FIRST_HOUR * 60, LAST_HOUR * 60 - 20)
        moment = day + timedelta(minutes=round(minutes))
        games = [one for one in GAMES.values() if one.playable]
        for _ in range(self.random.randint(*ROUNDS)):
            record = self._round(self.random.choice(games), moment)
            moment = datetime.fromisoformat(record["ended_at"])
            moment += timedelta(seconds=self.random.randint(10, 60))
            yield record

    def _round(self, game: Game, began: datetime) -> dict[str, Any]:
        random, version = self.random, VERSIONS[game.game_type][game.version]
        level = self.levels.get(game.game_type, game.levels.lowest + 1.0)
        difficulty = game.levels.nearest(round(level))
        completed = random.random() < 0.93
        duration = version.round_s if completed else random.randint(20, version.round_s - 10)
        accuracy = min(max(random.gauss(RIGHT + self.skill * 0.06, 0.08), 0.3), 1.0)
        self.levels[game.game_type] = float(
            game.levels.nearest(round(level + (accuracy - RIGHT + 0.03) * 8))
        )
        most = version.most_points(difficulty, duration)
        return {
            "session_id": str(UUID(int=random.getrandbits(128), version=4)),
            "game_type": game.game_type,
            "game_version": game.version,
            "score": int(most * accuracy * random.uniform(0.55, 0.8)),
            "duration": duration,
            "accuracy": round(accuracy, 2),
            "completed": completed,
            "started_at": began.isoformat(),
            "ended_at": (began + timedelta(seconds=duration + random.randint(1, 4))).isoformat(),
            "utc_offset_minutes": UTC_OFFSET_MINUTES,
            "metadata": {
                "difficulty": difficulty,
                "next_difficulty": round(self.levels[game.game_type]),
                "made_up": True,
            },
        }


def implausible(record: dict[str, Any]) -> dict[str, Any]:
    """The same round with more points than its game can give, as an example of a held one."""
    version = VERSIONS[record["game_type"]][record["game_version"]]
    most = version.most_points(record["metadata"]["difficulty"], record["duration"])
    ceiling = GAMES[record["game_type"]].highest_score(record["duration"])
    return {**record, "score": min(int(most * 1.2) + 5, int(ceiling))}
