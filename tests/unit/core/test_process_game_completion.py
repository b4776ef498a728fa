from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuroplay.core.entities.achievement import ACHIEVEMENTS
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.play_days import PlayDays
from neuroplay.core.entities.student import Progress
from neuroplay.core.errors import InvalidSession, NotFound
from neuroplay.core.rules.achievements import STREAKS, earned_by_session
from neuroplay.core.rules.xp import level_for
from tests.fakes.services import NOON
from tests.unit.core.samples import SEED_EXAMPLE, School, record, session


def played(number: int, **changes: Any) -> GameSession:
    ended = changes.pop("ended_at", NOON + timedelta(minutes=number))
    started = ended - timedelta(seconds=120)
    return session(
        session_id=UUID(int=number + 1),
        started_at=started,
        ended_at=ended,
        **{"score": 100, "accuracy": 0.6, **changes},
    )


def test_the_seed_example_holds_to_the_number() -> None:
    result = School().process(SEED_EXAMPLE)
    feedback = result.pop("feedback")
    assert result == {
        "xp_gained": 650,
        "bonus_xp": 200,
        "total_xp": 850,
        "level": 5,
        "leveled_up": True,
        "new_achievements": ["speed_demon", "perfect_score"],
        "performance_rating": "excellent",
    }
    assert feedback == {"step": "same", "difficulty": 1}


def test_a_session_and_its_fields_are_the_same_to_it() -> None:
    assert School().process(GameSession(**SEED_EXAMPLE)) == School().process(SEED_EXAMPLE)


def test_a_wire_record_is_understood_too() -> None:
    school = School()
    result = school.process({**record(), "student_id": school.ana, "anything": "else"})
    assert result["xp_gained"] == 300 + 50 + 50
    assert school.student().progress.play_days == {(NOON - timedelta(days=1)).date()}


def test_a_session_counts_once_however_often_it_comes() -> None:
    school = School()
    school.process(SEED_EXAMPLE)
    again = school.process(SEED_EXAMPLE)
    assert again["xp_gained"] == again["bonus_xp"] == 0
    assert again["total_xp"] == 850
    assert again["leveled_up"] is False
    assert again["new_achievements"] == []
    assert school.student().progress.sessions == 1


def test_a_badge_is_unlocked_and_paid_once() -> None:
    school = School()
    school.process(SEED_EXAMPLE)
    second = school.process({**SEED_EXAMPLE, "session_id": "uuid-124"})
    assert second["bonus_xp"] == 0
    assert second["total_xp"] == 850 + 650
    assert second["new_achievements"] == []


def test_small_steps_do_not_always_reach_a_new_level() -> None:
    school = School()
    school.process(SEED_EXAMPLE)
    poor = school.process(
        {
            **SEED_EXAMPLE,
            "session_id": "uuid-124",
            "score": 0,
            "accuracy": 0.1,
            "completed": False,
        }
    )
    assert poor["leveled_up"] is False
    assert poor["level"] == 5


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"student_id": 99}, NotFound),
        ({"score": -1}, InvalidSession),
        ({"score": 9999}, InvalidSession),
        ({"game_type": "chess"}, InvalidSession),
        ({"session_id": None}, InvalidSession),
    ],
)
def test_what_cannot_be_counted_changes_nothing(
    changes: dict[str, Any], error: type[Exception]
) -> None:
    school = School()
    with pytest.raises(error):
        school.process({**SEED_EXAMPLE, **changes})
    assert school.store.tables.sessions == {}
    assert school.student().progress == Progress()


def test_a_missing_field_is_named() -> None:
    school = School()
    without = {name: value for name, value in SEED_EXAMPLE.items() if name != "accuracy"}
    with pytest.raises(InvalidSession) as found:
        school.process(without)
    assert (found.value.code, found.value.field) == ("missing", "accuracy")


def test_the_day_is_the_students_own() -> None:
    school = School()
    late = NOON.replace(hour=1)
    school.process(played(1, ended_at=late, utc_offset_minutes=-180))
    assert school.student().progress.play_days == {late.date() - timedelta(days=1)}


def test_the_difficulty_is_that_of_the_latest_session_whenever_it_arrives() -> None:
    school = School()
    school.process(played(2, metadata={"difficulty": 4}))
    school.process(played(1, metadata={"difficulty": 2}))
    game = school.student().progress.games["cyber_runner"]
    assert (game.plays, game.difficulty, game.last_ended_at) == (2, 4, NOON + timedelta(minutes=2))


def test_a_badge_of_one_session_is_dated_by_the_earliest_that_earned_it() -> None:
    school = School()
    for number in (5, 3, 8):
        school.process(played(number, score=500))
    assert school.student().progress.achievements["perfect_score"] == NOON + timedelta(minutes=3)


def test_fifty_sessions_over_thirty_days_of_all_games_unlock_everything() -> None:
    school = School()
    games = list(GAMES)
    for number in range(50):
        school.process(
            played(
                number,
                game_type=games[number % 6],
                score=500,
                accuracy=0.9,
                metadata={"difficulty": 5},
                ended_at=NOON + timedelta(days=number % 30),
            )
        )
    progress = school.student().progress
    assert set(progress.achievements) == set(ACHIEVEMENTS)
    assert progress.xp == 50 * 650 + 9 * 100


class Counted(PlayDays):
    """Counts how many days are made a date."""

    made = 0

    def _day(self, place: int) -> date:
        Counted.made += 1
        return super()._day(place)


def test_years_of_play_make_a_session_no_slower() -> None:
    school = School()
    days = Counted(NOON.date() - timedelta(days=number) for number in range(5 * 365))
    with school.store() as uow:
        student = school.student()
        uow.students.restate(replace(student, progress=replace(student.progress, play_days=days)))
        uow.commit()
    Counted.made = 0
    school.process(played(0))
    school.process(played(1, ended_at=NOON + timedelta(days=1)))
    assert 0 < Counted.made < 100


SESSIONS = st.lists(
    st.fixed_dictionaries(
        {
            "game_type": st.sampled_from(list(GAMES)),
            "score": st.sampled_from([0, 100, 239, 240, 400, 480, 500]),
            "accuracy": st.sampled_from([0.0, 0.5, 0.7, 0.85, 1.0]),
            "completed": st.booleans(),
            "metadata": st.fixed_dictionaries({"difficulty": st.integers(1, 5)}),
            "ended_at": st.integers(0, 12 * 24).map(lambda hours: NOON + timedelta(hours=hours)),
            "utc_offset_minutes": st.sampled_from([-180, 0, 540]),
        }
    ),
    max_size=14,
)


def process_all(sessions: list[GameSession]) -> tuple[Progress, list[int]]:
    school, levels = School(), []
    for one in sessions:
        levels.append(school.process(one)["level"])
    return school.student().progress, levels


def as_sessions(drawn: list[dict[str, Any]]) -> list[GameSession]:
    return [played(number, **changes) for number, changes in enumerate(drawn)]


@settings(max_examples=60, deadline=None)
@given(st.data(), SESSIONS)
def test_the_order_of_arrival_never_changes_what_a_student_reached(
    data: st.DataObject, drawn: list[dict[str, Any]]
) -> None:
    sessions = as_sessions(drawn)
    one, _ = process_all(sessions)
    other, _ = process_all(data.draw(st.permutations(sessions)))
    assert other.xp == one.xp
    assert level_for(other.xp) == level_for(one.xp)
    assert set(other.achievements) == set(one.achievements)
    single = {"speed_demon", "perfect_score"}
    assert {k: v for k, v in other.achievements.items() if k in single} == {
        k: v for k, v in one.achievements.items() if k in single
    }
    assert (other.games, other.play_days, other.sessions) == (
        one.games,
        one.play_days,
        one.sessions,
    )


@settings(max_examples=40, deadline=None)
@given(st.data(), SESSIONS)
def test_sending_twice_never_counts_twice(data: st.DataObject, drawn: list[dict[str, Any]]) -> None:
    sessions = as_sessions(drawn)
    again = data.draw(st.lists(st.sampled_from(sessions))) if sessions else []
    assert process_all(sessions + again)[0] == process_all(sessions)[0]


@settings(max_examples=40, deadline=None)
@given(SESSIONS)
def test_a_level_never_falls(drawn: list[dict[str, Any]]) -> None:
    _, levels = process_all(as_sessions(drawn))
    assert levels == sorted(levels)


@settings(max_examples=40, deadline=None)
@given(SESSIONS)
def test_badges_are_what_the_set_of_sessions_earns(drawn: list[dict[str, Any]]) -> None:
    sessions = as_sessions(drawn)
    progress, _ = process_all(sessions)
    expected = {name for one in sessions for name in earned_by_session(one)}
    days = progress.play_days
    for name, needed in STREAKS.items():
        if any(all(day + timedelta(days=n) in days for n in range(needed)) for day in days):
            expected.add(name)
    if {one.game_type for one in sessions} == set(GAMES):
        expected.add("explorer")
    if sum(one.get_performance_rating() == "excellent" for one in sessions) >= 10:
        expected.add("sharp_mind")
    if len(sessions) >= 2 and any(one.lanterns == 5 for one in sessions):
        expected.add("climber")
    assert set(progress.achievements) == expected
