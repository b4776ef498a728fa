"""What a store has of an offer, and its epoch, according to the Protocols."""

from __future__ import annotations

from uuid import UUID

from neuroplay.core.entities.sync_item import InboxOutcome, InboxState
from tests.contract.inbox_steps import BAD, NOW, claim, finish, insert, item


def lacking(store, student_id: int, *items) -> list[int]:
    """The numbers of the offered sessions that the store lacks."""
    with store(in_steps=True) as uow:
        found = uow.inbox.lacking(student_id, {one.session_id: one.payload_hash for one in items})
    return [one.int for one in found]


def test_what_was_never_stored_is_lacking_in_the_order_of_the_offer(store, school):
    insert(store, school.principal(), item(2))
    assert lacking(store, school.ana, item(3), item(2), item(1)) == [3, 1]
    assert lacking(store, school.ana) == []


def test_what_is_stored_is_not_lacking_in_whatever_state(store, school):
    insert(store, school.principal(), *map(item, range(1, 5)))
    claimed = {one.session_id.int: one.inbox_id for one in claim(store)}
    ends = {1: InboxState.PROCESSED, 2: InboxState.FAILED, 3: InboxState.HELD}
    finish(store, *(InboxOutcome(inbox_id=claimed[n], state=state) for n, state in ends.items()))
    with store() as uow:
        failed = uow.inbox.take([claimed[2]], now=NOW)
        uow.inbox.dismiss(
            [one.inbox_id for one in failed], now=NOW, release="1", who="o", reason="r"
        )
        uow.commit()
    assert lacking(store, school.ana, *map(item, range(1, 6))) == [5]


def test_another_session_of_this_id_is_not_the_offered_one(store, school):
    insert(store, school.principal(), item(1))
    assert lacking(store, school.ana, item(1, body=7)) == [1]
    assert lacking(store, school.bia, item(1)) == [1]


def test_a_conflict_is_stored_and_an_invalid_item_is_not(store, school):
    insert(store, school.principal(), item(1), item(1, body=7), item(2, error=BAD))
    assert lacking(store, school.ana, item(1, body=7), item(2)) == [2]


def test_an_offer_agrees_with_the_receipts_of_a_sync(store, school):
    insert(store, school.principal(), item(1), item(2))
    offered = [item(1), item(2, body=7), item(3)]
    missing = lacking(store, school.ana, *offered)
    statuses = insert(store, school.principal(), *offered)
    assert missing == [
        one.session_id.int
        for one, status in zip(offered, statuses, strict=True)
        if status.value != "duplicate"
    ]


def test_a_store_has_one_epoch_and_no_backup_at_first(store):
    with store(in_steps=True) as uow:
        epoch = uow.epochs.current()
    assert isinstance(epoch.epoch_id, UUID)
    assert epoch.safe_before is None
    with store() as uow:
        assert uow.epochs.current() == epoch
