"""Statements keep to the specification, and say what the round was."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from neuroplay.core.entities.figures import CountedRound
from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.verification import Verdict
from neuroplay.xapi import ATTEMPTED, COMPLETED, statement

SCHEMA = json.loads(Path(__file__).with_name("xapi_statement.schema.json").read_text())
VALID = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
HOME = "https://play.school.example"

ROUND = CountedRound(
    session_id=UUID(int=1),
    student_id=12,
    game_type="cyber_runner",
    game_version="1",
    score=500,
    duration=120.456,
    accuracy=0.85,
    completed=True,
    difficulty=2,
    next_difficulty=3,
    ended_at=datetime(2026, 11, 25, 11, 52, tzinfo=UTC),
    utc_offset_minutes=-180,
    verdict=Verdict.VERIFIED,
)

ROUNDS = st.builds(
    CountedRound,
    session_id=st.uuids(),
    student_id=st.integers(1, 2**31 - 1),
    game_type=st.sampled_from(sorted(GAMES)),
    game_version=st.text(min_size=1, max_size=32),
    score=st.integers(0, 1_000_000),
    duration=st.floats(0, 86_400),
    accuracy=st.floats(0, 1),
    completed=st.booleans(),
    difficulty=st.integers(0, 99),
    next_difficulty=st.none() | st.integers(0, 99),
    ended_at=st.integers(0, 4_000_000_000).map(lambda s: datetime.fromtimestamp(s, UTC)),
    utc_offset_minutes=st.integers(-840, 840),
    verdict=st.sampled_from(Verdict),
)


@given(one=ROUNDS)
def test_every_round_gives_a_valid_statement_and_always_the_same(one: CountedRound) -> None:
    written = statement(one, HOME)
    VALID.validate(json.loads(json.dumps(written)))
    assert written == statement(one, HOME)
    assert ("urn:neuroplay:next-difficulty" in written["result"]["extensions"]) == (
        one.next_difficulty is not None
    )


def test_a_statement_names_the_child_by_its_number_alone() -> None:
    written = statement(ROUND, HOME)
    assert written["actor"]["account"] == {"homePage": HOME, "name": "12"}
    assert written["id"] == "00000000-0000-0000-0000-000000000001"
    assert written["timestamp"] == "2026-11-25T11:52:00Z"
    assert written["result"]["duration"] == "PT120.46S"
    assert written["object"]["definition"]["name"].keys() == {"en", "pt-BR", "es"}


@pytest.mark.parametrize(
    ("completed", "accuracy", "verb", "success"),
    [
        (True, 0.7, COMPLETED, True),
        (True, 0.69, COMPLETED, False),
        (False, 1.0, ATTEMPTED, False),
    ],
)
def test_success_is_a_whole_round_with_a_good_rating(completed, accuracy, verb, success) -> None:
    written = statement(replace(ROUND, completed=completed, accuracy=accuracy), HOME)
    assert (written["verb"], written["result"]["success"]) == (verb, success)
    assert written["result"]["completion"] is completed
