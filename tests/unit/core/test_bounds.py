from __future__ import annotations

import json
from typing import Any

import _quickjs as quickjs
import pytest

from neuroplay.bootstrap import RULES
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.game_versions import VERSIONS, read_versions
from neuroplay.core.rules import bounds
from neuroplay.core.rules.bounds import most_points, play_charge_s
from tests.unit.core.samples import session

FIRST = VERSIONS["cyber_runner"]["1"]

EACH_VERSION = """
JSON.stringify(Object.entries(neuroplayRules.games).map(([key, one]) => [
  key, one.levels, one.inputs, one.roundSeconds,
  Array.from({ length: one.levels[1] - one.levels[0] + 1 }, (_, n) =>
    Array.from({ length: one.roundSeconds * 10 + 50 }, (_, tenth) =>
      one.bound(one.levels[0] + n, tenth / 10)))]))
"""


@pytest.fixture(scope="module")
def rules() -> Any:
    engine = quickjs.Context()
    engine.eval(RULES.read_text(encoding="utf-8"))
    return engine


def test_the_table_says_what_the_built_rules_say_at_every_tenth_of_a_second(rules: Any) -> None:
    built = json.loads(rules.eval(EACH_VERSION))
    assert sorted(key for key, *_ in built) == sorted(
        f"{game}@{version}" for game, versions in VERSIONS.items() for version in versions
    )
    for key, levels, inputs, round_s, by_level in built:
        game, _, version = key.partition("@")
        known = VERSIONS[game][version]
        assert ([*known.levels], known.inputs, known.round_s) == (levels, inputs, round_s)
        for level, points in enumerate(by_level, start=known.levels.lowest):
            found = [known.most_points(level, n / 10) for n in range(len(points))]
            # Nothing rises after the end of the round.
            end = round_s * 10
            assert found == points[:end] + [points[end]] * (len(points) - end)


def test_the_current_version_of_every_game_that_can_be_played_is_known() -> None:
    for name, game in GAMES.items():
        known = VERSIONS.get(name, {}).get(game.version)
        assert known is not None or not game.playable
        assert known is None or known.levels == game.levels


def test_par_is_within_the_bound_of_the_hardest_level() -> None:
    for name, versions in VERSIONS.items():
        known = versions[GAMES[name].version]
        assert GAMES[name].par_score <= known.most_points(known.levels.highest, known.round_s)


def test_the_bound_rises_with_the_level_and_ends_with_the_round() -> None:
    assert FIRST.most_points(1, 120) < FIRST.most_points(5, 120)
    assert FIRST.most_points(5, 86_400) == FIRST.most_points(5, 120)


def test_what_a_session_leaves_out_is_taken_for_the_most_generous() -> None:
    assert most_points(session(game_version="1")) == FIRST.most_points(5, 120)
    easy = session(game_version="1", metadata={"difficulty": 1})
    assert most_points(easy) == FIRST.most_points(1, 120)
    # Of rules that are not known, a level says nothing, and the best of all versions is taken.
    every = VERSIONS["cyber_runner"].values()
    most = max(one.most_points(one.levels.highest, 120) for one in every)
    assert most_points(session(game_version="not known")) == most
    assert most_points(session(game_version="not known", metadata={"difficulty": 1})) == most


def test_levels_may_share_their_bound() -> None:
    one = {"levels": [0, 2], "rises_at_tenths": [10, 20], "points": [3, 9]}
    two = {"levels": [3, 3], "rises_at_tenths": [5], "points": [4]}
    row = {"levels": [0, 3], "inputs": 3, "round_s": 60, "groups": [one, two]}
    known = read_versions(json.dumps({"game": {"2": row}}))["game"]["2"]
    assert [known.most_points(level, 1) for level in range(4)] == [3, 3, 3, 4]
    assert [known.most_points(level, 2) for level in range(4)] == [9, 9, 9, 4]
    assert known.most_points(0, 0.9) == 0


def test_a_game_without_rules_has_no_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "VERSIONS", {})
    played = session(game_version="of a game without rules", duration=0.5)
    assert most_points(played) is None
    assert play_charge_s(played) == bounds.SHORTEST_CHARGE_S


@pytest.mark.parametrize(
    ("played", "charge"),
    [
        ({"duration": 120}, 120),
        ({"duration": 60}, 120),
        ({"duration": 60.2, "completed": False}, 61),
        ({"duration": 0, "completed": False}, 1),
        ({"duration": 300.0}, 300),
    ],
)
def test_a_session_takes_its_play_and_at_least_a_round_where_it_was_completed(
    played: dict[str, Any], charge: int
) -> None:
    assert play_charge_s(session(**played)) == charge
