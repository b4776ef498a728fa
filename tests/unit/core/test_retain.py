from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from neuroplay.core.entities.adult import AdultRole
from neuroplay.core.entities.opening_balance import CountedSession
from neuroplay.core.entities.retention import NEVER, Removed, RetentionPolicy
from neuroplay.core.errors import NotFound
from neuroplay.core.rules.retention import cutoff_of, months_before
from neuroplay.core.use_cases import retain as module
from neuroplay.core.use_cases.class_life import ChangeClass
from neuroplay.core.use_cases.inspect_sync import ShowSync
from neuroplay.core.use_cases.read_progress import ReadSessions
from neuroplay.core.use_cases.retain import PASS_EVERY, Retain, Retained, RetainedStudents
from tests.fakes.retention import FakeRetention
from tests.fakes.services import NOON, FakeSeconds
from tests.unit.core.samples import School, record, session_id

DAY_S = 86_400.0


def traced(number: int, **changes: Any) -> dict[str, Any]:
    metadata = {"difficulty": 2, "seed": number + 1, "trace": [30, number]}
    return record(number, metadata=metadata, **changes)


@pytest.fixture
def school() -> School:
    """Ana and Bia have played a verified round each."""
    school = School()
    school.send(traced(0))
    school.send(traced(1), student=school.bia)
    school.drain()
    settle_verdicts(school)
    return school


def settle_verdicts(school: School) -> None:
    rows = school.store.tables.sessions
    for name, row in rows.items():
        rows[name] = replace(row, verdict="verified", verify_due_at=None)


def retain(school: School, timer=lambda: 0.0, **policy: int) -> Retain:
    return Retain(uow=school.store, retention=RetentionPolicy(**policy), timer=timer)


def run(school: School, **policy: int) -> Removed:
    return retain(school, **policy).execute().removed


def test_nothing_goes_before_its_time(school: School) -> None:
    school.clock.forward(30 * DAY_S)
    assert run(school) == Removed()
    assert school.states() == ["processed", "processed"]


def test_first_the_trace_goes_and_then_the_record(school: School) -> None:
    school.clock.forward(31 * DAY_S)
    assert run(school) == Removed(traces=2)
    assert [item.payload["metadata"] for item in school.items()] == [
        {"difficulty": 2, "seed": 1},
        {"difficulty": 2, "seed": 2},
    ]
    school.clock.forward(60 * DAY_S)
    assert run(school) == Removed(raw=2)
    assert school.items() == []
    assert [one.status for one in school.send(traced(0))] == ["duplicate"]


def test_its_record_cannot_be_shown_any_more_and_that_is_said(school: School) -> None:
    school.clock.forward(91 * DAY_S)
    run(school)
    with pytest.raises(NotFound, match="was removed"):
        ShowSync(uow=school.store).execute(session_id(0))


def test_the_childs_list_goes_on_page_by_page(school: School) -> None:
    school.send(*(traced(n) for n in range(2, 5)))
    school.drain()
    settle_verdicts(school)
    school.clock.forward(91 * DAY_S)
    run(school)
    school.send(*(record(n, ended=school.clock() - timedelta(hours=n)) for n in range(5, 8)))
    school.drain()
    read = ReadSessions(uow=school.store)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = read.execute(school.principal(), cursor, 2)
        seen += [str(one.session_id) for one in page.sessions]
        cursor = page.next
        if cursor is None:
            break
    assert seen == [session_id(n) for n in (7, 6, 5, 4, 3, 2, 0)]


def test_never_keeps_all(school: School) -> None:
    school.clock.forward(9_999 * DAY_S)
    assert run(school, trace_days=NEVER, raw_days=NEVER) == Removed()


def test_a_class_with_a_time_of_its_own_is_asked_for_it(school: School) -> None:
    school.clock.forward(31 * DAY_S)
    keep = ChangeClass(uow=school.store, clock=school.clock)
    keep.execute("3A", {"trace_days": NEVER, "raw_days": 10})
    assert run(school, trace_days=1, raw_days=NEVER) == Removed(raw=2)


def test_a_pass_begins_an_hour_after_the_last_one_began(school: School) -> None:
    begun = school.clock()
    assert retain(school).execute() == Retained(removed=Removed(), whole=True)
    assert school.store.tables.passes[0].whole_since == begun
    school.clock.forward(31 * DAY_S)
    assert retain(school).execute().whole
    school.send(traced(2))
    school.drain()
    settle_verdicts(school)
    school.clock.forward(PASS_EVERY.total_seconds() - 1)
    assert retain(school, trace_days=1).execute() == Retained(removed=Removed(), whole=False)
    school.clock.forward(1)
    assert retain(school).execute().whole


def test_a_clock_that_was_ahead_does_not_stop_it(school: School) -> None:
    retain(school).execute()
    school.clock.forward(-9 * DAY_S)
    assert retain(school).execute().whole


def test_it_does_nothing_while_games_wait_to_be_counted(school: School) -> None:
    school.clock.forward(91 * DAY_S)
    school.send(record(2, ended=school.clock() - timedelta(hours=1)))
    assert retain(school).execute() == Retained(removed=Removed(), whole=False)
    school.drain()
    assert run(school) == Removed(traces=2, raw=2)


def test_it_ends_when_its_time_is_used_up_and_goes_on_there(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 1)
    school.clock.forward(91 * DAY_S)
    seconds = FakeSeconds()

    def timer() -> float:
        seconds.now += 1
        return seconds.now

    found = [retain(school, timer).execute(budget_s=1) for _ in range(3)]
    assert [one.removed.raw for one in found] == [1, 1, 0]
    assert [one.whole for one in found] == [False, False, True]


@pytest.mark.parametrize("together", [1, 2])
def test_much_is_removed_in_many_transactions(
    school: School, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    monkeypatch.setattr(module, "TOGETHER", together)
    school.send(*(traced(n) for n in range(2, 7)))
    school.drain()
    settle_verdicts(school)
    school.clock.forward(91 * DAY_S)
    assert run(school).raw == 7
    assert len(school.store.tables.settled) == 7


def test_nothing_is_searched_for_sessions_to_fold_while_records_are_left(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    school.send(*(traced(n) for n in range(2, 7)))
    school.drain()
    settle_verdicts(school)
    school.clock.forward(999 * DAY_S)
    left: list[int] = []
    foldable = FakeRetention.foldable

    def searched(fake: FakeRetention, *args: Any, limit: int) -> list[CountedSession]:
        if limit == module.MOST:  # not for a count
            left.append(len(school.items()))
        return foldable(fake, *args, limit=limit)

    monkeypatch.setattr(FakeRetention, "foldable", searched)
    assert run(school) == Removed(traces=7, raw=7, sessions=7)
    assert max(left) < module.MOST, "those go in the same transaction"


def test_an_operator_removes_all_at_once_or_looks_first(school: School) -> None:
    school.clock.forward(91 * DAY_S)
    all_of_it = RetainedStudents(up_to=school.bia, removed=Removed(traces=2, raw=2))
    assert list(retain(school).everything(dry_run=True)) == [all_of_it]
    assert len(school.items()) == 2
    assert list(retain(school).everything()) == [all_of_it]
    assert school.items() == []
    assert school.store.tables.passes[0].whole_since == school.clock()
    assert list(retain(school).everything()) == [
        RetainedStudents(up_to=school.bia, removed=Removed())
    ]


def test_months_are_those_of_the_calendar() -> None:
    assert months_before(datetime(2026, 3, 31, 8, tzinfo=UTC), 1) == datetime(
        2026, 2, 28, 8, tzinfo=UTC
    )
    assert months_before(datetime(2026, 1, 5, tzinfo=UTC), 25) == datetime(2023, 12, 5, tzinfo=UTC)
    assert cutoff_of(RetentionPolicy(keep_months=12), NOON).sessions == NOON.replace(year=2025)
    assert cutoff_of(RetentionPolicy(keep_months=NEVER), NOON).sessions is None


def a_past_sign_in(school: School) -> None:
    with school.store() as uow:
        adult = uow.adults.add("Rita", "rita", AdultRole.SCHOOL)
        assert adult is not None
        uow.adults.add_sign_in(adult.adult_id, b"token")
        uow.adults.add_link(adult.adult_id, b"link")
        uow.commit()
    school.clock.forward(31 * DAY_S + 1)


def test_the_end_of_a_pass_forgets_past_sign_ins_and_links_of_adults(school: School) -> None:
    a_past_sign_in(school)
    while not retain(school).execute().whole:
        assert school.store.tables.adult_sign_ins
    tables = school.store.tables
    assert (tables.adult_sign_ins, tables.adult_links) == ({}, {})
    assert tables.adults


def test_a_pass_for_an_operator_forgets_them_too_and_a_dry_run_does_not(school: School) -> None:
    a_past_sign_in(school)
    list(retain(school).everything(dry_run=True))
    assert school.store.tables.adult_sign_ins
    list(retain(school).everything())
    assert not school.store.tables.adult_sign_ins
