"""The catalogue of games, from `core/game_catalogue.json`. The PWA reads it too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from neuroplay.core.entities.game_versions import Levels
from neuroplay.core.entities.language import LANGUAGES

CATALOGUE_FILE = Path(__file__).parent.parent / "game_catalogue.json"

_TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")

UNKNOWN_GAME = "unknown"
"""The label in metrics for a game that is not in the catalogue."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Game:
    """One game. `names` and `skill_names` are by language. `par_score` is that of a clean round.
    `levels` are those of the rules' current version, `version`.

    No round has more than `max_duration_s` seconds of play, or more than `max_points_per_second`
    on average.
    """

    game_type: str
    version: str
    levels: Levels
    names: Mapping[str, str]
    skill: str
    skill_names: Mapping[str, str]
    par_score: int
    max_duration_s: int
    max_points_per_second: int
    icon: str
    playable: bool

    def highest_score(self, duration: float) -> float:
        """The most that `duration` seconds of play can give."""
        return self.max_points_per_second * min(duration, self.max_duration_s)


def read_catalogue(text: str) -> Mapping[str, Game]:
    """Parse a catalogue: games by id, in its order. Raises KeyError or ValueError if invalid."""
    document = json.loads(text)
    skills = document["skills"]
    return MappingProxyType(
        {
            row["id"]: Game(
                game_type=row["id"],
                version=row["version"],
                levels=Levels(*row["levels"]),
                names=MappingProxyType(
                    {language: row["names"][language] for language in LANGUAGES}
                ),
                skill=row["skill"],
                skill_names=MappingProxyType(
                    {language: skills[row["skill"]][language] for language in LANGUAGES}
                ),
                par_score=row["par_score"],
                max_duration_s=row["limits"]["max_duration_s"],
                max_points_per_second=row["limits"]["max_points_per_second"],
                icon=row["icon"],
                playable=row["playable"],
            )
            for row in document["games"]
        }
    )


GAMES: Mapping[str, Game] = read_catalogue(_TEXT)
