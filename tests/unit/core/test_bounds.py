from __future__ import annotations

import json
from typing import Any

import _quickjs as quickjs
import pytest

from neuroplay.bootstrap import RULES
from neuroplay.core.entities.difficulty import EASIEST, HARDEST
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.rules.bounds import BOUNDS, most_points, play_charge_s
from tests.unit.core.samples import session


@pytest.fixture(scope="module")
def rules() -> Any:
    engine = quickjs.Context()
    engine.eval(RULES.read_text(encoding="utf-8"))
    return engine


def test_the_table_says_what_the_built_rules_say_at_every_tenth_of_a_second(rules: Any) -> None:
    ask = """
    JSON.stringify(Object.entries(neuroplayRules.games).map(([name, one]) => [
      name, one.version, one.roundSeconds, [1, 2, 3, 4, 5].map((level) =>
        Array.from({ length: one.roundSeconds * 10 + 50 }, (_, n) => one.bound(level, n / 10)))]))
    """
    for game, version, round_s, by_level in json.loads(rules.eval(ask)):
        bounds = BOUNDS[game][version]
        assert bounds.round_s == round_s
        for level, points in enumerate(by_level, start=1):
            assert [bounds.most_points(level, n / 10) for n in range(len(points))] == points


def test_there_are_bounds_for_every_game_that_can_be_played() -> None:
    assert set(BOUNDS) == {name for name, game in GAMES.items() if game.playable}


def test_par_is_within_the_bound_of_the_middle_and_the_hardest_above_the_easiest() -> None:
    bounds = BOUNDS["cyber_runner"]["1"]
    assert GAMES["cyber_runner"].par_score <= bounds.most_points(3, 120)
    assert bounds.most_points(EASIEST, 120) < bounds.most_points(HARDEST, 120)
    assert bounds.most_points(HARDEST, 86_400) == bounds.most_points(HARDEST, 120)


@pytest.mark.parametrize("version", ["1", "2", "x"])
def test_what_a_session_leaves_out_is_taken_for_the_most_generous(version: str) -> None:
    most = BOUNDS["cyber_runner"]["1"].most_points(HARDEST, 120)
    assert most_points(session(game_version=version)) == most
    easy = session(game_version=version, metadata={"difficulty": 1})
    assert most_points(easy) == BOUNDS["cyber_runner"]["1"].most_points(1, 120)


def test_a_game_without_rules_has_no_bound() -> None:
    assert most_points(session(game_type="n_back_trail")) is None


@pytest.mark.parametrize(
    ("played", "charge"),
    [
        ({"duration": 120}, 120),
        ({"duration": 60}, 120),
        ({"duration": 60.2, "completed": False}, 61),
        ({"duration": 0, "completed": False}, 1),
        ({"duration": 300.0}, 300),
        ({"duration": 0.5, "game_type": "n_back_trail"}, 1),
    ],
)
def test_a_session_takes_its_play_and_at_least_a_round_where_it_was_completed(
    played: dict[str, Any], charge: int
) -> None:
    assert play_charge_s(session(**played)) == charge
