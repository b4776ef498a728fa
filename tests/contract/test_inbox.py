"""Storing deliveries in the inbox, according to the Protocol."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from neuroplay.core.entities.sync_item import (
    Delivery,
    InboxOutcome,
    InboxState,
    NewInboxItem,
)
from neuroplay.core.errors import NotFound
from tests.contract.inbox_steps import (
    ACCEPTED,
    BAD,
    CONFLICT,
    DUPLICATE,
    INVALID,
    NOW,
    claim,
    finish,
    insert,
    item,
    stored,
)


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
    assert row.last_error == "score cannot be negative"


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


ASIDE = (InboxState.INVALID, InboxState.CONFLICT, InboxState.DISMISSED)


@pytest.mark.parametrize("state", [s for s in InboxState if s not in ASIDE])
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
        again = InboxOutcome(inbox_id=row.inbox_id, state=InboxState.PENDING)
        uow.inbox.finish([again], now=NOW, release="2.6.0", who="eva")
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
