"""The states and the queries of inbox items, according to the Protocol."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from neuroplay.core.entities.sync_item import (
    InboxCounts,
    InboxOutcome,
    InboxState,
)
from tests.contract.inbox_steps import (
    BAD,
    NOW,
    claim,
    finish,
    insert,
    item,
    stored,
)


def test_a_claim_takes_the_oldest_first_and_counts_the_try(store, school):
    insert(store, school.principal(), *(item(n) for n in (3, 1, 2)))
    first = claim(store, 2)
    assert [(row.session_id.int, row.attempts) for row in first] == [(3, 1), (1, 1)]
    assert not any(row.tried_before for row in first)
    assert [row.session_id.int for row in claim(store, 2)] == [2]
    assert claim(store, 2) == []


def test_an_older_arrival_goes_before_a_newer_one(store, school):
    insert(store, school.principal(), item(1), at=NOW - timedelta(hours=1))
    insert(store, school.principal(), item(2), at=NOW)
    assert [row.session_id.int for row in claim(store, 1)] == [1]


def test_a_claim_may_be_bound_to_ids(store, school):
    insert(store, school.principal(), *(item(n) for n in (1, 2, 3)))
    with store() as uow:
        wanted = uow.inbox.by_session(UUID(int=2))[0].inbox_id
    assert [row.inbox_id for row in claim(store, ids=[wanted, 999])] == [wanted]
    assert claim(store, ids=[]) == []


ENDED = [s for s in InboxState if s not in (InboxState.PENDING, InboxState.DISMISSED)]


@pytest.mark.parametrize("state", ENDED)
def test_only_pending_items_are_claimed(store, school, state):
    insert(store, school.principal(), item(1))
    (row,) = claim(store)
    finish(store, InboxOutcome(inbox_id=row.inbox_id, state=state))
    assert claim(store, now=NOW + timedelta(days=1)) == []


def test_an_item_whose_lease_ran_out_is_claimed_alone(store, school):
    insert(store, school.principal(), *(item(n) for n in (1, 2, 3)))
    claim(store, 2, lease_s=60)
    later = NOW + timedelta(seconds=61)
    for number in (1, 2):
        (row,) = claim(store, 10, now=later)
        assert (row.session_id.int, row.attempts, row.tried_before) == (number, 2, True)
    (row,) = claim(store, 10, now=later)
    assert (row.session_id.int, row.attempts, row.tried_before) == (3, 1, False)


def test_a_lease_holds_until_its_end(store, school):
    insert(store, school.principal(), item(1))
    claim(store, lease_s=60)
    assert claim(store, now=NOW + timedelta(seconds=59)) == []
    assert len(claim(store, now=NOW + timedelta(seconds=60))) == 1


def test_what_became_of_an_item_is_written(store, school):
    insert(store, school.principal(), *(item(n) for n in (1, 2)))
    first, second = claim(store)
    at = NOW + timedelta(seconds=3)
    finish(
        store,
        InboxOutcome(inbox_id=first.inbox_id, state=InboxState.PROCESSED),
        InboxOutcome(
            inbox_id=second.inbox_id,
            state=InboxState.HELD,
            reasons=("overlapping_play", "copied_trace"),
            error_code="x",
            error='a "b", {c}',
        ),
        now=at,
    )
    with store() as uow:
        two, one = uow.inbox.list()
    assert (one.state, one.processed_at, one.release) == (InboxState.PROCESSED, at, "2.5.0")
    assert (one.reasons, one.last_error) == ((), None)
    assert (two.state, two.processed_at) == (InboxState.HELD, at)
    assert two.reasons == ("overlapping_play", "copied_trace")
    assert (two.last_error_code, two.last_error) == ("x", 'a "b", {c}')


def test_a_failed_try_waits_for_its_time(store, school):
    insert(store, school.principal(), *(item(n) for n in (1, 2)))
    row, _ = claim(store)
    again = NOW + timedelta(seconds=5)
    finish(
        store,
        InboxOutcome(
            inbox_id=row.inbox_id,
            state=InboxState.PENDING,
            error_code="internal",
            error="boom",
            next_try_at=again,
        ),
    )
    with store() as uow:
        (kept,) = uow.inbox.by_session(UUID(int=1))
    assert (kept.state, kept.next_try_at, kept.attempts) == (InboxState.PENDING, again, 1)
    assert (kept.processed_at, kept.last_error_code) == (None, "internal")
    assert claim(store, now=again - timedelta(seconds=1)) == []
    (row,) = claim(store, now=again)
    assert (row.attempts, row.tried_before) == (2, False)


def test_nothing_to_finish_is_no_error(store, school):
    finish(store)
    finish(store, InboxOutcome(inbox_id=12345, state=InboxState.PROCESSED))


def test_a_worker_that_comes_too_late_changes_nothing(store, school):
    insert(store, school.principal(), item(1))
    (row,) = claim(store)
    finish(store, InboxOutcome(inbox_id=row.inbox_id, state=InboxState.PROCESSED))
    finish(store, InboxOutcome(inbox_id=row.inbox_id, state=InboxState.CONFLICT, error_code="x"))
    assert stored(store) == [(1, "processed")]


def test_items_are_counted_by_state_with_the_age_of_the_oldest(store, school):
    with store() as uow:
        assert uow.inbox.counts(now=NOW) == InboxCounts()
    insert(store, school.principal(), item(1), at=NOW - timedelta(seconds=90))
    insert(store, school.principal(), item(2), item(3, error=BAD), item(1, body=4))
    insert(store, school.principal(school.bia), item(5))
    (row,) = claim(store, 1)
    with store() as uow:
        assert uow.inbox.counts(now=NOW) == InboxCounts(
            pending=3, invalid=1, conflict=1, oldest_pending_s=90.0
        )
    with store() as uow:
        uow.students.lock([school.ana])
        student = uow.students.get(school.ana)
        assert student is not None
        uow.students.save(replace(student, progress=replace(student.progress, sessions=1)))
        uow.inbox.finish(
            [InboxOutcome(inbox_id=row.inbox_id, state=InboxState.PROCESSED)], now=NOW, release="1"
        )
        uow.commit()
    with store() as uow:
        assert uow.inbox.counts(now=NOW) == InboxCounts(
            pending=2, processed=1, invalid=1, conflict=1, oldest_pending_s=0.0
        )
        assert uow.inbox.counts_of(school.bia) == InboxCounts(pending=1)
        assert uow.inbox.counts_of(999) == InboxCounts()
        day_minutes = uow.classes.of_student(school.ana).day_minutes
        assert uow.students.on_page(school.ana) == (
            uow.students.get(school.ana),
            InboxCounts(pending=1, processed=1, invalid=1, conflict=1),
            day_minutes,
        )
        assert uow.students.on_page(school.bia) == (
            uow.students.get(school.bia),
            InboxCounts(pending=1),
            day_minutes,
        )
        assert uow.students.on_page(999) is None


def test_errors_are_counted_by_code(store, school):
    insert(store, school.principal(), item(1), item(2, error=BAD), item(3, error=BAD))
    (row,) = claim(store)
    with store() as uow:
        assert uow.inbox.errors() == {"negative": 2}
    finish(
        store, InboxOutcome(inbox_id=row.inbox_id, state=InboxState.FAILED, error_code="internal")
    )
    with store() as uow:
        assert uow.inbox.errors() == {"internal": 1, "negative": 2}


def test_all_items_of_a_session_are_found_oldest_first(store, school):
    insert(store, school.principal(), item(1), item(2), item(1, body=3))
    with store() as uow:
        assert [row.state for row in uow.inbox.by_session(UUID(int=1))] == [
            InboxState.PENDING,
            InboxState.CONFLICT,
        ]
        assert list(uow.inbox.by_session(UUID(int=77))) == []


def test_what_is_not_committed_is_not_claimed(store, school):
    insert(store, school.principal(), item(1))
    with store() as uow:
        assert len(uow.inbox.claim(10, now=NOW, lease_s=60)) == 1
    assert [row.attempts for row in claim(store)] == [1]


def test_erasing_a_student_removes_its_items(store, school):
    insert(store, school.principal(school.ana), item(1), item(2, error=BAD))
    insert(store, school.principal(school.bia), item(3))
    with store() as uow:
        assert uow.students.erase(school.ana)["sync_inbox"] == 2
        uow.commit()
    assert stored(store) == [(3, "pending")]


def test_what_did_not_end_well_and_what_operators_did_is_kept(store, school):
    insert(store, school.principal(), item(1), item(2))
    first, second = claim(store)
    waits = InboxOutcome(
        inbox_id=first.inbox_id, state=InboxState.PENDING, error_code="internal", error="why"
    )
    finish(store, waits, InboxOutcome(inbox_id=second.inbox_id, state=InboxState.PROCESSED))
    with store() as uow:
        done = InboxOutcome(inbox_id=first.inbox_id, state=InboxState.PROCESSED)
        uow.inbox.finish([done], now=NOW, release="2.6.0", who="ana")
        uow.commit()
    with store() as uow:
        kept = uow.inbox.attempts_of(first.inbox_id)
        assert [(a.state.value, a.error_code, a.error, a.release, a.who) for a in kept] == [
            ("pending", "internal", "why", "2.5.0", None),
            ("processed", None, None, "2.6.0", "ana"),
        ]
        assert kept[0].at == NOW
        assert list(uow.inbox.attempts_of(second.inbox_id)) == []
        assert uow.inbox.get(first.inbox_id).state is InboxState.PROCESSED
        assert uow.inbox.get(10**9) is None


def test_items_that_nobody_works_on_can_be_taken(store, school):
    insert(store, school.principal(), item(1), item(2), item(3), item(4, error=BAD))
    ids = [row.inbox_id for row in claim(store, 1)]
    with store() as uow:
        rows = {row.session_id.int: row.inbox_id for row in uow.inbox.list()}
        processed = InboxOutcome(inbox_id=rows[3], state=InboxState.PROCESSED)
        uow.inbox.finish([processed], now=NOW, release="2.5.0")
        uow.commit()
    with store() as uow:
        taken = uow.inbox.take(list(rows.values()), now=NOW)
        assert [row.session_id.int for row in taken] == [2, 4]
        later = uow.inbox.take(ids, now=NOW + timedelta(minutes=5))
        assert [row.session_id.int for row in later] == [1]


def test_ids_are_held_by_what_is_neither_invalid_nor_conflict(store, school):
    insert(store, school.principal(), item(1))
    insert(store, school.principal(school.bia), item(1, body=7), item(2, error=BAD))
    with store() as uow:
        held = uow.inbox.standing([UUID(int=n) for n in (1, 2, 3)])
        assert held == {UUID(int=1): (school.ana, item(1).payload_hash)}


def test_an_item_without_an_id_can_be_given_one(store, school):
    insert(store, school.principal(), item(None, error=BAD))
    with store() as uow:
        (row,) = uow.inbox.list()
        uow.inbox.identify(row.inbox_id, UUID(int=9))
        uow.commit()
    with store() as uow:
        assert [row.session_id for row in uow.inbox.by_session(UUID(int=9))] == [UUID(int=9)]


def test_what_came_lately_is_counted(store, school):
    insert(store, school.principal(), item(1), at=NOW - timedelta(hours=1))
    insert(store, school.principal(), item(2), item(3))
    (row,) = claim(store, 1)
    finish(store, InboxOutcome(inbox_id=row.inbox_id, state=InboxState.PROCESSED))
    with store() as uow:
        assert uow.inbox.recent(NOW) == (2, 0)
        assert uow.inbox.recent(NOW - timedelta(hours=2)) == (3, 1)


def test_the_students_of_items_are_known(store, school):
    insert(store, school.principal(), item(1))
    insert(store, school.principal(school.bia), item(2))
    with store() as uow:
        ids = {row.session_id.int: row.inbox_id for row in uow.inbox.list()}
        owners = uow.inbox.owners([*ids.values(), 10**9])
        assert owners == {ids[1]: school.ana, ids[2]: school.bia}


def test_something_is_due_exactly_when_a_claim_would_find_it(store, school):
    def due(now=NOW):
        with store() as uow:
            return uow.inbox.has_due(now=now)

    assert not due()
    insert(store, school.principal(), item(1, error=BAD))
    assert not due()
    insert(store, school.principal(), item(2))
    assert due()
    (claimed,) = claim(store, lease_s=60)
    assert not due()
    assert due(NOW + timedelta(seconds=60))
    later = NOW + timedelta(minutes=5)
    again = InboxOutcome(
        inbox_id=claimed.inbox_id,
        state=InboxState.PENDING,
        error_code="internal",
        next_try_at=later,
    )
    finish(store, again)
    assert not due(NOW + timedelta(minutes=4))
    assert due(later)
    claim(store, now=later)
    finish(store, InboxOutcome(inbox_id=claimed.inbox_id, state=InboxState.PROCESSED))
    assert not due(later + timedelta(days=1))
