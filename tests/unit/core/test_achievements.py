from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.student import GameProgress, Progress
from neuroplay.core.rules.achievements import (
    ACHIEVEMENTS,
    earned_by_progress,
    earned_by_session,
    run_ending_on,
    run_through,
)
from tests.unit.core.samples import session

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def days(*offsets: int) -> frozenset[date]:
    return frozenset(DAY + timedelta(days=offset) for offset in offsets)


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
    ("played", "new_day", "earned"),
    [
        (days(0), DAY, []),
        (days(0, 1), DAY, []),
        (days(-2, -1, 0), DAY, ["streak_3"]),
        (days(-1, 0, 1), DAY, ["streak_3"]),
        (days(*range(7)), DAY + timedelta(days=3), ["streak_3", "streak_7"]),
        (days(*range(30)), DAY, ["streak_3", "streak_7", "streak_30"]),
        (days(-3, -2, 0, 1), DAY, []),
        (days(-2, -1, 0), None, []),
    ],
)
def test_streaks_are_runs_of_days_whichever_day_came_last(
    played: frozenset[date], new_day: date | None, earned: list[str]
) -> None:
    assert earned_by_progress(Progress(play_days=played), new_day=new_day) == earned


def test_what_counting_earns() -> None:
    all_games = {name: GameProgress(game_type=name, plays=1) for name in GAMES}
    five = dict(list(all_games.items())[:5])
    assert earned_by_progress(Progress(games=all_games), new_day=None) == ["explorer"]
    assert earned_by_progress(Progress(games=five), new_day=None) == []
    assert earned_by_progress(Progress(sessions=50), new_day=None) == ["marathon"]
    assert earned_by_progress(Progress(sessions=49), new_day=None) == []
    assert earned_by_progress(Progress(excellent_sessions=10), new_day=None) == ["sharp_mind"]
    climbed = Progress(top_difficulty=5, sessions=2)
    assert earned_by_progress(climbed, new_day=None) == ["climber"]


def test_a_first_session_earns_none_of_the_badges_that_take_time() -> None:
    first = Progress(
        sessions=1, excellent_sessions=1, top_difficulty=5, play_days=days(0),
        games={"cyber_runner": GameProgress(game_type="cyber_runner", plays=1)},
    )
    assert earned_by_progress(first, new_day=DAY) == []


def test_runs_are_counted_to_a_day_and_through_it() -> None:
    played = days(-2, -1, 0, 1, 4)
    assert run_ending_on(DAY, played) == 3
    assert run_through(DAY, played) == 4
    assert run_ending_on(DAY + timedelta(days=3), played) == 0
    assert run_through(date.max, frozenset({date.max})) == 1
    assert run_ending_on(date.min, frozenset({date.min})) == 1


def test_every_badge_has_its_place_in_the_list() -> None:
    assert ACHIEVEMENTS == (
        "speed_demon", "perfect_score", "streak_3", "streak_7", "streak_30", "explorer",
        "marathon", "sharp_mind", "climber",
    )
