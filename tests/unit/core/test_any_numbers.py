"""Whatever numbers, texts and nesting a record contains, rules raise only InvalidSession."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from neuroplay.core.errors import InvalidSession
from neuroplay.core.rules.bounds import most_points, play_charge_s
from neuroplay.core.rules.neighbours import Neighbours, Player
from neuroplay.core.rules.plausibility import check_possible, doubts, round_seed, trace_hash
from neuroplay.core.rules.session_record import moved, read_session
from neuroplay.core.rules.storable import LARGEST_NUMBER, check_storable, storable
from neuroplay.core.rules.verification import traced_round
from neuroplay.core.use_cases.inspect_sync import CheckSessions
from neuroplay.core.use_cases.process_game_completion import as_session, play_day
from neuroplay.core.use_cases.recompute import progress_of
from neuroplay.infra.payloads import hash_payload
from tests.fakes.services import NOON
from tests.unit.core.samples import School, record

HUGE = [
    *(10**400, -(10**400), 10**399, 10**900, 2**53, 2**63, 2**64, 2**64 + 1, -(2**64) - 1, 1e300),
    *(-1e300, 1.7976931348623157e308, 5e-324, math.nan, math.inf, -math.inf, -0.0, 0, True, False),
    *("1e400", "\ud800", "\x00", None, "NaN", 1e16, 0.1 + 0.2),
]
NUMBERS = st.sampled_from(HUGE) | st.integers() | st.floats() | st.integers(-300, 300)
ANYTHING = st.recursive(
    NUMBERS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=40,
)
METADATA = st.fixed_dictionaries(
    {},
    optional={
        "difficulty": NUMBERS | st.integers(1, 5),
        "seed": ANYTHING,
        "trace": ANYTHING | st.lists(NUMBERS, max_size=40),
        "reaction_times_ms": ANYTHING | st.lists(NUMBERS, min_size=20, max_size=40),
        "trials": ANYTHING,
        "correct": ANYTHING,
        "more": ANYTHING,
    },
)
RECORDS = st.fixed_dictionaries(
    {"metadata": METADATA | ANYTHING},
    optional={
        "score": ANYTHING,
        "duration": ANYTHING,
        "accuracy": ANYTHING,
        "completed": ANYTHING,
        "game_version": ANYTHING,
        "utc_offset_minutes": ANYTHING,
        "started_at": ANYTHING,
        "ended_at": ANYTHING | st.sampled_from(["1969-01-01T00:00:00+14:00", "2100-12-31T23:59Z"]),
        "session_id": ANYTHING,
        "game_type": ANYTHING | st.sampled_from(["cyber_runner", "memory_pairs"]),
    },
)
SHIFTS = st.sampled_from([0.0, 1e308, -1e308, -62e9, 62e9, 250e9]) | st.floats(-1e12, 1e12)


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "metadata",
    [
        {"trace": deep(900), "seed": 1, "trials": 2, "correct": 1},
        {"trace": [10**5000], "seed": 10**5000},
        {"reaction_times_ms": [10**5000, 300.5] * 20},
        {"trials": 10**5000, "correct": 1, "trace": [1]},
    ],
    ids=["nesting", "trace", "times", "trials"],
)
def test_what_python_itself_cannot_write_is_taken(metadata: dict[str, Any]) -> None:
    takes_any({"metadata": metadata}, 0.0)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(changes=RECORDS, shift=SHIFTS)
@example(changes={"metadata": {"trials": 1, "correct": 10**400, "trace": [1]}}, shift=0.0)
@example(changes={"metadata": {"reaction_times_ms": [10**399] + [300.5] * 25}}, shift=0.0)
@example(changes={"metadata": {"reaction_times_ms": [2**64] * 30}}, shift=-62e9)
def test_every_rule_takes_whatever_a_record_says(changes: dict[str, Any], shift: float) -> None:
    takes_any(changes, shift)


def takes_any(changes: dict[str, Any], shift: float) -> None:
    sent = record(1, **changes)
    with suppress(InvalidSession):
        check_storable(sent)
    kept = storable(sent)
    json.dumps(kept)
    assert len(hash_payload(kept)) == 32
    # A row that an earlier release took may hold what is refused today.
    try:
        session = read_session(sent, 1, session_id=UUID(int=7), clock_shift_s=shift)
        check_possible(session)
    except InvalidSession:
        return
    alone = doubts(session)
    neighbours = Neighbours()
    neighbours.add_player(
        Player(student_id=1, class_id=1, first_sign_in_at=NOON - timedelta(days=9), played_s=5)
    )
    beside = neighbours.doubts(session, received_at=NOON)
    neighbours.add(session)
    neighbours.doubts(session, received_at=NOON)
    assert all(type(reason) is str for reason in alone + beside)
    trace_hash(session), round_seed(session), traced_round(session)
    most_points(session), play_charge_s(session), play_day(session)
    school = School()
    assert progress_of(school.student(), [session]).xp >= 0


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(RECORDS)
def test_a_check_and_a_library_call_take_it_too(changes: dict[str, Any]) -> None:
    sent = record(1, **changes)
    [found] = CheckSessions().execute([sent])
    assert found.verdict in ("plausible", "held", "invalid")
    with suppress(InvalidSession):
        as_session({**sent, "student_id": 1})


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(RECORDS)
def test_what_is_sent_is_accepted_or_invalid_and_drained(changes: dict[str, Any]) -> None:
    school = School()
    [receipt] = school.send(record(1, **changes))
    assert receipt.status.value in ("accepted", "invalid")
    school.drain()
    assert {*school.states()} <= {"processed", "held", "invalid"}


@pytest.mark.parametrize("number", [LARGEST_NUMBER + 1, -LARGEST_NUMBER - 1, 10**400, 1e20, -1e300])
@pytest.mark.parametrize("place", ["metadata", "unknown"])
def test_a_number_beyond_64_bits_is_invalid_wherever_it_stands(place: str, number: Any) -> None:
    with pytest.raises(InvalidSession) as found:
        check_storable(record(1, **{place: {"x": [1, {"y": number}]}}))
    assert (found.value.code, found.value.field) == ("out_of_range", f"{place}.x")


@pytest.mark.parametrize("number", [LARGEST_NUMBER, -LARGEST_NUMBER, 1.5e19, 2**63, 5e-324])
def test_a_number_of_64_bits_is_taken(number: Any) -> None:
    sent = record(1, unknown=number, text="é", metadata={"difficulty": 1})
    assert json.loads(check_storable(sent)) == sent


@given(shift=SHIFTS)
def test_no_clock_shift_takes_a_time_out_of_the_calendar(shift: float) -> None:
    there = moved(NOON, shift)
    assert there is not None
    assert 1969 <= there.year <= 2100
    assert there - timedelta(hours=30) < there < there + timedelta(hours=30)


def test_bad_values_are_value_errors() -> None:
    with pytest.raises(ValueError, match="score cannot be negative"):
        School().process({**record(1, score=-1), "student_id": 1})
    assert issubclass(InvalidSession, ValueError)
