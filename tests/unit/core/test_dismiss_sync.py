"""Dismiss items that will not be counted, and keep every cause."""

from __future__ import annotations

from typing import Any

import pytest

from neuroplay.core.entities.actor import Operator
from neuroplay.core.entities.inbox_filter import InboxFilter
from neuroplay.core.entities.replayed import Replayed
from neuroplay.core.entities.sync_item import InboxState
from neuroplay.core.use_cases.inspect_sync import SyncStatus
from neuroplay.core.use_cases.replay_sync import ReplaySync
from tests.unit.core.samples import School, record
from tests.unit.core.test_replay_sync import break_store, fail, mend_store, replay


@pytest.fixture
def school() -> School:
    """One item each: failed (1), invalid (2), in conflict (3), held (4), processed (5)."""
    school = School()
    break_store(school, 77)
    fail(school, record(1, score=77), record(2, score=-1), record(1, score=5))
    mend_store(school)
    school.send(record(4, duration=3000), record(5))
    school.drain()
    return school


def dismiss(school: School, *ids: int, dry_run: bool = False, **which: Any) -> list[Replayed]:
    replays = ReplaySync(uow=school.store, clock=school.clock, release="2.6.0")
    wanted = ids or replays.dismissable(InboxFilter(**which))
    return replays.dismiss(
        wanted, by=Operator("eva"), reason="a test of the tablet", dry_run=dry_run
    )


def told(done: list[Replayed]) -> list[tuple[int, str, str]]:
    return sorted((one.inbox_id, one.fate.value, one.reason) for one in done)


def test_what_is_failed_invalid_or_in_conflict_is_closed_and_the_rest_left(school):
    assert told(dismiss(school, 1, 2, 3, 4, 5)) == [
        (1, "dismissed", "it was failed"),
        (2, "dismissed", "it was invalid"),
        (3, "dismissed", "it was conflict"),
        (4, "busy", "it is held"),
        (5, "busy", "it is processed"),
    ]
    assert school.states() == ["dismissed", "dismissed", "dismissed", "held", "processed"]
    status = SyncStatus(uow=school.store).execute()
    assert (status.counts.dismissed, status.counts.failed, status.errors) == (3, 0, {})


def test_a_rejected_one_is_closed_too(school):
    replays = ReplaySync(uow=school.store, clock=school.clock, release="2.6.0")
    replays.reject([4], by=Operator("ana"), reason="no")
    assert told(dismiss(school, states=(InboxState.REJECTED,))) == [
        (4, "dismissed", "it was rejected")
    ]


def test_who_when_and_why_are_kept(school):
    dismiss(school, 2)
    with school.store() as uow:
        (decision,) = uow.audit.decisions(school.ana, 2)
        *_, last = uow.inbox.attempts_of(2)
    assert (decision.who, decision.what) == ("eva", "session dismissed")
    assert decision.reason == last.error == "a test of the tablet"
    assert last.at == school.clock()


def test_a_dry_run_closes_nothing(school):
    before = school.states()
    assert len(dismiss(school, dry_run=True)) == 3
    assert school.states() == before
    assert school.store.tables.audit == []


def test_a_second_time_there_is_nothing_to_close(school):
    dismiss(school)
    assert dismiss(school) == []
    assert told(dismiss(school, 1)) == [(1, "busy", "it is dismissed")]


def test_a_replay_by_its_id_brings_one_back(school):
    dismiss(school)
    assert replay(school) == [] or all(one.inbox_id == 4 for one in replay(school))
    done = replay(school, 1, 2, 3)
    assert {one.inbox_id: one.fate.value for one in done} == {
        1: "applied",
        2: "invalid",
        3: "conflict",
    }


def test_each_cause_of_an_invalid_one_is_kept_however_often_it_is_replayed(school):
    for _ in range(3):
        replay(school, states=(InboxState.INVALID,))
    with school.store() as uow:
        first, *later = uow.inbox.attempts_of(2)
    assert (first.state, first.error_code, first.who) == (InboxState.INVALID, "negative", None)
    assert [one.who for one in later] == ["ana"] * 3


def test_a_replay_without_ids_leaves_what_is_closed(school):
    dismiss(school)
    replay(school)
    assert school.states()[:3] == ["dismissed"] * 3
