"""Recorded rounds of every released version of each game, whole and left, with what they gave."""

from __future__ import annotations

import json
from pathlib import Path

from neuroplay.core.entities.verification import RoundResult, TracedRound

FOLDER = Path(__file__).parents[1] / "pwa" / "src" / "games" / "frozen"

KEYS = sorted(file.stem for file in FOLDER.glob("*.json"))
"""A game and its version, as `cyber_runner@1`."""


def recorded(key: str) -> list[tuple[TracedRound, RoundResult]]:
    game, _, version = key.partition("@")
    found = []
    for one in json.loads((FOLDER / f"{key}.json").read_text(encoding="utf-8")):
        gave = one["gave"]
        played = TracedRound(
            game_type=game,
            game_version=version,
            seed=one["seed"],
            difficulty=one["level"],
            trace=one["trace"],
        )
        found.append((played, RoundResult(state_hash=gave.pop("hash"), **gave)))
    return found
