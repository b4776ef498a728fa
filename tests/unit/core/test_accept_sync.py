from __future__ import annotations

import json
import math
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuroplay.core.entities.allowance import Allowance
from neuroplay.core.entities.student import OutboxReport
from neuroplay.core.errors import Refused, StoreUnavailable
from neuroplay.core.use_cases.accept_sync import clock_shifts
from neuroplay.core.use_cases.sync_budget import SyncBudget
from tests.builders import DEVICE
from tests.fakes.services import NOON
from tests.unit.core.samples import School, record, session_id, wire_time
from tests.unit.core.test_storable import ANYTHING

YEAR = timedelta(days=365)


def statuses(receipts: list[Any]) -> list[str]:
    return [receipt.status.value for receipt in receipts]


def test_a_batch_is_stored_raw_and_answered_in_order() -> None:
    school = School()
    sent = [record(2, extra={"kept": True}), record(0), record(1)]
    receipts = school.send(*sent)
    assert statuses(receipts) == ["accepted"] * 3
    assert [r.session_id for r in receipts] == [session_id(2), session_id(0), session_id(1)]
    assert [item.payload for item in school.items()] == sent
    assert {item.request_id for item in school.items()} == {"r-1"}
    assert {item.student_id for item in school.items()} == {school.ana}
    assert {item.device_id for item in school.items()} == {DEVICE}


def test_workers_are_woken_after_the_commit_and_before_the_answer() -> None:
    school = School()
    school.send(record(0), record(1))
    assert school.wake_up.seen == [2]


def test_a_bad_session_does_not_hinder_the_good_ones() -> None:
    school = School()
    receipts = school.send(record(0), record(1, score=-1), "no session", record(2))
    assert statuses(receipts) == ["accepted", "invalid", "invalid", "accepted"]
    error = receipts[1].error
    assert error is not None
    assert (error.code, error.field) == ("negative", "score")
    assert receipts[1].session_id == session_id(1)
    assert receipts[2].session_id is None
    assert school.states() == ["pending", "invalid", "invalid", "pending"]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"score": math.nan}, "not_finite", "score"),
        ({"accuracy": math.inf}, "not_finite", "accuracy"),
        ({"score": 10**300}, "out_of_range", "score"),
        ({"score": True}, "wrong_type", "score"),
        ({"duration": "120"}, "wrong_type", "duration"),
        ({"game_type": "chess"}, "unknown_game", "game_type"),
        ({"game_type": "x" * 5000}, "unknown_game", "game_type"),
        ({"session_id": "broken"}, "bad_session_id", "session_id"),
        ({"session_id": None}, "missing", "session_id"),
        ({"ended_at": "2026-11-24T12:00:00"}, "naive_time", "ended_at"),
        ({"ended_at": "9999-01-01T00:00:00Z"}, "absurd_time", "ended_at"),
        ({"metadata": {"note": "\x00"}}, "bad_text", "metadata.note"),
        ({"metadata": {"note": "\ud800"}}, "bad_text", "metadata.note"),
        ({"metadata": {"trace": "x" * 70_000}}, "too_large", "metadata"),
        ({"score": 3001}, "impossible_score", "score"),
    ],
)
def test_each_fault_is_an_invalid_receipt_and_the_record_is_kept_as_json(
    changes: dict[str, Any], code: str, field: str
) -> None:
    school = School()
    [receipt] = school.send(record(0, **changes))
    assert receipt.status.value == "invalid"
    assert receipt.error is not None
    assert (receipt.error.code, receipt.error.field) == (code, field)
    [item] = school.items()
    assert (item.state.value, item.last_error_code) == ("invalid", code)
    json.dumps(item.payload, allow_nan=False).encode()
    sent = changes.get("session_id", session_id(0))
    assert receipt.session_id == sent
    assert item.session_id == (None if "session_id" in changes else UUID(session_id(0)))


def test_nan_is_kept_by_its_name() -> None:
    school = School()
    school.send(record(0, score=math.nan))
    assert school.items()[0].payload["score"] == "NaN"


def test_an_invalid_record_is_kept_once_however_often_it_is_sent() -> None:
    school = School()
    receipts = [*school.send(record(0, score=-1)), *school.send(record(0, score=-1))]
    assert statuses(receipts) == ["invalid", "invalid"]
    assert school.states() == ["invalid"]


def test_the_same_session_again_is_a_duplicate_and_another_with_its_id_a_conflict() -> None:
    school = School()
    receipts = school.send(record(0), record(0), record(0, score=299))
    assert statuses(receipts) == ["accepted", "duplicate", "conflict"]
    again = school.send(record(0), record(0, score=299))
    assert statuses(again) == ["duplicate", "conflict"]
    assert school.states() == ["pending", "conflict"]


def test_another_childs_session_with_the_same_id_is_a_conflict() -> None:
    school = School()
    school.send(record(0))
    assert statuses(school.send(record(0), student=school.bia)) == ["conflict"]


def test_the_id_comes_back_as_the_device_spelled_it() -> None:
    school = School()
    spelled = "0B0E7A3E-6AD4-4B6D-9F3F-ABCDEFABCDEF"
    [receipt] = school.send(record(0, session_id=spelled))
    assert receipt.session_id == spelled
    assert school.items()[0].session_id == UUID(spelled)


def test_numbers_beyond_canonical_json_are_accepted_and_kept() -> None:
    school = School()
    [receipt] = school.send(record(0, metadata={"seed": 2**63}))
    assert receipt.status.value == "accepted"
    assert school.items()[0].payload["metadata"] == {"seed": 2**63}
    assert statuses(school.send(record(0, metadata={"seed": 2**63}))) == ["duplicate"]
    assert statuses(school.send(record(0, metadata={"seed": 2**63 + 1}))) == ["conflict"]


def test_no_sessions_are_a_sign_of_life_with_the_devices_report() -> None:
    school = School()
    report = OutboxReport(pending=3, oldest=NOON - timedelta(days=2))
    receipts = school.accept.execute(
        school.principal(), sessions=[], sent_at=NOON, outbox=report, request_id=None
    )
    assert receipts == []
    assert school.wake_up.calls == 0
    device = school.store.tables.devices[DEVICE, school.ana]
    assert (device.pending, device.oldest, device.last_contact) == (3, report.oldest, NOON)


def test_an_erased_student_is_refused_and_nothing_is_stored() -> None:
    school = School()
    with pytest.raises(Refused) as refused:
        school.send(record(0), student=99)
    assert (refused.value.code, refused.value.student_id) == ("student_erased", 99)
    assert school.items() == []


def test_when_the_store_is_away_nothing_is_promised_and_nobody_woken() -> None:
    school = School()
    school.store.commits_until_away = 0
    with pytest.raises(StoreUnavailable):
        school.send(record(0))
    assert school.items() == []
    assert school.wake_up.calls == 0


TINY = Allowance(sessions=3, size=1 << 20, sessions_a_day=1)


def test_what_a_device_hands_over_is_budgeted_whatever_becomes_of_it() -> None:
    school = School()
    accept = school.accepting(SyncBudget(uow=school.store, allowance=TINY))

    def send(*records: Any, contact: bool = True) -> list[str]:
        receipts = accept.execute(
            school.principal(),
            sessions=records,
            sent_at=None,
            outbox=None,
            request_id=None,
            contact=contact,
        )
        return statuses(receipts)

    assert send(record(0)) == ["accepted"]
    assert send(record(0)) == ["duplicate"]
    assert send(record(1, score="x")) == ["invalid"]
    for records in ([record(2)], []):
        with pytest.raises(Refused) as refused:
            send(*records)
        assert refused.value.code == "over_budget"
    assert send(record(2), contact=False) == ["accepted"]  # an adult brings a file


def test_what_could_not_be_stored_is_not_taken_off_the_budget() -> None:
    school = School()
    accept = school.accepting(SyncBudget(uow=school.store, allowance=TINY))

    def send(number: int) -> list[str]:
        receipts = accept.execute(
            school.principal(),
            sessions=[record(number)],
            sent_at=None,
            outbox=None,
            request_id=None,
        )
        return statuses(receipts)

    school.store.commits_until_away = 0
    for number in range(20):
        with pytest.raises(StoreUnavailable):
            send(number)
    school.store.commits_until_away = None
    assert [send(number) for number in range(3)] == [["accepted"]] * 3


@pytest.mark.parametrize("wrong_by", [-56 * YEAR, -YEAR, -timedelta(hours=3), YEAR, 20 * YEAR])
def test_a_wrong_device_clock_is_corrected_by_sent_at(wrong_by: timedelta) -> None:
    school = School()
    ended = NOON - timedelta(minutes=10)
    school.send(record(0, ended=ended + wrong_by), sent_at=NOON + wrong_by)
    assert school.states() == ["pending"]
    school.drain()
    assert school.states() == ["processed"]
    [stored] = school.store.tables.sessions.values()
    assert stored.session.ended_at == ended


@pytest.mark.parametrize("wrong_by", [-YEAR, YEAR])
def test_a_wrong_device_clock_without_sent_at_is_no_error_either(wrong_by: timedelta) -> None:
    school = School()
    ended = [NOON + wrong_by + timedelta(minutes=4 * n) for n in range(3)]
    school.send(*(record(n, ended=end) for n, end in enumerate(ended)))
    school.drain()
    assert school.states() == ["processed"] * 3
    found = sorted(s.session.ended_at for s in school.store.tables.sessions.values())
    assert found[-1] <= NOON
    assert found[2] - found[0] == timedelta(minutes=8)


def test_sessions_of_two_clocks_in_one_batch_are_corrected_apart() -> None:
    shifts = clock_shifts(
        [NOON - timedelta(hours=1), None, NOON + YEAR, NOON + YEAR - timedelta(minutes=4)],
        sent_at=NOON,
        received_at=NOON + timedelta(seconds=5),
    )
    assert shifts == [5, 5, 5 - YEAR.total_seconds(), 5 - YEAR.total_seconds()]


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_an_absurd_sent_at_hinders_nothing(text: str) -> None:
    school = School()
    assert statuses(school.send(record(0), sent_at=datetime.fromisoformat(text))) == ["accepted"]
    school.drain()
    assert school.states() == ["processed"]


@settings(max_examples=60, deadline=None)
@given(st.lists(ANYTHING, max_size=5), st.sampled_from(sorted(record())), ANYTHING)
def test_whatever_is_sent_each_session_gets_a_receipt(
    anything: list[Any], field: str, value: Any
) -> None:
    school = School()
    sent = [*anything, record(0), record(1, **{field: value})]
    receipts = school.send(*sent)
    assert len(receipts) == len(sent)
    assert receipts[-2].status.value in ("accepted", "duplicate", "conflict")
    for receipt, item in zip(receipts, school.items(), strict=False):
        assert receipt.status.value != "invalid" or receipt.error is not None
        json.dumps(item.payload, allow_nan=False)


def test_the_record_is_not_changed_by_being_sent() -> None:
    school = School()
    sent = record(0, ended=NOON + YEAR)
    kept = json.loads(json.dumps(sent))
    school.send(sent)
    assert sent == kept
    assert sent["ended_at"] == wire_time(NOON + YEAR)
