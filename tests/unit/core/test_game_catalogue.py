from __future__ import annotations

import json

import pytest

from neuroplay.core.entities.game_catalogue import (
    CATALOGUE_FILE,
    GAMES,
    read_catalogue,
)
from neuroplay.core.entities.language import LANGUAGES

ALWAYS = {"id", "version", "levels", "names", "skill", "par_score", "limits", "icon", "playable"}


def test_all_six_games_are_there_and_the_first_can_be_played() -> None:
    assert list(GAMES) == [
        "cyber_runner",
        "signal_stop",
        "memory_pairs",
        "echo_sequence",
        "number_rush",
        "n_back_trail",
    ]
    assert GAMES["cyber_runner"].playable
    assert GAMES["cyber_runner"].par_score == 500


def test_every_game_and_skill_has_a_name_in_every_language() -> None:
    for game in GAMES.values():
        assert set(game.names) == set(game.skill_names) == set(LANGUAGES)
        assert all(game.names.values())
        assert all(game.skill_names.values())
    for language in LANGUAGES:
        assert len({game.names[language] for game in GAMES.values()}) == len(GAMES)


def test_a_round_is_limited_to_900_seconds() -> None:
    assert {game.max_duration_s for game in GAMES.values()} == {900}


def test_the_file_has_the_shape_that_the_pwa_reads() -> None:
    document = json.loads(CATALOGUE_FILE.read_text(encoding="utf-8"))
    assert document["version"] == 1
    assert set(document["languages"]) == set(LANGUAGES)
    for row in document["games"]:
        assert set(row) - {"how", "keys"} == ALWAYS


def test_a_game_that_can_be_played_says_how_in_every_language() -> None:
    for row in json.loads(CATALOGUE_FILE.read_text(encoding="utf-8"))["games"]:
        for words in (row.get("how", {}), row.get("keys", {})):
            assert set(words) == (set(LANGUAGES) if row["playable"] else set())
            assert all(words.values())
        assert set(row["limits"]) == {"max_duration_s", "max_points_per_second"}


def test_a_catalogue_without_a_name_in_one_language_is_refused() -> None:
    document = json.loads(CATALOGUE_FILE.read_text(encoding="utf-8"))
    del document["games"][0]["names"]["es"]
    with pytest.raises(KeyError):
        read_catalogue(json.dumps(document))
