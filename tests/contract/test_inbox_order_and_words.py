"""Which of several payloads counts, which of several outcomes stays, and any text in outcomes."""

from __future__ import annotations

import pytest

from neuroplay.core.entities.inbox_filter import InboxFilter
from neuroplay.core.entities.sync_item import InboxOutcome, InboxState
from tests.contract.inbox_steps import claim, finish, insert, item


@pytest.mark.parametrize("bodies", [range(6), range(5, -1, -1)])
def test_the_first_body_under_an_id_is_the_accepted_one(store, school, bodies):
    statuses = insert(store, school.principal(), *(item(1, body=body) for body in bodies))
    assert [status.value for status in statuses] == ["accepted"] + 5 * ["conflict"]
    with store() as uow:
        (accepted,) = uow.inbox.list(InboxFilter(states=(InboxState.PENDING,)))
    assert accepted.payload["score"] == bodies[0]


@pytest.mark.parametrize("second", [InboxState.CONFLICT, InboxState.PENDING, InboxState.FAILED])
def test_what_was_counted_stays_so_when_a_slower_worker_comes_back(store, school, second):
    insert(store, school.principal(), item(1))
    (claimed,) = claim(store)
    finish(store, InboxOutcome(inbox_id=claimed.inbox_id, state=InboxState.PROCESSED))
    finish(store, InboxOutcome(inbox_id=claimed.inbox_id, state=second, error_code="late"))
    with store() as uow:
        (found,) = uow.inbox.list()
    assert (found.state, found.last_error_code) == (InboxState.PROCESSED, None)


@pytest.mark.parametrize("words", ["a, {b} \"c\" 'd' \\e", "NULL", "", "é\n\t%s"])
def test_reasons_and_errors_are_kept_word_for_word(store, school, words):
    insert(store, school.principal(), item(1))
    (claimed,) = claim(store)
    finish(
        store,
        InboxOutcome(
            inbox_id=claimed.inbox_id,
            state=InboxState.HELD,
            reasons=(words, "copied_trace"),
            error_code="odd",
            error=words,
        ),
    )
    with store() as uow:
        (found,) = uow.inbox.list()
    assert (found.reasons, found.last_error) == ((words, "copied_trace"), words)


@pytest.mark.parametrize("words", ["a \x00 b", "half a \ud83d pair"])
def test_an_error_that_quotes_what_no_store_can_hold_still_ends_its_item(store, school, words):
    insert(store, school.principal(), item(1))
    (claimed,) = claim(store)
    finish(
        store,
        InboxOutcome(
            inbox_id=claimed.inbox_id, state=InboxState.FAILED, reasons=(words,), error=words
        ),
    )
    with store() as uow:
        (found,) = uow.inbox.list()
    assert found.state is InboxState.FAILED
    assert (found.last_error or "")[0] == words[0]
