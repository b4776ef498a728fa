"""A clock that was ahead and is corrected does not delay accepted games."""

from __future__ import annotations

from datetime import timedelta

import pytest

from neuroplay.core.entities.sync_item import (
    LATEST_LEASE_S,
    LEASE_S,
    LONGEST_WAIT_S,
    InboxOutcome,
    InboxState,
)
from neuroplay.core.entities.verification import LONGEST_WAIT_S as LONGEST_VERIFY_WAIT_S
from tests.contract.inbox_steps import NOW, claim, finish, insert, item
from tests.contract.test_sessions import claimed, outcome, traced

AHEAD = [timedelta(hours=1), timedelta(days=1), timedelta(days=200)]


@pytest.mark.parametrize("ahead", AHEAD, ids=str)
def test_what_was_accepted_while_the_clock_was_ahead_is_due_at_once(store, school, ahead):
    insert(store, school.principal(), item(1), at=NOW + ahead)
    with store() as uow:
        assert uow.inbox.has_due(now=NOW)
        assert uow.inbox.counts(now=NOW).oldest_pending_s == 0
    assert len(claim(store)) == 1


@pytest.mark.parametrize("ahead", AHEAD, ids=str)
def test_what_was_claimed_while_the_clock_was_ahead_is_claimed_again(store, school, ahead):
    insert(store, school.principal(), item(1))
    claim(store, now=NOW + ahead, lease_s=LEASE_S)
    with store() as uow:
        assert uow.inbox.has_due(now=NOW)
    (again,) = claim(store)
    assert again.tried_before


@pytest.mark.parametrize("ahead", AHEAD, ids=str)
def test_what_failed_while_the_clock_was_ahead_is_tried_again(store, school, ahead):
    insert(store, school.principal(), item(1))
    (one,) = claim(store)
    again = InboxOutcome(
        inbox_id=one.inbox_id,
        state=InboxState.PENDING,
        error_code="internal",
        next_try_at=NOW + ahead + timedelta(seconds=LONGEST_WAIT_S),
    )
    finish(store, again)
    with store() as uow:
        assert uow.inbox.has_due(now=NOW)
        assert len(uow.inbox.take([one.inbox_id], now=NOW)) == 1
    assert len(claim(store)) == 1


def test_a_wait_and_a_lease_hold_while_the_clock_is_right(store, school):
    insert(store, school.principal(), item(1), item(2))
    leased, waits = claim(store, lease_s=LEASE_S)
    later = NOW + timedelta(seconds=LONGEST_WAIT_S - 60)
    finish(
        store, InboxOutcome(inbox_id=waits.inbox_id, state=InboxState.PENDING, next_try_at=later)
    )
    with store() as uow:
        assert not uow.inbox.has_due(now=NOW)
        # A clock that is set right by some seconds takes nothing from a worker.
        assert not uow.inbox.has_due(now=NOW - timedelta(seconds=LATEST_LEASE_S - LEASE_S - 1))
        assert [one.inbox_id for one in uow.inbox.take([leased.inbox_id], now=NOW)] == []
    assert claim(store) == []
    assert len(claim(store, now=later)) == 1


@pytest.mark.parametrize("ahead", AHEAD, ids=str)
def test_what_was_to_be_verified_while_the_clock_was_ahead_is_due(store, school, ahead):
    with store() as uow:
        traced(uow, school, 1)
        uow.commit()
    late = NOW + ahead + timedelta(seconds=LONGEST_VERIFY_WAIT_S)
    with store() as uow:
        assert len(claimed(uow)) == 1
        uow.sessions.finish_verification([outcome(1, "plausible", "no_rules", due_at=late)])
        uow.commit()
    with store() as uow:
        assert len(claimed(uow, now=NOW)) == 1


def test_the_store_tells_the_time(store):
    with store() as uow:
        first = uow.now()
        assert first.tzinfo is not None
        assert uow.now() >= first
