"""Two connections that change the same rows."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, count
from typing import TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.entities.student import Progress
from neuroplay.core.entities.sync_item import Delivery, NewInboxItem, ReceiptStatus
from neuroplay.core.errors import Refused
from neuroplay.core.use_cases.manage_students import ResetCard
from tests.builders import a_class
from tests.fakes.services import FakeSecrets

T = TypeVar("T")

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def principal(open_uow) -> StudentPrincipal:
    return a_class(open_uow).principal()


def items(*numbers: int) -> list[NewInboxItem]:
    return [
        NewInboxItem(
            session_id=UUID(int=n),
            payload={"n": n},
            clock_shift_s=0.0,
            payload_hash=hashlib.sha256(str(n).encode()).digest(),
        )
        for n in numbers
    ]


def together(*tasks: Callable[[], T]) -> list[T]:
    """What the tasks return, each run in a thread of its own, all begun at the same moment."""
    gate = threading.Barrier(len(tasks))

    def run(task: Callable[[], T]) -> T:
        gate.wait(10)
        return task()

    with ThreadPoolExecutor(len(tasks)) as threads:
        return [done.result(30) for done in [threads.submit(run, task) for task in tasks]]


def test_no_item_is_claimed_twice(open_uow, principal):
    with open_uow() as uow:
        uow.inbox.insert(
            [
                Delivery(
                    principal=principal,
                    items=items(*range(1, 401)),
                    received_at=NOW,
                    request_id=None,
                )
            ]
        )
        uow.commit()

    def claim_all() -> list[int]:
        mine = []
        while True:
            with open_uow() as uow:
                claimed = uow.inbox.claim(7, now=NOW, lease_s=60)
                uow.commit()
            if not claimed:
                return mine
            mine += [item.inbox_id for item in claimed]

    claimed = together(claim_all, claim_all, claim_all)
    assert Counter(chain(*claimed)) == dict.fromkeys(chain(*claimed), 1)
    assert len([*chain(*claimed)]) == 400


def test_an_item_that_another_is_claiming_is_passed_over_without_waiting(open_uow, principal):
    with open_uow() as uow:
        uow.inbox.insert(
            [Delivery(principal=principal, items=items(1, 2, 3), received_at=NOW, request_id=None)]
        )
        uow.commit()
    with open_uow() as first, open_uow() as second:
        taken = first.inbox.claim(2, now=NOW, lease_s=60)
        left = second.inbox.claim(10, now=NOW, lease_s=60)
        assert [i.session_id.int for i in taken] == [1, 2]
        assert [i.session_id.int for i in left] == [3]


def test_a_batch_that_comes_twice_at_once_is_stored_once(open_uow, principal):
    def send() -> list[ReceiptStatus]:
        with open_uow() as uow:
            batch = items(*range(1, 51))
            (receipts,) = uow.inbox.insert(
                [Delivery(principal=principal, items=batch, received_at=NOW, request_id=None)]
            )
            uow.commit()
        return [receipt.status for receipt in receipts]

    answers = together(send, send, send)
    for statuses in zip(*answers, strict=True):
        assert sorted(statuses) == ["accepted", "duplicate", "duplicate"]
    with open_uow() as uow:
        assert uow.inbox.counts(now=NOW).pending == 50


_rounds = count()


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=st.lists(st.permutations(range(12)), min_size=2, max_size=3))
def test_batches_with_the_same_sessions_in_any_order_never_deadlock(open_uow, principal, orders):
    first = 1000 * next(_rounds)

    def send(order) -> Callable[[], list[ReceiptStatus]]:
        def run() -> list[ReceiptStatus]:
            batch = items(*(first + n for n in order))
            with open_uow() as uow:
                (receipts,) = uow.inbox.insert(
                    [Delivery(principal=principal, items=batch, received_at=NOW, request_id=None)]
                )
                uow.commit()
            return [receipt.status for receipt in receipts]

        return run

    answers = [*chain(*together(*map(send, orders)))]
    assert answers.count(ReceiptStatus.ACCEPTED) == 12
    assert answers.count(ReceiptStatus.DUPLICATE) == 12 * (len(orders) - 1)


def test_a_batch_that_was_rolled_back_leaves_its_ids_free(open_uow, principal):
    inserted, second_began = threading.Event(), threading.Event()

    def roll_back() -> None:
        with open_uow() as uow:
            uow.inbox.insert(
                [Delivery(principal=principal, items=items(1), received_at=NOW, request_id=None)]
            )
            inserted.set()
            second_began.wait(5)

    def insert() -> list[ReceiptStatus]:
        inserted.wait(5)
        second_began.set()
        with open_uow() as uow:
            (receipts,) = uow.inbox.insert(
                [Delivery(principal=principal, items=items(1), received_at=NOW, request_id=None)]
            )
            uow.commit()
        return [receipt.status for receipt in receipts]

    _, statuses = together(roll_back, insert)
    assert statuses == [ReceiptStatus.ACCEPTED]


def test_progress_that_two_workers_count_is_not_lost(open_uow, principal):
    def count() -> None:
        for _ in range(20):
            with open_uow() as uow:
                uow.students.lock([principal.student_id])
                student = uow.students.get(principal.student_id)
                progress = Progress(xp=student.progress.xp + 1)
                uow.students.save(replace(student, progress=progress))
                uow.commit()

    together(count, count)
    with open_uow() as uow:
        assert uow.students.get(principal.student_id).progress.xp == 40


def test_students_are_locked_in_an_order_that_never_deadlocks(open_uow, principal):
    with open_uow() as uow:
        ids = [uow.students.add(principal.class_id, f"n{n}", "fox").student_id for n in range(30)]
        uow.commit()

    def lock(order: list[int]) -> Callable[[], None]:
        def run() -> None:
            for _ in range(10):
                with open_uow() as uow:
                    uow.students.lock(order)
                    for student_id in order:
                        student = uow.students.get(student_id)
                        progress = Progress(xp=student.progress.xp + 1)
                        uow.students.save(replace(student, progress=progress))
                    uow.commit()

        return run

    together(lock(ids), lock(ids[::-1]))
    with open_uow() as uow:
        found = uow.students.by_class(principal.class_id)
        assert {s.progress.xp for s in found if s.student_id in ids} == {20}


def test_a_batch_is_accepted_while_a_drain_holds_its_student(open_uow, principal):
    with open_uow() as drain:
        drain.students.lock([principal.student_id])
        with open_uow() as uow:
            ((receipt,),) = uow.inbox.insert(
                [Delivery(principal=principal, items=items(1), received_at=NOW, request_id=None)]
            )
            uow.devices.report(principal, None, now=NOW)
            uow.commit()
        assert receipt.status is ReceiptStatus.ACCEPTED


def test_of_two_new_cards_of_a_child_at_once_one_is_made_and_it_is_the_true_one(
    open_uow, principal
):
    with open_uow() as uow:
        seen = uow.students.get(principal.student_id)
    reset = ResetCard(uow=open_uow, secrets=FakeSecrets())

    def make() -> str | None:
        try:
            (made,) = reset.execute(seen.student_id, seen_version=seen.card_version).students
            return made.card_code
        except Refused:
            return None

    (printed,) = [code for code in together(*[make] * 4) if code is not None]
    with open_uow() as uow:
        card_version = uow.students.get(principal.student_id).card_version
    assert card_version == 2
    assert printed == FakeSecrets().card_code(StudentPrincipal, principal.student_id, card_version)
