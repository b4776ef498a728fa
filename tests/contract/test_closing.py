"""Dismissing and reopening items, their recorded attempts, and rehearsals."""

from __future__ import annotations

from datetime import timedelta

import pytest

from neuroplay.core.entities.inbox_filter import InboxFilter
from neuroplay.core.entities.sync_item import InboxCounts, InboxOutcome, InboxState
from tests.contract.inbox_steps import BAD, DUPLICATE, INVALID, NOW, claim, finish, insert, item

LATER = NOW + timedelta(hours=1)


def take(store, *ids):
    with store() as uow:
        return [(one.inbox_id, one.state) for one in uow.inbox.take(ids, now=NOW)]


def dismiss(store, *ids):
    with store() as uow:
        uow.inbox.dismiss(ids, now=LATER, release="2.6.0", who="eva", reason="a test")
        uow.commit()


def listed(uow, *states):
    return uow.inbox.list(InboxFilter(states=states))


def reopen(store, inbox_id):
    with store() as uow:
        again = InboxOutcome(inbox_id=inbox_id, state=InboxState.PENDING)
        uow.inbox.finish([again], now=LATER, release="2.6.0", who="eva")
        uow.commit()


@pytest.fixture
def ended(store, school):
    """The number of an item in each state that can be dismissed."""
    insert(store, school.principal(), item(1, error=BAD), item(2), item(3), item(4))
    insert(store, school.principal(), item(2, body=1))
    two, three, four = claim(store)
    finish(
        store,
        InboxOutcome(inbox_id=two.inbox_id, state=InboxState.FAILED, error_code="internal"),
        InboxOutcome(inbox_id=three.inbox_id, state=InboxState.REJECTED, error_code="rejected"),
        InboxOutcome(inbox_id=four.inbox_id, state=InboxState.PROCESSED),
    )
    with store() as uow:
        return {one.state.value: one.inbox_id for one in uow.inbox.list()}


CLOSED = ("invalid", "failed", "rejected", "conflict")


@pytest.mark.parametrize("state", CLOSED)
def test_a_closed_item_is_counted_apart_and_found_by_its_state(store, ended, state):
    dismiss(store, ended[state])
    with store() as uow:
        counts = uow.inbox.counts(now=NOW)
        (found,) = listed(uow, InboxState.DISMISSED)
        assert listed(uow, InboxState(state)) == []
        assert len(listed(uow, InboxState(state), InboxState.DISMISSED)) == 1
        assert found == uow.inbox.get(ended[state])
        assert uow.inbox.counts_of(found.student_id).dismissed == 1
    assert (found.inbox_id, found.kind.value) == (ended[state], state)
    assert (counts.dismissed, getattr(counts, state)) == (1, 0)


def test_when_all_are_closed_nothing_is_left_to_look_at(store, ended):
    dismiss(store, *(ended[state] for state in CLOSED))
    with store() as uow:
        counts, errors = uow.inbox.counts(now=NOW), uow.inbox.errors()
    assert counts.dismissed == 4
    assert counts == InboxCounts(processed=counts.processed, dismissed=4)
    assert errors == {}


@pytest.mark.parametrize("state", CLOSED)
def test_a_closed_item_holds_its_id_as_before(store, school, ended, state):
    before = [one.session_id for one in _all(store) if one.inbox_id == ended[state]]
    with store() as uow:
        held = set(uow.inbox.standing(before))
    dismiss(store, ended[state])
    with store() as uow:
        assert set(uow.inbox.standing(before)) == held
    again = [INVALID] if state == "invalid" else None
    sent = {
        "invalid": item(1, error=BAD),
        "failed": item(2),
        "rejected": item(3),
        "conflict": item(2, body=1),
    }
    told = insert(store, school.principal(), sent[state])
    assert told == (again or told)
    assert len(_all(store)) == 5, "it is not stored again"
    if state in ("failed", "rejected"):
        assert told == [DUPLICATE]


def test_a_closed_item_is_taken_and_opened_again(store, ended):
    assert take(store, ended["rejected"]) == [(ended["rejected"], InboxState.REJECTED)]
    dismiss(store, ended["rejected"])
    assert take(store, ended["rejected"]) == [(ended["rejected"], InboxState.DISMISSED)]
    reopen(store, ended["rejected"])
    (again,) = claim(store)
    assert again.inbox_id == ended["rejected"]


def test_the_first_cause_of_what_was_never_tried_is_kept_once(store, ended):
    dismiss(store, ended["invalid"])
    reopen(store, ended["invalid"])
    with store() as uow:
        first, closed, _ = uow.inbox.attempts_of(ended["invalid"])
    assert (first.at, first.state, first.error_code) == (NOW, InboxState.INVALID, "negative")
    assert first.error == "score cannot be negative"
    assert (closed.at, closed.state, closed.error, closed.who) == (
        LATER,
        InboxState.DISMISSED,
        "a test",
        "eva",
    )


def test_a_rehearsal_leaves_nothing_behind(store, ended):
    with store() as uow:
        uow.inbox.dismiss([ended["failed"]], now=NOW, release="x", who="eva", reason="a test")
        uow.rehearse()
    with store() as uow:
        assert uow.inbox.counts(now=NOW).dismissed == 0


def _all(store):
    with store() as uow:
        return uow.inbox.list(limit=99)
