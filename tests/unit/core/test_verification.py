from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.entities.verification import RoundResult
from neuroplay.core.rules.verification import differences, traced_round
from tests.unit.core.samples import session
from tests.unit.core.test_storable import ANYTHING

GAVE = RoundResult(
    score=500,
    accuracy=0.85,
    duration=120.0,
    completed=True,
    right=85,
    total=100,
    state_hash=-7,
)


def test_a_round_is_known_by_game_version_seed_difficulty_and_trace() -> None:
    metadata = {"difficulty": 3, "seed": 7, "trace": [30, 1, 2.0], "other": 5}
    played = traced_round(session(metadata=metadata, game_version="4"))
    assert played is not None
    assert (played.game_type, played.game_version) == ("cyber_runner", "4")
    assert (played.seed, played.difficulty, list(played.trace)) == (7, 3, [30, 1, 2])


def test_a_child_who_did_nothing_has_a_trace_too() -> None:
    played = traced_round(session(metadata={"seed": 0, "trace": []}))
    assert played is not None
    assert played.difficulty == 1


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"seed": 1},
        {"trace": [1, 2]},
        {"seed": None, "trace": []},
        {"seed": True, "trace": []},
        {"seed": "1", "trace": []},
        {"seed": 1.5, "trace": []},
        {"seed": 2**53, "trace": []},
        {"seed": 1, "trace": None},
        {"seed": 1, "trace": "1,2"},
        {"seed": 1, "trace": {"0": 1}},
        {"seed": 1, "trace": [[1, 2]]},
        {"seed": 1, "trace": [1, None]},
        {"seed": 1, "trace": [1, "2"]},
        {"seed": 1, "trace": [1, False]},
        {"seed": 1, "trace": [1, 0.5]},
        {"seed": 1, "trace": [1, 10**400]},
        {"seed": 1, "trace": [1, math.inf]},
        {"seed": 1, "trace": [1, math.nan]},
    ],
)
def test_what_no_rules_of_ours_wrote_cannot_be_played_again(metadata: dict[str, Any]) -> None:
    assert traced_round(session(metadata=metadata)) is None


@given(seed=ANYTHING, trace=ANYTHING | st.lists(ANYTHING))
def test_whatever_is_sent_a_round_holds_whole_exact_numbers_alone(seed: Any, trace: Any) -> None:
    played = traced_round(session(metadata={"seed": seed, "trace": trace}))
    if played is not None:
        assert [round(seed), *map(round, trace)] == [played.seed, *played.trace]
        assert all(type(n) is int and abs(n) < 2**53 for n in (played.seed, *played.trace))


def test_an_honest_session_differs_in_nothing() -> None:
    assert differences(session(), GAVE) == []


@pytest.mark.parametrize("changes", [{"accuracy": 0.8504}, {"accuracy": 0.8}, {"duration": 119.9}])
def test_a_device_may_round_in_its_own_way(changes: dict[str, Any]) -> None:
    close = abs(changes.get("accuracy", 0.85) - 0.85) < 0.001
    found = differences(session(**changes), GAVE)
    assert found == ([] if close else ["accuracy_differs"])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"score": 501}, "score_differs"),
        ({"score": 0}, "score_differs"),
        ({"accuracy": 1.0}, "accuracy_differs"),
        ({"accuracy": 0.84}, "accuracy_differs"),
        ({"duration": 180}, "duration_differs"),
        ({"duration": 60.5}, "duration_differs"),
        ({"completed": False}, "completion_differs"),
    ],
)
def test_an_edited_session_differs(changes: dict[str, Any], reason: str) -> None:
    assert differences(session(**changes), GAVE) == [reason]


def test_each_difference_is_told() -> None:
    edited = session(score=1, accuracy=0.1, duration=9, completed=False)
    assert differences(edited, GAVE) == [
        "score_differs",
        "accuracy_differs",
        "duration_differs",
        "completion_differs",
    ]
