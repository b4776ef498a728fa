"""The inbox, as its Protocol says."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.sync_item import (
    Delivery,
    FieldError,
    InboxCounts,
    InboxOutcome,
    InboxState,
    NewInboxItem,
    ReceiptStatus,
)
from neuroplay.core.errors import NotFound

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
BAD = FieldError(code="negative", field="score", message="score cannot be negative")
ACCEPTED, DUPLICATE, CONFLICT, INVALID = (
    ReceiptStatus.ACCEPTED,
    ReceiptStatus.DUPLICATE,
    ReceiptStatus.CONFLICT,
    ReceiptStatus.INVALID,
)


def item(number: int | None, *, body: int = 0, error: FieldError | None = None) -> NewInboxItem:
    """The session of this number (None: it has no usable id); `body` tells two records apart."""
    payload = {"session_id": number, "game_type": "cyber_runner", "score": body}
    return NewInboxItem(
        session_id=None if number is None else UUID(int=number),
        payload=payload,
        payload_hash=hashlib.sha256(json.dumps(payload).encode()).digest(),
        clock_shift_s=1.5,
        error=error,
    )


def insert(store, principal, *items, at=NOW):
    with store() as uow:
        (receipts,) = uow.inbox.insert(
            [Delivery(principal=principal, items=items, received_at=at, request_id="r-1")]
        )
        uow.commit()
    return [receipt.status for receipt in receipts]


def stored(store):
    """(session number, state) of each row, oldest first."""
    with store() as uow:
        rows = uow.inbox.list(limit=1000)
    return [
        (row.session_id.int if row.session_id else None, row.state.value) for row in reversed(rows)
    ]


def claim(store, limit=10, *, now=NOW, lease_s=60.0, ids=None):
    with store() as uow:
        claimed = uow.inbox.claim(limit, now=now, lease_s=lease_s, ids=ids)
        uow.commit()
    return claimed


def finish(store, *outcomes, now=NOW):
    with store() as uow:
        uow.inbox.finish(outcomes, now=now, release="2.5.0")
        uow.commit()


def test_a_batch_gets_a_receipt_for_each_item_in_order(store, school):
    with store() as uow:
        (receipts,) = uow.inbox.insert(
            [
                Delivery(
                    principal=school.principal(),
                    items=[item(3), item(1, error=BAD), item(2)],
                    received_at=NOW,
                    request_id="r-1",
                )
            ]
        )
    assert [r.status for r in receipts] == [ACCEPTED, INVALID, ACCEPTED]
    assert [r.session_id for r in receipts] == [str(UUID(int=n)) for n in (3, 1, 2)]
    assert [r.error for r in receipts] == [None, BAD, None]


def test_an_empty_batch_has_no_receipts(store, school):
    assert insert(store, school.principal()) == []


def test_a_stored_item_is_read_as_it_was_received(store, school):
    insert(store, school.principal(), item(1))
    with store() as uow:
        (row,) = uow.inbox.by_session(UUID(int=1))
    sent = item(1)
    assert (row.payload, row.payload_hash, row.clock_shift_s) == (
        sent.payload,
        sent.payload_hash,
        1.5,
    )
    assert (row.student_id, row.device_id.int, row.request_id) == (school.ana, 0xD, "r-1")
    assert (row.state, row.attempts, row.received_at) == (InboxState.PENDING, 0, NOW)
    assert (row.next_try_at, row.processed_at, row.last_error_code, row.release) == (None,) * 4


def test_an_invalid_item_is_stored_with_its_error(store, school):
    insert(store, school.principal(), item(1, error=BAD))
    with store() as uow:
        (row,) = uow.inbox.list()
    assert row.state is InboxState.INVALID
    assert row.last_error_code == "negative"
    assert row.last_error == "score: score cannot be negative"


@pytest.mark.parametrize("number", [1, None])
def test_an_invalid_item_is_stored_once(store, school, number):
    bad = item(number, error=BAD)
    assert insert(store, school.principal(), bad, bad) == [INVALID, INVALID]
    assert insert(store, school.principal(), bad) == [INVALID]
    assert stored(store) == [(number, "invalid")]


def test_two_children_may_send_the_same_invalid_record(store, school):
    insert(store, school.principal(school.ana), item(1, error=BAD))
    assert insert(store, school.principal(school.bia), item(1, error=BAD)) == [INVALID]
    assert stored(store) == [(1, "invalid"), (1, "invalid")]


def test_two_invalid_records_without_an_id_are_two(store, school):
    records = item(None, body=1, error=BAD), item(None, body=2, error=BAD)
    assert insert(store, school.principal(), *records) == [INVALID, INVALID]
    assert stored(store) == [(None, "invalid")] * 2


@pytest.mark.parametrize("state", [s for s in InboxState if s.value not in ("invalid", "conflict")])
def test_a_record_sent_again_is_a_duplicate_whatever_became_of_it(store, school, state):
    insert(store, school.principal(), item(1))
    (row,) = claim(store)
    finish(store, InboxOutcome(inbox_id=row.inbox_id, state=state))
    assert insert(store, school.principal(), item(1)) == [DUPLICATE]
    assert stored(store) == [(1, state.value)]


def test_the_same_record_twice_in_a_batch_is_stored_once(store, school):
    assert insert(store, school.principal(), item(1), item(2), item(1)) == [
        ACCEPTED,
        ACCEPTED,
        DUPLICATE,
    ]
    assert stored(store) == [(1, "pending"), (2, "pending")]


def test_another_record_under_a_taken_id_is_a_conflict_and_kept(store, school):
    insert(store, school.principal(), item(1))
    assert insert(store, school.principal(), item(1, body=7)) == [CONFLICT]
    assert stored(store) == [(1, "pending"), (1, "conflict")]


def test_a_conflict_sent_again_is_a_conflict_and_kept_once(store, school):
    insert(store, school.principal(), item(1))
    other = item(1, body=7)
    assert insert(store, school.principal(), other) == [CONFLICT]
    assert insert(store, school.principal(), other, other) == [CONFLICT, CONFLICT]
    assert stored(store) == [(1, "pending"), (1, "conflict")]


def test_a_conflict_inside_a_batch_goes_by_its_order(store, school):
    records = item(1), item(1, body=7), item(1), item(1, body=7), item(1, body=8)
    assert insert(store, school.principal(), *records) == [
        ACCEPTED,
        CONFLICT,
        DUPLICATE,
        CONFLICT,
        CONFLICT,
    ]
    assert stored(store) == [(1, "pending"), (1, "conflict"), (1, "conflict")]


def test_another_childs_record_under_a_taken_id_is_a_conflict(store, school):
    insert(store, school.principal(school.ana), item(1))
    assert insert(store, school.principal(school.bia), item(1)) == [CONFLICT]
    assert insert(store, school.principal(school.bia), item(1)) == [CONFLICT]
    assert insert(store, school.principal(school.ana), item(1)) == [DUPLICATE]
    assert stored(store) == [(1, "pending"), (1, "conflict")]


def test_a_valid_record_whose_earlier_copy_is_invalid_is_accepted_anew(store, school):
    insert(store, school.principal(), item(1, error=BAD))
    assert insert(store, school.principal(), item(1)) == [ACCEPTED]
    assert insert(store, school.principal(), item(1)) == [DUPLICATE]
    assert stored(store) == [(1, "invalid"), (1, "pending")]


def test_an_invalid_record_does_not_take_its_id(store, school):
    insert(store, school.principal(), item(1, body=-5, error=BAD))
    assert insert(store, school.principal(), item(1, body=5)) == [ACCEPTED]


def test_an_invalid_record_is_invalid_though_its_id_is_taken(store, school):
    insert(store, school.principal(), item(1))
    assert insert(store, school.principal(), item(1, body=-5, error=BAD)) == [INVALID]
    assert stored(store) == [(1, "pending"), (1, "invalid")]


def test_a_replayed_record_is_a_duplicate_though_it_reads_as_invalid(store, school):
    bad = item(1, error=BAD)
    insert(store, school.principal(), bad)
    with store() as uow:
        (row,) = uow.inbox.list()
        assert uow.inbox.set_state([row.inbox_id], InboxState.PENDING, now=NOW) == 1
        uow.commit()
    assert insert(store, school.principal(), bad) == [DUPLICATE]
    assert stored(store) == [(1, "pending")]


def test_valid_and_invalid_copies_in_one_batch_follow_its_order(store, school):
    valid, bad = item(1), item(1, error=BAD)
    assert insert(store, school.principal(), bad, valid, bad) == [INVALID, ACCEPTED, DUPLICATE]
    assert stored(store) == [(1, "invalid"), (1, "pending")]


def test_a_batch_for_an_erased_student_is_refused_whole(store, school):
    with store() as uow:
        uow.students.erase(school.bia)
        uow.commit()
    with store() as uow, pytest.raises(NotFound):
        uow.inbox.insert(
            [
                Delivery(
                    principal=school.principal(school.bia),
                    items=[item(1)],
                    received_at=NOW,
                    request_id=None,
                )
            ]
        )
    assert stored(store) == []


def test_payloads_keep_every_kind_of_json(store, school):
    payload = {
        "text": 'quote " back \\ tab \t ção 🦊 \u2028 \x7f',
        "n": None,
        "t": True,
        "f": 0.1,
        "big": 12345678901234567890,
        "neg": -0.5,
        "list": [1, [], {}],
        "": {"a'b": "%s %(x)s"},
    }
    new = NewInboxItem(
        session_id=UUID(int=9), payload=payload, payload_hash=b"h" * 32, clock_shift_s=-86400.25
    )
    insert(store, school.principal(), new)
    with store() as uow:
        (row,) = uow.inbox.list()
    assert row.payload == payload
    assert row.clock_shift_s == -86400.25


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


@pytest.mark.parametrize("state", [s for s in InboxState if s is not InboxState.PENDING])
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
        assert uow.students.get_with_counts(school.ana) == (
            uow.students.get(school.ana),
            InboxCounts(pending=1, processed=1, invalid=1, conflict=1),
        )
        assert uow.students.get_with_counts(school.bia) == (
            uow.students.get(school.bia),
            InboxCounts(pending=1),
        )
        assert uow.students.get_with_counts(999) is None


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


def test_the_list_can_be_narrowed(store, school):
    insert(store, school.principal(), item(1), at=NOW - timedelta(days=2))
    other_tablet = school.principal(device_id=UUID(int=5))
    insert(store, other_tablet, item(2))
    insert(store, school.principal(school.bia), item(3, error=BAD))
    with store() as uow:
        uow.devices.report(other_tablet, None, now=NOW)
        uow.commit()
    with store() as uow:
        other = uow.classes.add("4A", "Z0000").class_id

        def numbers(**asked):
            return [row.session_id.int for row in uow.inbox.list(**asked)]

        assert numbers() == [3, 2, 1]
        assert numbers(limit=2) == [3, 2]
        assert numbers(states=[InboxState.INVALID]) == [3]
        assert numbers(states=[InboxState.INVALID, InboxState.PENDING]) == [3, 2, 1]
        assert numbers(student_id=school.ana) == [2, 1]
        assert numbers(class_id=school.class_id) == [3, 2, 1]
        assert numbers(class_id=other) == []
        assert numbers(since=NOW) == [3, 2]
        assert numbers(until=NOW) == [1]
        assert numbers(error="negative") == [3]
        assert numbers(device_id=UUID(int=5)) == [2]
        assert numbers(student_id=school.ana, since=NOW) == [2]
        newest = uow.inbox.list(limit=1)[0].inbox_id
        assert numbers(before=newest) == [2, 1]


def test_all_items_of_a_session_are_found_oldest_first(store, school):
    insert(store, school.principal(), item(1), item(2), item(1, body=3))
    with store() as uow:
        assert [row.state for row in uow.inbox.by_session(UUID(int=1))] == [
            InboxState.PENDING,
            InboxState.CONFLICT,
        ]
        assert list(uow.inbox.by_session(UUID(int=77))) == []


def test_a_replayed_item_is_claimed_anew_with_all_its_tries(store, school):
    insert(store, school.principal(), item(1))
    (row,) = claim(store)
    finish(store, InboxOutcome(inbox_id=row.inbox_id, state=InboxState.FAILED))
    with store() as uow:
        assert uow.inbox.set_state([row.inbox_id, 999], InboxState.PENDING, now=NOW) == 1
        uow.commit()
    (again,) = claim(store)
    assert (again.inbox_id, again.attempts, again.tried_before) == (row.inbox_id, 1, False)


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
        uow.inbox.set_state([rows[3]], InboxState.REJECTED, now=NOW)
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


def test_counted_items_can_be_listed_by_their_verdict(store, school):
    insert(store, school.principal(), item(1), item(2), item(3))
    done = [
        InboxOutcome(inbox_id=row.inbox_id, state=InboxState.PROCESSED) for row in claim(store, 2)
    ]
    with store() as uow:
        for number, verdict in ((1, "mismatch"), (2, "plausible")):
            uow.sessions.add(
                GameSession(
                    session_id=UUID(int=number),
                    student_id=school.ana,
                    game_type="cyber_runner",
                    score=300,
                    duration=120,
                    accuracy=0.8,
                    completed=True,
                ),
                xp_gained=400,
                rating="good",
                verdict=verdict,
            )
        uow.inbox.finish(done, now=NOW, release="2.5.0")
        uow.commit()
    with store() as uow:
        assert [row.session_id.int for row in uow.inbox.list(verdict="mismatch")] == [1]
        assert uow.inbox.list(verdict="approved") == []


def delivery(principal, *items, at=NOW):
    return Delivery(principal=principal, items=items, received_at=at, request_id=None)


def test_several_deliveries_are_stored_at_once_each_with_its_own_receipts(store, school):
    ana, bia = school.principal(school.ana), school.principal(school.bia)
    with store() as uow:
        receipts = uow.inbox.insert(
            [
                delivery(ana, item(1), item(2)),
                delivery(bia),
                delivery(bia, item(3), item(1)),
                delivery(ana, item(1), item(4, error=BAD), item(3)),
                delivery(bia, item(4, error=BAD)),
            ]
        )
        uow.commit()
    assert [[one.status for one in each] for each in receipts] == [
        [ACCEPTED, ACCEPTED],
        [],
        [ACCEPTED, CONFLICT],
        [DUPLICATE, INVALID, CONFLICT],
        [INVALID],
    ]
    with store() as uow:
        rows = uow.inbox.list(limit=100)
    assert sorted(
        (row.session_id.int, row.student_id == school.ana, row.state) for row in rows
    ) == [
        (1, False, InboxState.CONFLICT),
        (1, True, InboxState.PENDING),
        (2, True, InboxState.PENDING),
        (3, False, InboxState.PENDING),
        (3, True, InboxState.CONFLICT),
        (4, False, InboxState.INVALID),
        (4, True, InboxState.INVALID),
    ]


def test_of_several_deliveries_nothing_is_stored_where_one_student_is_gone(store, school):
    gone = replace(school.principal(), student_id=999)
    with store() as uow, pytest.raises(NotFound):
        uow.inbox.insert([delivery(school.principal(), item(1)), delivery(gone, item(2))])
    assert stored(store) == []
