"""Removing what is not kept any longer, according to the Protocol."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from neuroplay.core.entities.retention import Cutoff, Cutoffs, Removed, RetentionPass
from neuroplay.core.entities.sync_item import (
    Delivery,
    InboxCounts,
    InboxOutcome,
    InboxState,
    NewInboxItem,
)
from tests.contract.inbox_steps import (
    ACCEPTED,
    BAD,
    CONFLICT,
    DUPLICATE,
    NOW,
    claim,
    finish,
    insert,
    item,
    stored,
)
from tests.contract.test_sessions import add, session

LATER = NOW + timedelta(days=1)
ALL = Cutoffs(usual=Cutoff(traces=LATER, raw=LATER))
TRACED = {"difficulty": 2, "seed": 7, "trace": [30, 1]}


def process(store, principal, *numbers, verdict="verified", metadata=None, state="processed"):
    """Sessions with these numbers, received and decided."""
    items = [
        NewInboxItem(
            session_id=UUID(int=number),
            payload={"session_id": number, "metadata": metadata or {}},
            payload_hash=bytes([number]) * 32,
            clock_shift_s=0.0,
        )
        for number in numbers
    ]
    assert insert(store, principal, *items) == [ACCEPTED] * len(items)
    outcomes = [
        InboxOutcome(inbox_id=one.inbox_id, state=InboxState(state)) for one in claim(store)
    ]
    finish(store, *outcomes)
    if state == "processed":
        with store() as uow:
            played = [
                session(number, principal.student_id, metadata=metadata or {"difficulty": 2})
                for number in numbers
            ]
            add(uow, *played, verdict=verdict)
            uow.commit()
    return items


def remove(store, school, *, cutoffs=ALL, limit=100):
    """(traces, raw) that went."""
    with store() as uow:
        ids = [school.ana, school.bia]
        owing = uow.retention.owing(ids, cutoffs)
        counted = uow.retention.count(ids, cutoffs)
        uow.retention.hold(owing)
        removed = Removed(
            traces=uow.retention.remove_traces(owing, cutoffs, limit=limit),
            raw=uow.retention.settle(owing, cutoffs, limit=limit),
        )
        uow.commit()
    assert bool(owing) == (counted != Removed()) == (removed != Removed())
    return counted.traces, counted.raw


def test_a_session_that_was_reduced_to_its_id_stays_a_duplicate(store, school):
    (sent,) = process(store, school.principal(), 1)
    assert remove(store, school) == (0, 1)
    assert stored(store) == []
    assert insert(store, school.principal(), sent, sent) == [DUPLICATE, DUPLICATE]
    assert stored(store) == []
    with store() as uow:
        assert uow.sessions.existing([UUID(int=1), UUID(int=2)]) == {UUID(int=1)}
        holder = uow.inbox.standing([UUID(int=1)])[UUID(int=1)]
    assert holder == (school.ana, sent.payload_hash[:16])


def test_a_tablet_that_offers_it_need_not_send_it(store, school):
    (sent,) = process(store, school.principal(), 1)
    remove(store, school)
    with store() as uow:
        assert uow.inbox.lacking(school.ana, {UUID(int=1): sent.payload_hash}) == []
        for student_id, payload_hash in ((school.ana, bytes(32)), (school.bia, sent.payload_hash)):
            offered = {UUID(int=1): payload_hash}
            assert uow.inbox.lacking(student_id, offered) == [UUID(int=1)]


def test_another_record_with_its_id_is_a_conflict_as_before(store, school):
    (sent,) = process(store, school.principal(), 1)
    remove(store, school)
    assert insert(store, school.principal(), item(1, body=9)) == [CONFLICT]
    assert insert(store, school.principal(school.bia), sent) == [CONFLICT]
    assert insert(store, school.principal(), item(1, body=9), sent) == [CONFLICT, DUPLICATE]
    assert stored(store) == [(1, "conflict"), (1, "conflict")]


def test_a_record_that_was_invalid_when_it_was_sent_first_stays_a_duplicate(store, school):
    process(store, school.principal(), 1)
    remove(store, school)
    again = NewInboxItem(
        session_id=UUID(int=1),
        payload={},
        payload_hash=bytes([1]) * 32,
        clock_shift_s=0.0,
        error=BAD,
    )
    assert insert(store, school.principal(), again) == [DUPLICATE]


@pytest.mark.parametrize("state", ["held", "failed", "pending", "invalid", "conflict"])
def test_what_waits_for_a_decision_stays(store, school, state):
    process(store, school.principal(), 1, state=state)
    assert remove(store, school) == (0, 0)
    assert stored(store) == [(1, state)]


def test_what_was_rejected_goes_too_and_never_comes_back(store, school):
    (sent,) = process(store, school.principal(), 1, state="rejected")
    assert remove(store, school) == (0, 1)
    assert insert(store, school.principal(), sent) == [DUPLICATE]


@pytest.mark.parametrize(("state", "then"), [("failed", DUPLICATE), ("conflict", ACCEPTED)])
def test_of_what_was_dismissed_only_what_holds_an_id_leaves_one(store, school, state, then):
    (sent,) = process(store, school.principal(), 1, state=state)
    with store() as uow:
        (taken,) = uow.inbox.take([uow.inbox.by_session(UUID(int=1))[0].inbox_id], now=NOW)
        uow.inbox.dismiss([taken.inbox_id], now=NOW, release="x", who="ana", reason="old")
        uow.commit()
    assert remove(store, school) == (0, 1)
    assert insert(store, school.principal(), sent) == [then]


def test_a_session_that_is_still_to_be_verified_keeps_all(store, school):
    process(store, school.principal(), 1, verdict="plausible", metadata=TRACED)
    assert remove(store, school) == (0, 0)
    process(store, school.principal(), 2, verdict="plausible")
    assert remove(store, school) == (0, 1)


def test_the_trace_goes_first_and_that_of_a_mismatch_with_the_record(store, school):
    only_traces = Cutoffs(usual=Cutoff(traces=LATER))
    process(store, school.principal(), 1, metadata=TRACED)
    process(store, school.principal(), 2, metadata=TRACED, verdict="mismatch")
    assert remove(store, school, cutoffs=only_traces) == (1, 0)
    with store() as uow:
        newest, first = uow.inbox.list()
    assert first.payload == {"session_id": 1, "metadata": {"difficulty": 2, "seed": 7}}
    assert newest.payload["metadata"] == TRACED
    assert remove(store, school, cutoffs=only_traces) == (0, 0)
    assert remove(store, school) == (0, 2)


def test_only_what_was_received_and_decided_before_goes(store, school):
    process(store, school.principal(), 1)
    before = Cutoffs(usual=Cutoff(traces=NOW, raw=NOW))
    assert remove(store, school, cutoffs=before) == (0, 0)
    assert remove(store, school, cutoffs=Cutoffs(usual=Cutoff())) == (0, 0)


def test_a_class_may_have_a_cutoff_of_its_own(store, school):
    process(store, school.principal(), 1)
    kept = Cutoffs(usual=ALL.usual, of_class={school.class_id: Cutoff()})
    assert remove(store, school, cutoffs=kept) == (0, 0)
    gone = Cutoffs(usual=Cutoff(), of_class={school.class_id: ALL.usual})
    assert remove(store, school, cutoffs=gone) == (0, 1)


def test_no_more_than_the_limit_goes_at_once(store, school):
    process(store, school.principal(), 1, 2, 3, metadata=TRACED)
    with store() as uow:
        assert uow.retention.remove_traces([school.ana], ALL, limit=2) == 2
        assert uow.retention.settle([school.ana], ALL, limit=2) == 2
        uow.commit()
    assert len(stored(store)) == 1


def test_the_list_of_a_student_goes_on_with_what_has_no_record(store, school):
    process(store, school.principal(), 1, 2, 3)
    remove(store, school)
    process(store, school.principal(), 4)
    process(store, school.principal(), 5, state="held")
    with store() as uow:
        seen, cursor = [], None
        while rows := uow.sessions.page(school.ana, cursor, 2):
            seen += [(row.session_id.int, row.state, row.score) for row in rows]
            cursor = rows[-1].place
    assert seen == [
        (5, "held", None),
        (4, "processed", None),
        (3, "processed", 300),
        (2, "processed", 300),
        (1, "processed", 300),
    ]


def test_the_state_of_the_pass_is_kept(store, school):
    place = RetentionPass(after_student=7, began_at=NOW, whole_since=NOW - timedelta(hours=1))
    with store() as uow:
        assert uow.retention.take_pass().after_student == 0
        uow.retention.save_pass(place)
        uow.commit()
    with store() as uow:
        assert uow.retention.take_pass() == place


def test_an_erasure_takes_the_ids_too(store, school):
    (sent,) = process(store, school.principal(), 1)
    remove(store, school)
    with store() as uow:
        removed = uow.students.erase(school.ana)
        uow.commit()
    assert (removed["settled_sessions"], removed["game_sessions"]) == (1, 1)
    assert insert(store, school.principal(school.bia), sent) == [ACCEPTED]


def test_counts_of_a_student_do_not_forget_what_was_counted(store, school):
    with store() as uow:
        student = uow.students.get(school.ana)
        assert uow.inbox.counts_of(school.ana) == InboxCounts()
        uow.students.save(replace(student, progress=replace(student.progress, sessions=4)))
        uow.commit()
    process(store, school.principal(), 1)
    remove(store, school)
    with store() as uow:
        uow.inbox.insert(
            [
                Delivery(
                    principal=school.principal(), items=[item(9)], received_at=NOW, request_id=None
                )
            ]
        )
        assert uow.inbox.counts_of(school.ana) == InboxCounts(processed=4, pending=1)
