from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.errors import InvalidSession
from neuroplay.core.rules.traces import check_by_rules
from neuroplay.core.use_cases.process_game_completion import ProcessGameCompletion
from tests.unit.core.samples import School, session
from tests.unit.core.test_storable import ANYTHING


def refused(metadata: dict[str, Any], **changes: Any) -> tuple[str, str] | None:
    try:
        check_by_rules(session(metadata=metadata, **changes))
    except InvalidSession as error:
        return error.code, error.field
    return None


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"difficulty": None},
        {"difficulty": 5},
        {"seed": 1.5},
        {"trace": None},
        {"seed": 0, "trace": []},
        {"seed": -7, "trace": [0, 7, 30, 8]},
        {"seed": 2.0, "trace": [30.0, 1]},
        {"seed": 2**53 - 1, "trace": [2**53 - 1, 4, 1, 0]},
    ],
)
def test_what_the_rules_have_is_possible(metadata: dict[str, Any]) -> None:
    assert refused(metadata) is None


@pytest.mark.parametrize(
    ("metadata", "code", "field"),
    [
        ({"difficulty": 0}, "out_of_range", "metadata.difficulty"),
        ({"difficulty": 6}, "out_of_range", "metadata.difficulty"),
        ({"trace": [30, 1]}, "missing", "metadata.seed"),
        ({"seed": None, "trace": []}, "wrong_type", "metadata.seed"),
        ({"seed": 1.5, "trace": []}, "wrong_type", "metadata.seed"),
        ({"seed": "1", "trace": []}, "wrong_type", "metadata.seed"),
        ({"seed": 2**53, "trace": []}, "wrong_type", "metadata.seed"),
        ({"seed": 1, "trace": "30,1"}, "wrong_type", "metadata.trace"),
        ({"seed": 1, "trace": {"0": 1}}, "wrong_type", "metadata.trace"),
        ({"seed": 1, "trace": [30, "1"]}, "wrong_type", "metadata.trace"),
        ({"seed": 1, "trace": [30, True]}, "wrong_type", "metadata.trace"),
        ({"seed": 1, "trace": [0.5, 1]}, "wrong_type", "metadata.trace"),
        ({"seed": 1, "trace": [math.inf, 1]}, "wrong_type", "metadata.trace"),
        ({"seed": 1, "trace": [2**53, 1]}, "wrong_type", "metadata.trace"),
        ({"seed": 1, "trace": [30, -(2**60)]}, "wrong_type", "metadata.trace"),
        ({"seed": 1, "trace": [30]}, "odd_length", "metadata.trace"),
        ({"seed": 1, "trace": [30, 1, -1, 2]}, "negative", "metadata.trace"),
        ({"seed": 1, "trace": [30, 16]}, "out_of_range", "metadata.trace"),
        ({"seed": 1, "trace": [30, -1]}, "out_of_range", "metadata.trace"),
        ({"seed": 1, "trace": [30, -8]}, "out_of_range", "metadata.trace"),
    ],
)
def test_what_the_rules_do_not_have_is_impossible(
    metadata: dict[str, Any], code: str, field: str
) -> None:
    assert refused(metadata) == (code, field)
    # Of rules that are not known, nobody knows.
    assert refused({**metadata, "difficulty": 99}, game_version="not known") is None


def test_a_session_that_is_counted_at_once_is_checked_too() -> None:
    school = School()
    with school.store() as uow, pytest.raises(InvalidSession) as found:
        ProcessGameCompletion(
            student_repo=uow.students, game_repo=uow.sessions, achievement_repo=uow.achievements
        ).execute(session(student_id=school.ana, metadata={"difficulty": 6}))
    assert found.value.field == "metadata.difficulty"


@given(seed=ANYTHING, trace=ANYTHING | st.lists(ANYTHING))
def test_whatever_is_sent_is_possible_or_refused_by_name(seed: Any, trace: Any) -> None:
    found = refused({"seed": seed, "trace": trace})
    assert found is None or found[1] in ("metadata.seed", "metadata.trace")
