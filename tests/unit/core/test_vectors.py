"""Tablet and server compute the same results (pwa/src/contract/vectors.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loadprofiles.judge import findings
from neuroplay.core.entities.difficulty import lanterns_of
from neuroplay.core.entities.game_versions import Levels
from neuroplay.core.rules.codes import ALPHABET
from neuroplay.core.rules.nicknames import colour_of
from neuroplay.core.rules.xp import ACHIEVEMENT_XP, level_for, xp_at_next_level, xp_for
from neuroplay.infra.payloads import hash_payload
from tests.unit.core.samples import session

VECTORS = json.loads(
    (Path(__file__).parents[3] / "pwa" / "src" / "contract" / "vectors.json").read_text()
)


@pytest.mark.parametrize("row", VECTORS["levels"], ids=str)
def test_the_level_of_a_total(row: dict[str, Any]) -> None:
    assert (level_for(row["xp"]), xp_at_next_level(row["xp"])) == (row["level"], row["next_at"])


@pytest.mark.parametrize("row", VECTORS["colours"], ids=str)
def test_the_colour_of_a_student(row: dict[str, Any]) -> None:
    assert colour_of(row["student"]) == row["colour"]


@pytest.mark.parametrize("row", VECTORS["rounds"], ids=str)
def test_the_rating_and_xp_of_a_round(row: dict[str, Any]) -> None:
    round_ = {name: row[name] for name in ("score", "accuracy", "completed")}
    rating = session(**round_).get_performance_rating()
    assert rating == row["rating"]
    assert xp_for(row["score"], completed=row["completed"], rating=rating) == row["xp"]


@pytest.mark.parametrize("row", VECTORS["lanterns"], ids=str)
def test_the_lanterns_of_a_level(row: dict[str, Any]) -> None:
    assert lanterns_of(row["level"], Levels(*row["levels"])) == row["lanterns"]


@pytest.mark.parametrize("row", VECTORS["staircase"], ids=str)
def test_the_next_difficulty_and_the_step_to_it(row: dict[str, Any]) -> None:
    played = session(
        accuracy=row["right"] / row["total"] if row["total"] else 0.0,
        completed=row["completed"],
        metadata={"difficulty": row["difficulty"], "stimuli": [[]] * row["total"]},
    )
    assert played.calculate_difficulty_level() == row["next"]
    assert played.feedback() == {"step": row["step"], "difficulty": row["next"]}


@pytest.mark.parametrize("row", VECTORS["payload_hashes"], ids=lambda row: row["hash"][:8])
def test_the_payload_hash_of_a_session(row: dict[str, Any]) -> None:
    assert hash_payload(row["session"]).hex() == row["hash"]


def test_the_numbers_that_stand_in_more_than_one_language() -> None:
    assert VECTORS["alphabet"] == ALPHABET
    assert ACHIEVEMENT_XP == findings.ACHIEVEMENT_XP == VECTORS["achievement_xp"]
