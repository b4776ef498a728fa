"""Statements that are prepared, how many messages a unit of work takes, and shared transactions."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import psycopg2
import pytest

from neuroplay.core.entities.principal import NewToken, StudentPrincipal
from neuroplay.core.entities.student import OutboxReport
from neuroplay.core.errors import NotFound, Refused, StoreUnavailable
from neuroplay.core.interfaces.services import Gather
from neuroplay.core.use_cases.accept_sync import AcceptSync
from neuroplay.infra.db.engine import make_engine
from neuroplay.infra.db.repositories.inbox import KNOWN
from neuroplay.infra.db.statements import Statement
from neuroplay.infra.db.transaction import Transaction
from neuroplay.infra.db.unit_of_work import SqlUnitOfWork
from neuroplay.infra.gathering import Queue, gather
from neuroplay.infra.payloads import hash_payload
from tests.builders import a_holder, a_principal
from tests.integration.db.wire import Wire, on_the_wire
from tests.integration.servers import wait_until
from tests.unit.core.samples import record, session_id

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
TWICE = Statement("SELECT %(n)s::int * 2 AS twice, %(n)s::int AS n")


@pytest.fixture
def transaction(engine) -> Iterator[Transaction]:
    opened = Transaction(engine)
    yield opened
    opened.close()


def prepared(transaction: Transaction) -> list[str]:
    return transaction.column("SELECT statement FROM pg_prepared_statements")


def test_a_statement_names_each_value_once_and_keeps_its_text():
    assert TWICE == "SELECT %(n)s::int * 2 AS twice, %(n)s::int AS n"
    assert TWICE.prepare == f"PREPARE {TWICE.name} AS SELECT $1::int * 2 AS twice, $1::int AS n"
    assert TWICE.execute == f"EXECUTE {TWICE.name}(%(n)s)"
    assert Statement(str(TWICE)).name == TWICE.name != Statement("SELECT 1").name


def test_a_statement_is_prepared_once_a_connection(engine, transaction):
    for n in (1, 2, 3):
        assert tuple(transaction.one(TWICE, {"n": n})) == (2 * n, n)
    assert len(prepared(transaction)) == 1
    transaction.close()
    with closing(Transaction(engine)) as again:
        assert again.one(TWICE, {"n": 4}).twice == 8
        assert len(prepared(again)) == 1


def test_what_was_prepared_survives_a_rollback(transaction):
    transaction.one(TWICE, {"n": 1})
    transaction.rollback()
    assert transaction.one(TWICE, {"n": 4}).twice == 8
    assert len(prepared(transaction)) == 1


@pytest.mark.parametrize("value", ["no number", 2**40])
def test_a_first_use_that_fails_can_be_tried_again(transaction, value):
    for _ in range(2):
        with pytest.raises(psycopg2.DataError):
            transaction.one(TWICE, {"n": value})
        transaction.rollback()
    assert transaction.one(TWICE, {"n": 4}).twice == 8


def test_a_statement_that_cannot_be_prepared_fails_each_time_and_harms_no_other(transaction):
    for _ in range(2):
        with pytest.raises(psycopg2.ProgrammingError):
            transaction.one(Statement("SELECT nothing FROM nowhere"))
        transaction.rollback()
    assert transaction.one(TWICE, {"n": 4}).twice == 8


def test_values_with_percent_signs_and_quotes_arrive_as_they_are(transaction):
    odd = "100 % of 'it' %(n)s \\ $1"
    for ask in (Statement("SELECT %(text)s::text AS t"), "SELECT %(text)s::text AS t"):
        for _ in range(2):
            assert transaction.one(ask, {"text": odd}).t == odd
    assert transaction.one("SELECT 'a%b' AS t").t == "a%b"


def test_what_is_written_ahead_is_rolled_back_with_the_rest(engine, open_uow):
    with open_uow() as uow:
        class_id = uow.classes.add("3A", "A1B2C").class_id
        uow.commit()
    add = "INSERT INTO students (class_id, nickname, avatar) VALUES (%s, %s, 'fox')"
    with closing(Transaction(engine)) as transaction:
        transaction.send_ahead(add, (class_id, "Ana 100 %"))
        assert transaction.column("SELECT nickname FROM students") == ["Ana 100 %"]
        transaction.send_ahead(add, (class_id, "Bia"))
        transaction.rollback()
        assert transaction.column("SELECT nickname FROM students") == []
        transaction.send_ahead(add, (class_id, "Caio"))
        transaction.commit()
    with closing(Transaction(engine, in_steps=True)) as transaction:
        transaction.send_ahead(add, (class_id, "Davi"))
        transaction.commit()
        transaction.send_ahead(add, (class_id, "Eva"))
    with closing(Transaction(engine)) as transaction:
        assert transaction.column("SELECT nickname FROM students ORDER BY 1") == ["Caio", "Davi"]


def test_a_unit_of_work_in_steps_begins_no_transaction_and_the_next_one_does(database_url, engine):
    """On one connection: whoever has it next is not in steps."""
    opens = alone(database_url)

    def state() -> str:
        with closing(Transaction(engine)) as other:
            asked = "SELECT state FROM pg_stat_activity WHERE datname = current_database() "
            (found,) = other.column(asked + "AND pid <> pg_backend_pid()")
            return str(found)

    for _ in range(2):
        with opens(in_steps=True) as uow:
            assert uow.students.get(1) is None
            assert state() == "idle"
        with opens() as uow:
            assert uow.students.get(1) is None
            assert state() == "idle in transaction"
    with opens(in_steps=True) as uow:
        uow.classes.add("3A", "A1B2C")
    with opens() as uow:
        assert uow.classes.by_code("A1B2C") is not None
    opens.args[0].dispose()


@pytest.fixture
def children(open_uow) -> list[StudentPrincipal]:
    with open_uow() as uow:
        class_id = uow.classes.add("3A", "A1B2C").class_id
        ids = [uow.students.add(class_id, f"Child {n}", "fox").student_id for n in range(8)]
        uow.commit()
    return [
        a_principal(student_id, class_id, device_id=UUID(int=100 + student_id))
        for student_id in ids
    ]


class Counted:
    """A factory of units of work that counts commits."""

    def __init__(self, open_uow) -> None:
        self._open = open_uow
        self.opened = 0
        self.gate = threading.Event()
        self.gate.set()
        self.first_is_there = threading.Event()

    def __call__(self, **how: bool):
        self.opened += 1
        self.first_is_there.set()
        self.gate.wait(10)
        return self._open(**how)


def accepting(opens, gather: Gather = gather) -> AcceptSync:
    return AcceptSync(
        uow=opens, clock=lambda: NOW, hash_payload=hash_payload, wake_up=lambda: None, gather=gather
    )


def send(accept: AcceptSync, who: StudentPrincipal, *sessions, pending: int = 0):
    try:
        receipts = accept.execute(
            who,
            sessions=sessions,
            sent_at=NOW,
            outbox=OutboxReport(pending=pending, oldest=None),
            request_id=f"r-{who.student_id}",
        )
    except Refused as error:
        return error.code
    return [receipt.status.value for receipt in receipts]


def all_at_once(opens: Counted, calls):
    """Send the first, and while it is on its way all others."""
    queues: list[Queue] = []

    def gathered(many):
        queues.append(gather(many))
        return queues[-1]

    accept = accepting(opens, gathered)
    opens.gate.clear()
    with ThreadPoolExecutor(len(calls)) as pool:
        answers = [pool.submit(send, accept, *calls[0])]
        assert opens.first_is_there.wait(10)
        answers += [pool.submit(send, accept, *call) for call in calls[1:]]
        wait_until(lambda: queues[0].waiting == len(calls) - 1, "the others wait")
        opens.gate.set()
        return [answer.result(20) for answer in answers]


def test_syncs_of_several_children_share_a_transaction_and_each_gets_its_own_receipts(
    open_uow, children
):
    opens = Counted(open_uow)
    calls = [(who, record(2 * n), record(2 * n + 1)) for n, who in enumerate(children)]
    assert all_at_once(opens, calls) == [["accepted", "accepted"]] * len(children)
    assert opens.opened == 2
    with open_uow() as uow:
        rows = uow.inbox.list(limit=100)
    assert {(row.student_id, str(row.session_id), row.request_id) for row in rows} == {
        (who.student_id, session_id(2 * n + k), f"r-{who.student_id}")
        for n, who in enumerate(children)
        for k in (0, 1)
    }


def test_two_children_with_one_session_id_in_one_transaction_conflict(open_uow, children):
    opens = Counted(open_uow)
    calls = [(who, record(7)) for who in children[:3]]
    calls.insert(0, (children[3], record(1)))
    answers = all_at_once(opens, calls)
    assert sorted(answers[1:]) == [["accepted"], ["conflict"], ["conflict"]]


def test_a_child_that_sends_the_same_from_two_requests_at_once_has_it_once(open_uow, children):
    opens = Counted(open_uow)
    ana = children[0]
    calls = [(children[1], record(1)), (ana, record(5)), (ana, record(5)), (ana, record(5))]
    answers = all_at_once(opens, calls)
    assert sorted(answers[1:]) == [["accepted"], ["duplicate"], ["duplicate"]]
    with open_uow() as uow:
        assert len(uow.inbox.by_session(UUID(session_id(5)))) == 1


def test_an_erased_child_is_refused_alone(open_uow, children):
    with open_uow() as uow:
        uow.students.erase(children[2].student_id)
        uow.commit()
    opens = Counted(open_uow)
    calls = [(who, record(n)) for n, who in enumerate(children[:5])]
    answers = all_at_once(opens, calls)
    assert answers == [["accepted"]] * 2 + ["student_erased"] + [["accepted"]] * 2
    with open_uow() as uow:
        assert uow.inbox.counts(now=NOW).pending == 4


@pytest.fixture
def wire(database_url) -> Iterator[Wire]:
    with on_the_wire(database_url) as wire:
        yield wire


def test_new_sessions_are_stored_by_one_message(wire, open_uow, children):
    opens, ana = alone(wire.url), children[0]
    accept = accepting(opens)
    send(accept, ana, record(0))  # prepares
    wire.messages.clear()
    assert send(accept, ana, record(1), record(2), pending=3) == ["accepted", "accepted"]
    assert len(wire.messages) == 1
    with open_uow() as uow:
        assert uow.devices.of_student(ana.student_id)[0].pending == 3
    opens.args[0].dispose()


def test_a_sign_of_life_is_one_message(wire, open_uow, children):
    opens, ana = alone(wire.url), children[0]
    accept = accepting(opens)
    send(accept, ana)
    for pending in (4, 0):
        wire.messages.clear()
        assert send(accept, ana, pending=pending) == []
        assert len(wire.messages) == 1
        with open_uow() as uow:
            assert uow.devices.of_student(ana.student_id)[0].pending == pending
    opens.args[0].dispose()


def test_a_transaction_takes_one_message_a_statement_and_one_to_commit(wire, children):
    opens = alone(wire.url)
    for how, messages in ((False, 3), (True, 2)):
        with opens(in_steps=how) as uow:
            wire.messages.clear()
            uow.classes.all()
            uow.classes.add(f"in steps: {how}", f"A{messages}B{messages}C")
            uow.commit()
        assert len(wire.messages) == messages
    opens.args[0].dispose()


def test_a_sync_that_ends_in_the_middle_loses_nothing_and_counts_nothing_twice(
    wire, open_uow, children
):
    opens, (ana, bia) = alone(wire.url), children[:2]
    accept = accepting(opens)
    assert send(accept, bia, record(1)) == ["accepted"]
    wire.cut_at = lambda query: query.startswith(f"EXECUTE {KNOWN.name}")
    with pytest.raises(StoreUnavailable):
        send(accept, ana, record(1), record(2))
    wire.cut_at = lambda _: False
    assert send(accept, ana, record(1), record(2)) == ["conflict", "duplicate"]
    with open_uow() as uow:
        assert uow.inbox.counts(now=NOW).pending == 2
        assert uow.inbox.counts(now=NOW).conflict == 1
    opens.args[0].dispose()


def test_an_erased_child_is_told_so_whatever_it_sends(open_uow, children):
    ana = children[0]
    with open_uow() as uow:
        uow.students.erase(ana.student_id)
        uow.commit()
    accept = accepting(open_uow)
    for sessions in ([], [record(1)], [record(1, score="x")], [record(1), record(2, score="x")]):
        assert send(accept, ana, *sessions) == "student_erased"


def alone(database_url) -> partial[SqlUnitOfWork]:
    """Units of work on one connection, one after the other."""
    return partial(SqlUnitOfWork, make_engine(database_url, pool_size=1))


def test_a_commit_that_fails_leaves_a_connection_that_can_be_used(database_url, children):
    opens = alone(database_url)
    for _ in range(2):
        with opens() as uow:
            assert uow.tokens.cards(["A1B2C"])
            uow.tokens.add(
                [
                    NewToken(
                        secret_mark="mark",
                        token_id=UUID(int=1),
                        token_hash=b"x",
                        holder=a_holder(999),
                        device_id=UUID(int=2),
                        now=NOW,
                    )
                ]
            )
            with pytest.raises(NotFound):
                uow.commit()
        with opens(in_steps=True) as uow:
            assert uow.students.get(children[0].student_id) is not None
        assert send(accepting(opens), children[0], record(1))[0] in ("accepted", "duplicate")
    opens.args[0].dispose()


@pytest.mark.parametrize("in_steps", [False, True])
def test_a_connection_that_was_interrupted_is_not_used_again(
    database_url, wire, children, in_steps
):
    """As by Ctrl+C in the middle of an answer."""
    opens = alone(wire.url)
    with opens(in_steps=in_steps) as uow:
        uow.students.get(children[0].student_id)

        def interrupted(_: str) -> bool:
            os.kill(os.getpid(), signal.SIGINT)
            moment.wait(10)
            return False

        moment = threading.Event()
        wire.cut_at = interrupted
        with pytest.raises(KeyboardInterrupt):
            uow.students.get(children[1].student_id)
        wire.cut_at = lambda _: False
        moment.set()
    with opens() as uow:
        assert uow.students.get(children[0].student_id).nickname == "Child 0"
    opens.args[0].dispose()
