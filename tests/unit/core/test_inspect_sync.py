from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroplay.core.entities.inbox_filter import InboxFilter
from neuroplay.core.entities.student import OutboxReport
from neuroplay.core.entities.sync_item import InboxCounts
from neuroplay.core.entities.verification import TracedRound
from neuroplay.core.errors import NotFound
from neuroplay.core.use_cases import inspect_sync
from neuroplay.core.use_cases.inspect_sync import (
    CheckSessions,
    InboxStatus,
    JudgedRecord,
    ListDevices,
    ListSync,
    Recent,
    ShowSync,
    SyncStatus,
)
from tests.fakes.services import NOON, FakeVerifier
from tests.unit.core.samples import SEED_EXAMPLE, School, record, session_id
from tests.unit.core.test_storable import ANYTHING


def test_the_inbox_is_counted_by_state() -> None:
    school = School()
    school.send(record(0), record(0, score=1), record(1, score=-1), record(2, duration=3000))
    school.drain()
    school.send(record(3))
    school.clock.forward(45)
    assert SyncStatus(uow=school.store).execute() == InboxStatus(
        counts=InboxCounts(
            pending=1, processed=1, held=1, invalid=1, conflict=1, oldest_pending_s=45.0
        ),
        errors=errors(school),
        recent=Recent(seconds=60, received=5, processed=1),
    )


def errors(school: School) -> dict[str, int]:
    codes = [item.last_error_code for item in school.items() if item.last_error_code]
    return {code: codes.count(code) for code in codes}


def test_an_idle_inbox_has_no_oldest() -> None:
    school = School()
    found = SyncStatus(uow=school.store).execute()
    assert found.counts.oldest_pending_s is None


def test_items_are_listed_by_state_student_and_class() -> None:
    school = School()
    school.send(record(0), record(1, score=-1))
    school.send(record(2), student=school.bia)
    listed = ListSync(uow=school.store)
    assert [i.inbox_id for i in listed.execute()] == [3, 2, 1]
    assert [i.inbox_id for i in listed.execute(InboxFilter(error="negative"))] == [2]
    assert [i.inbox_id for i in listed.execute(before=3, limit=1)] == [2]


def test_pages_follow_each_other_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspect_sync, "PAGE", 2)
    school = School()
    school.send(*(record(n) for n in range(5)))
    pages = ListSync(uow=school.store).pages(InboxFilter(student_id=school.ana))
    assert [[item.inbox_id for item in page] for page in pages] == [[5, 4], [3, 2], [1]]


def check(*records: dict[str, Any]) -> list[JudgedRecord]:
    return list(CheckSessions().execute(records))


def test_records_are_judged_in_order_with_their_reasons() -> None:
    found = check(record(0), record(1, score=-1), record(2, duration=3000), SEED_EXAMPLE, {})
    assert [(one.session_id, one.verdict, one.reasons) for one in found] == [
        (session_id(0), "plausible", ()),
        (session_id(1), "invalid", ("score: negative",)),
        (session_id(2), "held", ("longer_than_a_round",)),
        ("uuid-123", "plausible", ()),
        (None, "invalid", ("session_id: missing",)),
    ]


@pytest.mark.parametrize(
    ("student_id", "code"),
    [
        ("", "empty"),
        ("x" * 65, "too_long"),
        (0, "out_of_range"),
        (-1, "negative"),
        ([], "wrong_type"),
    ],
)
def test_a_record_names_its_student_by_a_number_or_by_any_text(student_id: Any, code: str) -> None:
    (found,) = check(record(0, student_id=student_id))
    assert found.reasons == (f"student_id: {code}",)


def test_students_of_records_are_told_apart_by_their_names() -> None:
    same_time = {"ended": NOON, "duration": 600}
    names = ["ana", "bia", 1, "1", None, "ana"]
    found = check(*(record(n, student_id=name, **same_time) for n, name in enumerate(names)))
    assert [one.reasons for one in found] == [()] * 5 + [("overlapping_play",)]


def test_judging_takes_one_record_at_a_time() -> None:
    def endless() -> Any:
        number = 0
        while True:
            yield record(number)
            number += 1

    judged = CheckSessions().execute(endless())
    assert next(judged).verdict == "plausible"


TRACED = {"metadata": {"difficulty": 2, "seed": 7, "trace": [30, 1]}}


def test_a_record_whose_trace_gives_the_same_is_verified() -> None:
    verifier = FakeVerifier()
    [found] = CheckSessions(verifier=verifier).execute([record(0, **TRACED)])
    assert (found.verdict, found.reasons) == ("verified", ())
    assert verifier.rounds == [
        TracedRound(game_type="cyber_runner", game_version="1", seed=7, difficulty=2, trace=[30, 1])
    ]


@pytest.mark.parametrize(
    ("edited", "reason"),
    [({"score": 310}, "score_differs"), ({"accuracy": 0.9}, "accuracy_differs")],
)
def test_an_edited_record_with_its_true_trace_is_for_an_adult(
    edited: dict[str, Any], reason: str
) -> None:
    [found] = CheckSessions(verifier=FakeVerifier()).execute([record(0, **TRACED, **edited)])
    assert (found.verdict, found.reasons) == ("held", (reason,))


@pytest.mark.parametrize("metadata", [{}, {"trace": [30, 1]}, {"seed": 7, "trace": [[30, 1]]}])
def test_a_record_that_cannot_be_played_again_is_not_doubted_for_it(
    metadata: dict[str, Any],
) -> None:
    verifier = FakeVerifier(score=1)
    sent = record(0, metadata=metadata, game_version="not known")
    [found] = CheckSessions(verifier=verifier).execute([sent])
    assert (found.verdict, found.reasons) == ("plausible", ())
    assert verifier.rounds == []


def test_rules_that_do_not_run_leave_a_record_plausible() -> None:
    verifier = FakeVerifier()
    verifier.code = "no_rules"
    [found] = CheckSessions(verifier=verifier).execute([record(0, **TRACED)])
    assert (found.verdict, found.reasons) == ("plausible", ())


@pytest.mark.parametrize(
    "changes",
    [
        {"session_id": ["x"]},
        {"student_id": {}},
        {"student_id": 0},
        {"score": math.nan},
        {"session_id": "\ud800"},
        {"ended_at": 5},
    ],
)
def test_broken_records_are_invalid_and_never_stop_the_others(changes: dict[str, Any]) -> None:
    first, second = check(record(0, **changes), record(1))
    assert first.verdict == "invalid"
    assert second.verdict == "plausible"
    json.dumps(asdict(first), ensure_ascii=False).encode()


@given(st.dictionaries(st.sampled_from([*record(), "student_id", "other"]), ANYTHING))
def test_whatever_a_record_holds_it_is_judged(changes: dict[str, Any]) -> None:
    [found] = check(record(0, **changes) | changes)
    assert found.verdict in ("plausible", "held", "invalid")


def test_everything_that_is_known_of_a_session_is_found_by_its_id_or_its_items_number() -> None:
    school = School()
    school.send(record(0), record(1, score=-1))
    school.drain()
    show = ShowSync(uow=school.store)
    (counted,) = show.execute(session_id(0))
    assert show.execute("1") == [counted]
    assert counted.item.inbox_id == 1
    assert counted.result is not None
    assert counted.names == {school.ana: ("Ana", "3A")}
    (invalid,) = show.execute("2")
    assert invalid.result is None


@pytest.mark.parametrize("ref", ["3", "9" * 30, session_id(7), "Ana", ""])
def test_what_is_neither_is_not_found(ref: str) -> None:
    school = School()
    school.send(record(0))
    with pytest.raises(NotFound, match="no session or inbox item"):
        ShowSync(uow=school.store).execute(ref)


def test_devices_that_hold_games_are_listed_with_the_time_since_they_told() -> None:
    school = School()
    with school.store() as uow:
        held = OutboxReport(pending=2, oldest=None)
        uow.devices.report(school.principal(), held, now=school.clock())
        uow.commit()
    devices = ListDevices(uow=school.store, clock=school.clock)
    for forward in (90, -180):  # a clock that was set back counts no time
        school.clock.forward(forward)
        ((one, silent_s),) = devices.execute()
        assert (one.nickname, one.pending, silent_s) == ("Ana", 2, max(forward, 0))


def test_the_students_of_items_are_named() -> None:
    school = School()
    school.send(record(0))
    listed = ListSync(uow=school.store)
    assert listed.names(listed.execute()) == {school.ana: ("Ana", "3A")}
