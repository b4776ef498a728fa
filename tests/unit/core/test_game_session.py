from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.errors import InvalidSession
from tests.unit.core.samples import SEED_EXAMPLE, session

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


def test_the_seed_example_is_valid_and_excellent() -> None:
    played = GameSession(**SEED_EXAMPLE)
    assert played.is_valid_score()
    assert played.calculate_difficulty_level() in range(1, 6)
    assert played.get_performance_rating() == "excellent"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("score", -1, "negative"),
        ("score", True, "wrong_type"),
        ("score", "500", "wrong_type"),
        ("score", 1.5, "wrong_type"),
        ("score", None, "wrong_type"),
        ("score", 10**400, "out_of_range"),
        ("duration", -0.5, "negative"),
        ("duration", math.nan, "not_finite"),
        ("duration", math.inf, "not_finite"),
        ("duration", False, "wrong_type"),
        ("duration", 1e300, "out_of_range"),
        ("duration", 10**400, "out_of_range"),
        ("accuracy", -0.1, "negative"),
        ("accuracy", 1.01, "out_of_range"),
        ("accuracy", math.nan, "not_finite"),
        ("accuracy", -math.inf, "not_finite"),
        ("accuracy", "0.85", "wrong_type"),
        ("completed", 1, "wrong_type"),
        ("completed", "true", "wrong_type"),
        ("game_type", "chess", "unknown_game"),
        ("game_type", ["cyber_runner"], "wrong_type"),
        ("game_type", "\ud800", "unknown_game"),
        ("game_version", "", "empty"),
        ("game_version", "9" * 33, "too_long"),
        ("game_version", 1, "wrong_type"),
        ("session_id", "", "empty"),
        ("session_id", "x" * 65, "too_long"),
        ("session_id", 7, "wrong_type"),
        ("student_id", 0, "out_of_range"),
        ("student_id", -3, "negative"),
        ("student_id", True, "wrong_type"),
        ("metadata", [], "wrong_type"),
        ("metadata", {"difficulty": 100}, "out_of_range"),
        ("metadata", {"difficulty": -1}, "out_of_range"),
        ("metadata", {"difficulty": "2"}, "wrong_type"),
        ("metadata", {"difficulty": True}, "wrong_type"),
        ("started_at", datetime(2026, 1, 1), "naive_time"),  # noqa: DTZ001 - that is the fault
        ("ended_at", "2026-01-01", "wrong_type"),
        ("utc_offset_minutes", 1000, "out_of_range"),
        ("utc_offset_minutes", -180.5, "wrong_type"),
    ],
)
def test_what_cannot_be_true_names_code_and_field(field: str, value: Any, code: str) -> None:
    with pytest.raises(InvalidSession) as found:
        session(**{field: value})
    assert found.value.code == code
    assert found.value.field.partition(".")[0] == field
    assert found.value.message


def test_a_session_cannot_end_before_it_starts() -> None:
    with pytest.raises(InvalidSession) as found:
        session(started_at=NOW, ended_at=NOW.replace(hour=13))
    assert (found.value.code, found.value.field) == ("ended_before_started", "ended_at")


def test_more_points_than_the_game_can_give_are_no_valid_score() -> None:
    assert session(score=3000, duration=120).is_valid_score()
    assert not session(score=3001, duration=120).is_valid_score()
    assert not session(score=1, duration=0).is_valid_score()
    assert session(score=0, duration=0, completed=False).is_valid_score()


def test_time_beyond_a_round_gives_no_more_points() -> None:
    assert session(score=22_500, duration=900).is_valid_score()
    assert not session(score=22_501, duration=80_000).is_valid_score()


@given(
    game_type=st.sampled_from(sorted(GAMES)),
    accuracy=st.floats(0, 1),
    completed=st.booleans(),
    difficulty=st.one_of(st.none(), st.integers(1, 5)),
)
def test_the_difficulty_level_is_one_of_the_games_and_one_step_at_most_away(
    game_type: str, accuracy: float, completed: bool, difficulty: int | None
) -> None:
    played = session(
        game_type=game_type,
        accuracy=accuracy,
        completed=completed,
        metadata={"difficulty": difficulty},
    )
    assert played.calculate_difficulty_level() in GAMES[game_type].levels
    assert abs(played.calculate_difficulty_level() - (difficulty or 1)) <= 1


def test_a_hard_round_suggests_an_easier_one_and_an_easy_round_a_harder_one() -> None:
    at_three = {"difficulty": 3}
    assert session(metadata=at_three, accuracy=0.9).calculate_difficulty_level() == 4
    assert session(metadata=at_three, accuracy=0.8).calculate_difficulty_level() == 3
    assert session(metadata=at_three, accuracy=0.5).calculate_difficulty_level() == 2


def test_the_next_level_is_what_the_game_chose_among_its_levels() -> None:
    def chose(chosen: object, **changes: Any) -> int:
        levels = {"difficulty": 3, "next_difficulty": chosen}
        return session(metadata=levels, **changes).next_difficulty

    assert [chose(level) for level in (1, 5)] == [1, 5]
    assert [chose(junk) for junk in (0, 6, -1, None, "5", 5.0, True, [5])] == [3] * 8
    assert chose(20, game_type="memory_pairs", game_version="x") == 20
    assert session(metadata={}).next_difficulty == 1


@pytest.mark.parametrize("version", ["2", "not known"])
def test_lanterns_show_a_level_among_those_of_the_game(version: str) -> None:
    def lanterns(level: int, **changes: Any) -> int:
        told = {"game_version": version, **changes}
        return session(metadata={"difficulty": level}, **told).lanterns

    assert [lanterns(level) for level in range(8)] == [1, 1, 2, 2, 3, 4, 4, 5]
    assert [lanterns(level, game_version="1") for level in range(1, 6)] == [1, 2, 3, 4, 5]
    assert [lanterns(level, game_type="memory_pairs") for level in (1, 4, 5, 20)] == [1, 1, 2, 5]
    assert lanterns(99) == 5


def test_without_its_answers_a_round_that_was_left_says_too_little() -> None:
    left = session(metadata={"difficulty": 3}, accuracy=0.1, completed=False)
    assert left.calculate_difficulty_level() == 3
    junk = session(metadata={"difficulty": 3, "stimuli": "junk"}, accuracy=0.1, completed=False)
    assert junk.feedback() == {"step": "unfinished", "difficulty": 3}
