from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadprofiles.play import games
from loadprofiles.play.games import (
    GAMES,
    TRACED,
    Game,
    Player,
    left_early,
    played,
    read_games,
    wire_time,
)
from loadprofiles.profiles import PROFILES, Profile
from neuroplay.bootstrap import RULES
from neuroplay.core.entities.game_catalogue import GAMES as CATALOGUE
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.game_versions import VERSIONS
from neuroplay.core.rules.plausibility import check_possible, doubts
from neuroplay.core.rules.session_record import read_session
from neuroplay.core.use_cases.inspect_sync import CheckSessions
from neuroplay.core.use_cases.verify_sessions import judge_by_trace
from neuroplay.infra.verifier.quickjs_ng import QuickJsVerifier
from tests.fakes.services import NOON

NOW = NOON.timestamp()
SEED = st.integers(0, 2**63)


@pytest.fixture(scope="module")
def verifier() -> Iterator[QuickJsVerifier]:
    made = QuickJsVerifier(RULES)
    yield made
    made.close()


def player(seed: int, *, games_ahead: int = 1000) -> Player:
    return Player(Random(seed), games_ahead=games_ahead, now=lambda: NOW)


def finished(playing: Player) -> dict[str, Any]:
    """The record of one more game."""
    return dict(json.loads(playing.finish_a_game().record))


def sent(record: dict[str, Any]) -> dict[str, Any]:
    """The record as it is after its way over the wire."""
    return dict(json.loads(json.dumps(record)))


def as_session(record: dict[str, Any]) -> GameSession:
    return read_session(record, 1)


each_game = pytest.mark.parametrize("game", GAMES, ids=lambda game: game.game_type)


@each_game
@pytest.mark.parametrize("seed", range(60))
def test_each_round_that_was_left_early_ends_by_the_rules_as_it_says(
    verifier: QuickJsVerifier, game: Game, seed: int
) -> None:
    record = {**finished(player(seed)), **left_early(Random(seed), game)}
    [found] = CheckSessions(verifier=verifier).execute([sent(record)])
    assert (found.verdict, found.reasons) == ("verified", ())


@each_game
def test_a_round_with_another_result_would_be_noticed(
    verifier: QuickJsVerifier, game: Game
) -> None:
    record = {**finished(player(1)), **left_early(Random(1), game), "score": 1}
    assert judge_by_trace(as_session(sent(record)), verifier)[0] == "mismatch"


def test_only_games_that_can_be_played_are_played() -> None:
    assert [game.game_type for game in GAMES] == [
        name for name, game in CATALOGUE.items() if game.playable
    ]


def test_a_game_is_played_as_soon_as_the_catalogue_says_that_it_can_be() -> None:
    catalogue = {"games": [{"id": "a", "version": "2", "playable": True}]}
    catalogue["games"].append({"id": "b", "version": "1", "playable": False})
    group = {"levels": [0, 2], "rises_at_tenths": [40, 600], "points": [10, 20]}
    known = {"levels": [0, 2], "inputs": 0b10101, "round_s": 90, "groups": [group]}
    [game] = read_games(catalogue, {"a": {"1": {}, "2": known}})
    assert (game.game_type, game.version, game.levels) == ("a", "2", (0, 2))
    assert (list(game.keys), game.round_s) == ([1, 4, 16], 90)
    assert [game.most_points(level, 60) for level in range(3)] == [20] * 3
    assert {left_early(Random(n), game)["duration"] for n in range(99)} <= {
        tenth / 10 for tenth in range(19, 40)
    }


@each_game
def test_no_game_has_more_points_than_the_rules_can_give(game: Game) -> None:
    known = VERSIONS[game.game_type][game.version]
    levels = set()
    for seed in range(500):
        round_ = played(Random(seed), game)
        level = round_["metadata"]["difficulty"]
        levels.add(level)
        assert 0 <= round_["score"] <= known.most_points(level, round_["duration"])
    assert levels == {*range(known.levels.lowest, known.levels.highest + 1)}


@pytest.mark.parametrize("hundred", range(50))
def test_each_of_many_thousand_games_is_plausible(hundred: int) -> None:
    for seed in range(hundred * 100, hundred * 100 + 100):
        record = finished(player(seed))
        session = as_session(sent(record))
        check_possible(session)
        assert doubts(session) == [], record


@settings(max_examples=40)
@given(seed=SEED, games_ahead=st.integers(1, 10_000))
def test_a_students_whole_history_is_never_doubted(seed: int, games_ahead: int) -> None:
    playing = player(seed, games_ahead=games_ahead)
    records = [finished(playing) | {"student_id": 5} for _ in range(min(games_ahead, 150))]
    for found in CheckSessions().execute(records):
        assert (found.verdict, found.reasons) == ("plausible", ())
    # In whatever order the batches come.
    Random(seed).shuffle(records)
    assert all(found.verdict == "plausible" for found in CheckSessions().execute(records))


@settings(max_examples=40)
@given(seed=SEED, games_ahead=st.integers(1, 150))
def test_games_lie_one_after_the_other_in_the_past(seed: int, games_ahead: int) -> None:
    playing = player(seed, games_ahead=games_ahead)
    sessions = [as_session(finished(playing)) for _ in range(games_ahead)]
    before = None
    for one in sessions:
        assert one.started_at is not None
        assert one.ended_at is not None
        assert (one.ended_at - one.started_at).total_seconds() >= one.duration
        assert before is None or one.started_at >= before
        assert one.ended_at < NOON - timedelta(hours=12)
        before = one.ended_at
    assert len({one.session_id for one in sessions}) == len(sessions)


@given(seed=SEED, games_ahead=st.integers(0, 10**9))
def test_however_many_games_lie_ahead_their_times_are_within_a_clock(
    seed: int, games_ahead: int
) -> None:
    record = finished(player(seed, games_ahead=games_ahead))
    assert "1970-01-01" <= record["started_at"] < record["ended_at"]
    as_session(record)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_two_runs_with_the_same_students_hardly_meet(profile: Profile) -> None:
    games_of_a_run = round(
        profile.run_time_s
        / (sum(profile.think_s) / 2)
        * (1 + profile.turns["backlog"] * sum(profile.backlog) / 2)
    )
    meeting = 2 * games_of_a_run * 150 / games.YEARS_S
    assert meeting < (0.001 if profile.name != "soak" else 0.05)


def test_games_with_a_trace_come_as_often_as_they_should() -> None:
    playing = player(1)
    records = [finished(playing) for _ in range(6000)]
    traced = sum("trace" in one["metadata"] for one in records)
    assert traced == pytest.approx(6000 * TRACED, rel=0.3)
    assert {one["completed"] for one in records} == {True, False}


def test_two_students_never_send_the_same_session() -> None:
    made = [player(seed).finish_a_game() for seed in range(500)]
    ids = [UUID(one.session_id) for one in made]
    assert len(set(ids)) == 500
    assert {(one.version, one.variant) for one in ids} == {(4, RFC_4122)}
    for one, its_id in zip(made, ids, strict=True):
        record = json.loads(one.record)
        assert (one.session_id, one.ended_at) == (record["session_id"], record["ended_at"])
        assert one.session_id == str(its_id)


@given(moment=st.integers(0, 4_000_000_000))
def test_a_time_on_the_wire_is_that_second_in_utc(moment: int) -> None:
    session = as_session(
        {
            **finished(player(0)),
            "started_at": wire_time(moment),
            "ended_at": wire_time(moment),
        }
    )
    assert session.started_at is not None
    assert session.started_at.timestamp() == moment
