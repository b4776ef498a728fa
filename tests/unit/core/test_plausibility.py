from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid5

import pytest

from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.errors import InvalidSession
from neuroplay.core.rules import plausibility
from neuroplay.core.rules.bounds import most_points
from neuroplay.core.rules.neighbours import Neighbours
from neuroplay.core.rules.plausibility import (
    check_possible,
    doubts,
    has_telling_trace,
    trace_hash,
)
from neuroplay.core.rules.session_record import read_session
from neuroplay.core.use_cases.inspect_sync import CheckSessions
from tests.builders import DEVICE
from tests.fakes.services import NOON
from tests.unit.core.samples import record, session

REAL_PEOPLE = Path(__file__).parents[4] / "shared" / "realdata" / "human-sessions.jsonl.gz"
NEAREST_GAME = {
    "arithmetic": "number_rush",
    "arithmetic_compare": "number_rush",
    "nback": "n_back_trail",
    "stop_signal": "signal_stop",
}


def verdict(*records: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(v.verdict, list(v.reasons)) for v in CheckSessions().execute(records)]


TRACE = [n * 10 if n % 2 == 0 else 1 for n in range(80)]
STEADY = [350] * 30

CHEATS: list[tuple[str, dict[str, Any]]] = [
    ("a negative score", {"score": -5}),
    ("negative play", {"duration": -120}),
    ("a million points", {"score": 1_000_000}),
    ("more points than fit into the time", {"score": 3001, "duration": 120}),
    ("points in no time", {"score": 10, "duration": 0, "completed": False}),
    ("an hour-long round for its points", {"score": 80_000, "duration": 3600}),
    ("an hour-long round", {"score": 500, "duration": 3600}),
    ("a day of play in one round", {"score": 500, "duration": 86_000}),
    ("an end before the start", {"ended_at": "2026-11-01T10:00:00Z"}),
    ("more than every answer right", {"accuracy": 1.2}),
    ("a completed round of one second", {"duration": 1, "score": 20}),
    (
        "fifteen minutes of play in ten seconds",
        {
            "duration": 900,
            "score": 20_000,
            "started_at": "2026-11-24T12:00:00Z",
            "ended_at": "2026-11-24T12:00:10Z",
        },
    ),
    ("answers before the questions", {"metadata": {"reaction_times_ms": [-20, 400, 380]}}),
    ("answers faster than nerves", {"metadata": {"reaction_times_ms": [40, 60, 50] * 10}}),
    ("a metronome's answers", {"metadata": {"reaction_times_ms": STEADY}}),
    (
        "thousands of answers",
        {
            "duration": 60,
            "metadata": {"reaction_times_ms": [300, 310] * 1000},
        },
    ),
    (
        "another accuracy than its own trials",
        {
            "accuracy": 1.0,
            "metadata": {"seed": 7, "trace": TRACE, "trials": 40, "correct": 12},
        },
    ),
    ("a game that does not exist", {"game_type": "free_xp"}),
]


@pytest.mark.parametrize("changes", [c for _, c in CHEATS], ids=[name for name, _ in CHEATS])
def test_a_cheat_is_held_or_invalid(changes: dict[str, Any]) -> None:
    [(found, reasons)] = verdict(record(**changes))
    assert found in ("held", "invalid")
    assert reasons


def test_the_cheats_of_one_session_under_two_ids() -> None:
    first = record(1, metadata={"seed": 7, "trace": TRACE})
    again = record(9, metadata={"seed": 7, "trace": TRACE})
    assert verdict(first, again) == [("plausible", []), ("held", ["copied_trace"])]


def test_playing_twice_at_once_holds_the_one_that_came_later() -> None:
    twin = {**record(1), "session_id": record(2)["session_id"]}
    found = verdict({**record(1), "student_id": 3}, {**twin, "student_id": 3})
    assert found == [("plausible", []), ("held", ["overlapping_play"])]
    assert (
        verdict({**record(1), "student_id": 3}, {**twin, "student_id": 4})
        == [("plausible", [])] * 2
    )


FAIR: list[tuple[str, dict[str, Any]]] = [
    ("a perfect round", {"accuracy": 1.0, "score": 600}),
    ("a very bad round", {"accuracy": 0.0, "score": 0}),
    ("leaving at once", {"duration": 0, "score": 0, "accuracy": 0, "completed": False}),
    ("one lucky fast answer", {"metadata": {"reaction_times_ms": [38, *range(300, 340)]}}),
    ("trials without an answer", {"metadata": {"reaction_times_ms": [None] * 40}}),
    ("four answers alike", {"metadata": {"reaction_times_ms": [400] * 4}}),
    ("a round paused over night", {"started_at": "2026-11-23T12:00:00Z"}),
    ("a trace that is missing", {"metadata": {"trials": 40, "correct": 2}}),
    ("reaction times in another shape", {"metadata": {"reaction_times_ms": {"mean": 400}}}),
    (
        "a clock that was set by seconds during play",
        {
            "duration": 120,
            "started_at": "2026-11-24T12:00:00Z",
            "ended_at": "2026-11-24T12:01:52Z",
        },
    ),
    (
        "a tablet whose battery was flat",
        {
            "started_at": "1970-01-01T00:00:05Z",
            "ended_at": "1970-01-01T00:02:05Z",
        },
    ),
]


@pytest.mark.parametrize("changes", [c for _, c in FAIR], ids=[name for name, _ in FAIR])
def test_odd_but_fair_play_is_plausible(changes: dict[str, Any]) -> None:
    assert verdict(record(**changes)) == [("plausible", [])]


def test_a_month_of_offline_play_is_plausible_however_dense() -> None:
    rounds = [
        {**record(n, ended=NOON + timedelta(minutes=2 * n)), "student_id": 1} for n in range(300)
    ]
    assert {found for found, _ in verdict(*rounds)} == {"plausible"}


def test_clocks_of_two_tablets_may_differ_by_some_seconds() -> None:
    neighbours = Neighbours()
    first = read_session(record(1, ended=NOON), 1)
    neighbours.add(first)
    late = read_session(record(2, ended=NOON + timedelta(seconds=75)), 1)
    assert neighbours.doubts(late) == []
    later = read_session(record(3, ended=NOON + timedelta(seconds=30)), 1)
    assert neighbours.doubts(later) == ["overlapping_play"]


def test_a_paused_round_leaves_room_for_another_inside_it() -> None:
    neighbours = Neighbours()
    paused = record(1, ended=NOON, started_at="2026-11-25T11:00:00Z")
    neighbours.add(read_session(paused, 1))
    inside = read_session(record(2, ended=NOON - timedelta(minutes=20)), 1)
    assert neighbours.doubts(inside) == []
    neighbours.add(inside)
    twin = read_session(record(3, ended=NOON - timedelta(minutes=20)), 1)
    assert neighbours.doubts(twin) == ["overlapping_play"]


def test_many_paused_rounds_cannot_share_one_span() -> None:
    neighbours = Neighbours()
    found = []
    for number in range(40):
        sent = record(number, ended=NOON, started_at="2026-11-25T11:00:00Z")
        one = read_session(sent, 1)
        found.append(neighbours.doubts(one))
        if not found[-1]:
            neighbours.add(one)
    assert found.count([]) == 30  # an hour holds thirty rounds of two minutes


def test_a_trace_is_known_by_game_seed_and_inputs() -> None:
    first = read_session(record(1, metadata={"seed": 7, "trace": TRACE}), 1)
    other_seed = read_session(record(1, metadata={"seed": 8, "trace": TRACE}), 1)
    other_game = read_session(
        record(1, game_type="n_back_trail", metadata={"seed": 7, "trace": TRACE}), 1
    )
    hashes = {trace_hash(first), trace_hash(other_seed), trace_hash(other_game)}
    assert len(hashes) == 3
    assert None not in hashes


@pytest.mark.parametrize("trace", [[], TRACE[:9], "a long text as trace", {"a": 1}, 5])
def test_too_few_inputs_tell_nothing_but_are_a_trace(trace: Any) -> None:
    session = read_session(record(metadata={"trace": trace}), 1)
    assert not has_telling_trace(session)
    assert Neighbours().trace_of(session) is None
    assert trace_hash(session) is not None


@pytest.mark.parametrize("metadata", [{}, {"trace": None}])
def test_a_session_without_a_trace_has_no_hash(metadata: dict[str, Any]) -> None:
    session = read_session(record(metadata=metadata), 1)
    assert trace_hash(session) is None
    assert not has_telling_trace(session)


def test_two_children_who_did_not_touch_the_screen_copied_nothing() -> None:
    idle = {"metadata": {"seed": 7, "trace": []}}
    assert verdict(record(1, **idle), record(2, **idle)) == [("plausible", [])] * 2


def real_sessions() -> Iterator[dict[str, Any]]:
    with gzip.open(REAL_PEOPLE, "rt", encoding="utf-8") as lines:
        for line in lines:
            played = json.loads(line)
            played["game_type"] = NEAREST_GAME[played["game_type"]]
            # No source has a score: the file's is ten points an answer, in rounds of their own.
            played["score"] = min(played["score"], highest_score(played))
            yield played


def highest_score(played: dict[str, Any]) -> int:
    most = most_points(session(game_type=played["game_type"], duration=played["duration"]))
    return played["score"] if most is None else most


needs_real_people = pytest.mark.skipif(
    not REAL_PEOPLE.exists(),
    reason=f"the sessions of real people are not on this machine ({REAL_PEOPLE})",
)


@pytest.fixture
def all_games_playable(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the games that these people played were already playable."""
    playable = {name: replace(game, playable=True) for name, game in GAMES.items()}
    monkeypatch.setattr(plausibility, "GAMES", playable)


@needs_real_people
@pytest.mark.usefixtures("all_games_playable")
def test_no_session_of_a_real_person_is_held_or_refused() -> None:
    found = list(CheckSessions().execute(real_sessions()))
    assert len(found) == 1142
    assert {v.verdict for v in found} == {"plausible"}


@needs_real_people
def test_every_session_of_a_real_person_has_a_valid_score() -> None:
    fields = (
        "session_id",
        "game_type",
        "score",
        "duration",
        "accuracy",
        "completed",
        "metadata",
    )
    for played in real_sessions():
        session = GameSession(student_id=1, **{name: played[name] for name in fields})
        assert session.is_valid_score()


@needs_real_people
@pytest.mark.usefixtures("all_games_playable")
def test_real_people_one_after_another_are_not_held_on_the_wire_either() -> None:
    neighbours = Neighbours()
    students: dict[str, int] = {}
    ended = NOON
    for played in real_sessions():
        student = students.setdefault(played["student_id"], len(students) + 1)
        ended += timedelta(seconds=played["duration"] + 1)
        sent = record(
            ended=ended,
            **{
                name: played[name]
                for name in ("game_type", "score", "duration", "accuracy", "completed", "metadata")
            },
        )
        one = read_session(sent, student, session_id=uuid5(DEVICE, played["session_id"]))
        check_possible(one)
        assert doubts(one) + neighbours.doubts(one) == []
        neighbours.add(one)


def test_what_is_impossible_is_refused_with_the_score_named() -> None:
    with pytest.raises(InvalidSession) as found:
        check_possible(read_session(record(score=9999), 1))
    assert (found.value.code, found.value.field) == ("impossible_score", "score")
