from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from neuroplay.core.entities.achievement import ACHIEVEMENTS, ACHIEVEMENTS_FILE, read_achievements
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.language import LANGUAGES
from neuroplay.core.rules.achievements import (
    MARATHON_SESSIONS,
    SHARP_MIND_SESSIONS,
    earned_by_history,
    earned_by_session,
    lived_days,
)
from tests.unit.core.samples import session

DAY = date(2026, 11, 20)


def days(*offsets: int) -> frozenset[date]:
    return frozenset(DAY + timedelta(days=offset) for offset in offsets)


def earned_by(**history: Any) -> list[str]:
    return earned_by_history(
        **{
            "sessions": 0,
            "excellent_sessions": 0,
            "top_difficulty": 1,
            "games": set(),
            "streak": 0,
            **history,
        }
    )


@pytest.mark.parametrize(
    ("changes", "earned"),
    [
        ({}, ["speed_demon", "perfect_score"]),
        ({"score": 480}, ["speed_demon"]),
        ({"score": 479}, []),
        ({"completed": False}, ["perfect_score"]),
        ({"duration": 59.9, "score": 400}, []),
        ({"duration": 60, "score": 240}, ["speed_demon"]),
        ({"duration": 300}, ["perfect_score"]),
        ({"game_type": "signal_stop", "score": 400, "duration": 180}, ["perfect_score"]),
    ],
)
def test_what_one_session_earns(changes: dict[str, object], earned: list[str]) -> None:
    assert earned_by_session(session(**changes)) == earned


@pytest.mark.parametrize(
    ("streak", "earned"),
    [
        (2, []),
        (3, ["streak_3"]),
        (7, ["streak_3", "streak_7"]),
        (30, ["streak_3", "streak_7", "streak_30"]),
    ],
)
def test_streaks_are_days_in_a_row(streak: int, earned: list[str]) -> None:
    assert earned_by(streak=streak) == earned


@pytest.mark.parametrize(
    ("run", "hours", "lived"),
    [
        (1, 0, 1),
        (2, 0, 2),
        (3, 0, 2),
        (3, 11, 2),
        (3, 12, 3),
        (3, 24, 3),
        (7, 108, 7),
        (7, 107, 6),
    ],
)
def test_a_run_of_days_takes_the_days_between_less_a_flight(
    run: int, hours: int, lived: int
) -> None:
    assert lived_days(run, timedelta(hours=hours)) == lived


def test_what_counting_earns() -> None:
    assert earned_by(games=set(GAMES)) == ["explorer"]
    assert earned_by(games=set(GAMES) - {"cyber_runner"}) == []
    assert earned_by(sessions=50) == ["marathon"]
    assert earned_by(sessions=49) == []
    assert earned_by(excellent_sessions=10) == ["sharp_mind"]
    assert earned_by(top_difficulty=5, sessions=2) == ["climber"]


def test_a_first_session_earns_none_of_the_badges_that_take_time() -> None:
    assert (
        earned_by(
            sessions=1,
            excellent_sessions=1,
            top_difficulty=5,
            streak=1,
            games={"cyber_runner"},
        )
        == []
    )


def test_every_badge_that_the_rules_award_is_in_the_table_and_no_other() -> None:
    of_a_session = earned_by_session(
        session(score=GAMES["cyber_runner"].par_score, duration=60, completed=True)
    )
    of_all = earned_by_history(
        sessions=MARATHON_SESSIONS,
        excellent_sessions=SHARP_MIND_SESSIONS,
        top_difficulty=5,
        games=GAMES.keys(),
        streak=30,
    )
    assert sorted(ACHIEVEMENTS) == sorted(of_a_session + of_all)


def test_every_badge_says_in_every_language_what_it_is_and_how_it_is_earned() -> None:
    for row in json.loads(ACHIEVEMENTS_FILE.read_text(encoding="utf-8"))["achievements"]:
        for words in (row["names"], row["how"]):
            assert set(words) == set(LANGUAGES)
            assert all(words.values())


def test_a_table_that_names_a_badge_twice_is_broken() -> None:
    with pytest.raises(ValueError, match="twice"):
        read_achievements('{"achievements": [{"id": "a"}, {"id": "a"}]}')
