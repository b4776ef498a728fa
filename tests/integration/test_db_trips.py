"""Statements that are prepared, units of work that only read, and shared transactions."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from neuroplay.core.entities.student import OutboxReport, Principal
from neuroplay.core.errors import NotFound, Refused, StoreUnavailable
from neuroplay.core.use_cases.accept_sync import AcceptSync
from neuroplay.infra.db.engine import make_engine
from neuroplay.infra.db.one_trip import OneTripCursor
from neuroplay.infra.db.repositories.inbox import SqlInboxRepository
from neuroplay.infra.db.statements import Statement
from neuroplay.infra.db.unit_of_work import SqlUnitOfWork
from neuroplay.infra.gathering import gather
from neuroplay.infra.payloads import hash_payload
from tests.unit.core.samples import record, session_id

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
TWICE = Statement("SELECT %(n)s::int * 2 AS twice, %(n)s::int AS n")


def prepared(connection) -> list[str]:
    rows = connection.exec_driver_sql("SELECT statement FROM pg_prepared_statements")
    return list(rows.scalars())


def test_a_statement_names_each_value_once_and_keeps_its_text():
    assert TWICE == "SELECT %(n)s::int * 2 AS twice, %(n)s::int AS n"
    assert TWICE.body == "SELECT $1::int * 2 AS twice, $1::int AS n"
    assert TWICE.arguments == "(%(n)s)"
    assert Statement(str(TWICE)).name == TWICE.name != Statement("SELECT 1").name


def test_a_statement_is_prepared_once_a_connection(engine):
    with engine.connect() as connection:
        for n in (1, 2, 3):
            assert tuple(connection.exec_driver_sql(TWICE, {"n": n}).one()) == (2 * n, n)
        assert len(prepared(connection)) == 1


def test_what_was_prepared_survives_a_rollback(engine):
    with engine.connect() as connection:
        connection.exec_driver_sql(TWICE, {"n": 1})
        connection.rollback()
        assert connection.exec_driver_sql(TWICE, {"n": 4}).one().twice == 8
        assert len(prepared(connection)) == 1


@pytest.mark.parametrize("value", ["no number", 2**40])
def test_a_first_use_that_fails_can_be_tried_again(engine, value):
    with engine.connect() as connection:
        for _ in range(2):
            with pytest.raises(DBAPIError):
                connection.exec_driver_sql(TWICE, {"n": value})
            connection.rollback()
        assert connection.exec_driver_sql(TWICE, {"n": 4}).one().twice == 8


def test_values_with_percent_signs_and_quotes_arrive_as_they_are(engine):
    odd = "100 % of 'it' %(n)s \\ $1"
    with engine.connect() as connection:
        for _ in range(2):
            row = connection.exec_driver_sql(Statement("SELECT %(text)s::text AS t"), {"text": odd})
            assert row.scalar_one() == odd


def test_a_unit_of_work_that_reads_begins_no_transaction_and_the_next_one_does(engine, open_uow):
    with open_uow(reads=True) as uow:
        assert uow.students.get(1) is None
        (driver,) = [uow._connection.connection.dbapi_connection]
        assert driver.info.transaction_status == 0
        with pytest.raises(RuntimeError, match="read-only"):
            uow.commit()
    with open_uow() as uow:
        assert uow._connection.connection.dbapi_connection is driver
        uow.classes.add("3A", "A1B2C")
        assert driver.info.transaction_status == 2
    with open_uow(reads=True) as uow:
        assert uow.classes.by_code("A1B2C") is None


@pytest.fixture
def children(open_uow) -> list[Principal]:
    with open_uow() as uow:
        class_id = uow.classes.add("3A", "A1B2C").class_id
        ids = [uow.students.add(class_id, f"Child {n}", "fox").student_id for n in range(8)]
        uow.commit()
    return [
        Principal(
            token_id=UUID(int=own), student_id=own, class_id=class_id, device_id=UUID(int=100 + own)
        )
        for own in ids
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


def accepting(opens) -> AcceptSync:
    return AcceptSync(
        uow=opens, clock=lambda: NOW, hash_payload=hash_payload, wake_up=lambda: None, gather=gather
    )


def send(accept: AcceptSync, who: Principal, *sessions, pending: int = 0):
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


def all_at_once(opens: Counted, accept: AcceptSync, calls):
    """Send the first, and while it is on its way all others."""
    opens.gate.clear()
    with ThreadPoolExecutor(len(calls)) as pool:
        answers = [pool.submit(send, accept, *calls[0])]
        assert opens.first_is_there.wait(10)
        answers += [pool.submit(send, accept, *call) for call in calls[1:]]
        queue = accept._store.__self__
        moment = threading.Event()
        while len(queue._waiting) < len(calls) - 1:
            assert not moment.wait(0.005)
        opens.gate.set()
        return [answer.result(20) for answer in answers]


def test_syncs_of_several_children_share_a_transaction_and_each_gets_its_own_receipts(
    open_uow, children
):
    opens = Counted(open_uow)
    accept = accepting(opens)
    calls = [(who, record(2 * n), record(2 * n + 1)) for n, who in enumerate(children)]
    assert all_at_once(opens, accept, calls) == [["accepted", "accepted"]] * len(children)
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
    answers = all_at_once(opens, accepting(opens), calls)
    assert sorted(answers[1:]) == [["accepted"], ["conflict"], ["conflict"]]


def test_a_child_that_sends_the_same_from_two_requests_at_once_has_it_once(open_uow, children):
    opens = Counted(open_uow)
    ana = children[0]
    calls = [(children[1], record(1)), (ana, record(5)), (ana, record(5)), (ana, record(5))]
    answers = all_at_once(opens, accepting(opens), calls)
    assert sorted(answers[1:]) == [["accepted"], ["duplicate"], ["duplicate"]]
    with open_uow() as uow:
        assert len(uow.inbox.by_session(UUID(session_id(5)))) == 1


def test_an_erased_child_is_refused_alone(open_uow, children):
    with open_uow() as uow:
        uow.students.erase(children[2].student_id)
        uow.commit()
    opens = Counted(open_uow)
    calls = [(who, record(n)) for n, who in enumerate(children[:5])]
    answers = all_at_once(opens, accepting(opens), calls)
    assert answers == [["accepted"]] * 2 + ["student_erased"] + [["accepted"]] * 2
    with open_uow() as uow:
        assert uow.inbox.counts(now=NOW).pending == 4


@pytest.fixture
def trips(monkeypatch) -> list[str]:
    """What is sent to PostgreSQL, message by message."""
    sent: list[str] = []
    execute = OneTripCursor.execute

    def told(self, query, vars=None):
        sent.append(str(query))
        execute(self, query, vars)

    monkeypatch.setattr(OneTripCursor, "execute", told)
    return sent


def test_new_sessions_are_stored_by_one_message(open_uow, children, trips):
    accept, ana = accepting(open_uow), children[0]
    trips.clear()
    assert send(accept, ana, record(1), record(2), pending=3) == ["accepted", "accepted"]
    assert len(trips) == 1
    with open_uow() as uow:
        assert uow.devices.of_student(ana.student_id)[0]["pending"] == 3


def test_a_sign_of_life_is_one_message(open_uow, children, trips):
    accept, ana = accepting(open_uow), children[0]
    for pending in (4, 0):
        trips.clear()
        assert send(accept, ana, pending=pending) == []
        assert len(trips) == 1
        with open_uow() as uow:
            assert uow.devices.of_student(ana.student_id)[0]["pending"] == pending


def test_a_sync_that_ends_in_the_middle_loses_nothing_and_counts_nothing_twice(
    open_uow, children, monkeypatch
):
    accept, ana, bia = accepting(open_uow), *children[:2]
    assert send(accept, bia, record(1)) == ["accepted"]

    def away(*_):
        raise StoreUnavailable("gone in the middle")

    with monkeypatch.context() as patched:
        patched.setattr(SqlInboxRepository, "_known", away)
        with pytest.raises(StoreUnavailable):
            send(accept, ana, record(1), record(2))
    assert send(accept, ana, record(1), record(2)) == ["conflict", "duplicate"]
    with open_uow() as uow:
        assert uow.inbox.counts(now=NOW).pending == 2
        assert uow.inbox.counts(now=NOW).conflict == 1


def test_an_erased_child_is_told_so_whatever_it_sends(open_uow, children):
    ana = children[0]
    with open_uow() as uow:
        uow.students.erase(ana.student_id)
        uow.commit()
    accept = accepting(open_uow)
    for sessions in ([], [record(1)], [record(1, score="x")], [record(1), record(2, score="x")]):
        assert send(accept, ana, *sessions) == "student_erased"


def alone(database_url) -> Callable[..., SqlUnitOfWork]:
    """Units of work on one connection, one after the other."""
    return partial(SqlUnitOfWork, make_engine(database_url, pool_size=1))


def test_a_commit_that_fails_leaves_a_connection_that_can_be_used(database_url, children):
    opens = alone(database_url)
    for _ in range(2):
        with opens() as uow:
            assert uow.students.cards(["A1B2C"])
            uow.tokens.add(
                token_id=UUID(int=1),
                token_hash=b"x",
                student_id=999,
                device_id=UUID(int=2),
                card_version=1,
                now=NOW,
            )
            with pytest.raises(NotFound):
                uow.commit()
        with opens(reads=True) as uow:
            assert uow.students.get(children[0].student_id) is not None
        assert send(accepting(opens), children[0], record(1))[0] in ("accepted", "duplicate")
    opens.args[0].dispose()


@pytest.mark.parametrize("how", [{}, {"reads": True}, {"in_steps": True}])
def test_a_connection_that_was_interrupted_is_not_used_again(
    database_url, children, monkeypatch, how
):
    opens = alone(database_url)
    with monkeypatch.context() as patched, opens(**how) as uow:
        lost = uow._connection.connection.dbapi_connection

        def interrupted(*_):
            raise KeyboardInterrupt

        patched.setattr(OneTripCursor, "execute", interrupted)
        with pytest.raises(KeyboardInterrupt):
            uow.students.get(1)
        patched.undo()
    with opens() as uow:
        assert uow._connection.connection.dbapi_connection is not lost
        assert uow.students.get(children[0].student_id) is not None
    opens.args[0].dispose()
