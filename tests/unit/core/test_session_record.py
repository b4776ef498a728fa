from __future__ import annotations

import math
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.errors import InvalidSession
from neuroplay.core.rules.session_record import read_session
from tests.unit.core.samples import record
from tests.unit.core.test_storable import ANYTHING


def test_a_good_record_becomes_a_session_in_utc() -> None:
    sent = record(ended_at="2026-11-20T11:02:00-03:00", started_at="2026-11-20T14:00:00Z")
    played = read_session(sent, 7)
    assert played.session_id == UUID(sent["session_id"])
    assert played.student_id == 7
    assert played.ended_at == datetime(2026, 11, 20, 14, 2, tzinfo=UTC)
    assert played.utc_offset_minutes == -180
    assert played.difficulty == 2


def test_what_may_be_left_out_has_a_default() -> None:
    sent = record()
    for name in ("metadata", "game_version", "utc_offset_minutes"):
        del sent[name]
    played = read_session(sent, 7)
    assert (played.metadata, played.game_version, played.utc_offset_minutes) == ({}, "1", 0)
    assert played.difficulty == 1


def test_a_whole_number_may_be_written_as_a_float() -> None:
    assert read_session(record(score=500.0), 7).score == 500


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"session_id": None}, "missing", "session_id"),
        ({"session_id": "uuid-123"}, "bad_session_id", "session_id"),
        ({"session_id": 12}, "bad_session_id", "session_id"),
        ({"session_id": "00000000-0000-0000-0000-000000000000"}, "bad_session_id", "session_id"),
        ({"session_id": "{0b0e7a3e-6ad4-4b6d-9f3f-111111111111}"}, "bad_session_id", "session_id"),
        (
            {"session_id": "0b0e7a3e-6ad4-4b6d-9f3f-11111111111\u0661"},
            "bad_session_id",
            "session_id",
        ),
        ({"game_type": None}, "missing", "game_type"),
        ({"game_type": "chess"}, "unknown_game", "game_type"),
        ({"score": None}, "missing", "score"),
        ({"score": 1.5}, "wrong_type", "score"),
        ({"score": True}, "wrong_type", "score"),
        ({"score": math.inf}, "wrong_type", "score"),
        ({"duration": math.nan}, "not_finite", "duration"),
        ({"accuracy": math.inf}, "not_finite", "accuracy"),
        ({"duration": 10**300}, "out_of_range", "duration"),
        ({"metadata": "none"}, "wrong_type", "metadata"),
        ({"game_version": "v" * 1000}, "too_long", "game_version"),
        ({"started_at": None}, "missing", "started_at"),
        ({"ended_at": None}, "missing", "ended_at"),
        ({"ended_at": 1763647200}, "wrong_type", "ended_at"),
        ({"ended_at": "yesterday"}, "bad_time", "ended_at"),
        ({"ended_at": "2026-13-45T00:00:00Z"}, "bad_time", "ended_at"),
        ({"ended_at": "\ud800"}, "bad_time", "ended_at"),
        ({"ended_at": "2026-11-20T14:02:00"}, "naive_time", "ended_at"),
        ({"ended_at": "2026-11-20"}, "naive_time", "ended_at"),
        ({"ended_at": "2026-11-20T14:02:00Z" + "0" * 50}, "too_long", "ended_at"),
        ({"ended_at": "0001-01-01T00:00:00+14:00"}, "absurd_time", "ended_at"),
        ({"ended_at": "9999-12-31T23:59:59-14:00"}, "absurd_time", "ended_at"),
        ({"started_at": "1968-12-31T23:59:59Z"}, "absurd_time", "started_at"),
        ({"ended_at": "2020-01-01T00:00:00Z"}, "ended_before_started", "ended_at"),
    ],
)
def test_each_fault_has_its_own_code_and_names_the_field(
    changes: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(InvalidSession) as found:
        read_session(record(**changes), 7)
    assert (found.value.code, found.value.field) == (code, field)


def test_times_are_moved_to_the_servers_clock() -> None:
    played = read_session(record(), 7, clock_shift_s=3600)
    still = read_session(record(), 7)
    assert played.ended_at is not None
    assert still.ended_at is not None
    assert (played.ended_at - still.ended_at).total_seconds() == 3600


def test_a_shift_beyond_the_calendar_leaves_the_time_as_it_is() -> None:
    moved = read_session(record(), 7, clock_shift_s=1e12)
    assert moved.ended_at == read_session(record(), 7).ended_at


FIELDS = sorted(record())


@given(st.sampled_from(FIELDS), ANYTHING)
def test_whatever_stands_in_a_field_nothing_but_invalid_session_is_raised(
    field: str, value: Any
) -> None:
    with suppress(InvalidSession):
        read_session(record(**{field: value}), 7)
