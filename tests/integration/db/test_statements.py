"""Arrays reach PostgreSQL unchanged, and its plans do not grow with the backlog."""

from __future__ import annotations

import hashlib
import math
import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neuroplay.core.entities.student import GameProgress
from neuroplay.core.entities.sync_item import Delivery, NewInboxItem
from neuroplay.infra.db.arrays import bytes_array, plain_array, text_array, time_array
from neuroplay.infra.db.engine import make_engine
from neuroplay.infra.db.repositories import adult_reading, inbox, sessions, students
from neuroplay.infra.db.transaction import Transaction
from neuroplay.infra.db.unit_of_work import SqlUnitOfWork
from tests.builders import a_principal

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
odd_texts = st.sampled_from(["", "NULL", "null", '"', "\\", "{}", "a,b", " ", "'", "%s", "\n"])
moments = st.datetimes(timezones=st.just(UTC))
finite = st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture
def read_back(engine):
    with engine.connect() as connection:
        yield lambda kind, value: connection.exec_driver_sql(
            f"SELECT %s::{kind}[]", (value,)
        ).scalar_one()


@pytest.mark.parametrize(
    ("kind", "write", "values"),
    [
        ("text", text_array, st.one_of(texts, odd_texts)),
        ("bytea", bytes_array, st.binary(max_size=40)),
        ("timestamptz", time_array, moments),
        ("float8", plain_array, finite),
        ("bigint", plain_array, st.integers(-(2**63), 2**63 - 1)),
        ("bool", plain_array, st.booleans()),
        ("date", plain_array, st.dates()),
        ("uuid", plain_array, st.uuids()),
    ],
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_array_is_read_as_it_was_written(read_back, kind, write, values, data):
    sent = data.draw(st.lists(st.none() | values, max_size=6))
    found = read_back(kind, write(sent))
    if kind == "bytea":
        found = [None if one is None else bytes(one) for one in found]
    if kind == "float8":
        assert [one and math.copysign(1, one) for one in found] == [
            one and math.copysign(1, one) for one in sent
        ]
    assert found == sent


@pytest.fixture
def backlog(open_uow) -> None:
    """Three thousand rows that PostgreSQL has never counted."""
    with open_uow() as uow:
        class_id = uow.classes.add("3A", "A1B2C").class_id
        student_id = uow.students.add(class_id, "Ana", "fox").student_id
        principal = a_principal(student_id, class_id)
        items = [
            NewInboxItem(
                session_id=UUID(int=n),
                payload={"n": n},
                clock_shift_s=0.0,
                payload_hash=hashlib.sha256(str(n).encode()).digest(),
            )
            for n in range(1, 3001)
        ]
        uow.inbox.insert(
            [Delivery(principal=principal, items=items, received_at=NOW, request_id=None)]
        )
        uow.commit()


def plan(engine, statement: str, values: dict) -> str:
    *settings_, query = statement.split(";\n")
    with engine.connect() as connection:
        for one in settings_:
            connection.exec_driver_sql(one)
        rows = connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) {query}", values)
        return "\n".join(rows.scalars())


def test_a_claim_walks_the_index_in_order_and_stops(engine, backlog):
    until = NOW + timedelta(minutes=1)
    values = {**inbox.due_values(NOW), "until": until, "ids": None, "limit": 10}
    explained = plan(engine, f"{inbox.TO_CLAIM};{inbox.CLAIM}", values)
    assert "using ix_sync_inbox_due" in explained
    assert "Sort" not in explained
    assert "Bitmap" not in explained


def test_to_finish_rows_reads_no_others(engine, backlog):
    values = {
        "now": NOW,
        "release": "x",
        "ids": "{1,2}",
        "states": "{held,held}",
        "codes": "{NULL,NULL}",
        "errors": "{NULL,NULL}",
        "reasons": '{"{}","{}"}',
        "due": "{NULL,NULL}",
    }
    for who in (None, "eva"):
        explained = plan(engine, inbox.FINISH, {**values, "who": who})
        assert "pk_sync_inbox" in explained
        assert "ix_sync_inbox" not in explained


def test_what_is_known_of_ids_is_looked_up_in_their_indexes(engine, backlog):
    explained = plan(engine, inbox.KNOWN, {"ids": f"{{{UUID(int=1)}}}"})
    assert "uq_sync_inbox_session_id" in explained
    assert "ix_sync_inbox_session_id_aside" in explained
    assert "Seq Scan" not in explained


def test_a_childs_page_reads_its_own_unfinished_games_and_cleans_their_index(database_url, backlog):
    """By an index scan, which marks the entries of rows that are gone. A bitmap scan does not."""
    engine = make_engine(database_url, by_index=True)
    explained = plan(engine, students.ON_PAGE, {"id": 1})
    engine.dispose()
    inbox_part = explained[explained.index("on sync_inbox") - 200 :]
    assert "Index Only Scan using ix_sync_inbox_unfinished_student_id_state_received_at" in (
        inbox_part
    )
    assert "Bitmap" not in explained


def test_the_stamp_of_a_class_reads_nothing_of_other_children(database_url, backlog):
    engine = make_engine(database_url, by_index=True)
    explained = plan(engine, adult_reading.STAMP, {"classes": "{1}", "now": NOW}).splitlines()
    engine.dispose()
    for table in ("devices", "sync_inbox"):
        (scan,) = [n for n, line in enumerate(explained) if f" on {table}" in line]
        assert re.search(r"Index Cond: \(+student_id = own\w*\.student_id\)", explained[scan + 1])


@pytest.mark.parametrize("in_steps", [True, False])
@pytest.mark.parametrize("pooled", [True, False])
def test_a_process_that_serves_reads_by_index_scans(database_url, in_steps, pooled):
    engine = make_engine(database_url, by_index=True, pooled=pooled)
    with closing(Transaction(engine, in_steps=in_steps)) as transaction:
        for _ in range(2):
            assert transaction.one("SHOW enable_bitmapscan")[0] == "off"
            assert transaction.one("SHOW idle_in_transaction_session_timeout")[0] == "30s"
    engine.dispose()


def test_the_overview_of_many_classes_finds_the_week_by_the_time_of_storage(database_url):
    engine = make_engine(database_url, by_index=True)
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO classes (name, code) VALUES ('3A', 'A1B2C')",
            "INSERT INTO students (class_id, nickname, avatar) "
            "SELECT 1, 'Ana', 'fox' FROM generate_series(1, 200)",
            "INSERT INTO game_sessions (session_id, student_id, game_type, game_version, score, "
            "duration, accuracy, completed, difficulty, started_at, ended_at, utc_offset_minutes, "
            "xp_gained, rating, verdict, stored_at) "
            "SELECT gen_random_uuid(), 1 + mod(n, 200), 'cyber_runner', '1', 300, 60, 0.8, true, "
            "2, at, at, 0, 1, 'good', 'verified', at FROM generate_series(1, 20000) AS n, "
            "LATERAL (SELECT now() - make_interval(hours => 20000 - n) AS at) AS t",
        ):
            connection.exec_driver_sql(statement)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE game_sessions, students")
    asked = {"now": datetime.now(UTC), "classes": "{1,2}"}
    explained = plan(engine, adult_reading.PLAYED_BY_MANY_CLASSES, asked)
    engine.dispose()
    assert "Bitmap Index Scan on ix_game_sessions_stored_at" in explained


def test_a_board_reads_no_sessions_of_other_games_from_the_table(engine):
    values = {"class_id": 1, "game_type": "n_back_trail", "since": NOW, "until": NOW}
    explained = plan(engine, sessions.LEADERBOARD, values)
    (condition,) = [line for line in explained.splitlines() if "ended_at >=" in line]
    assert "Index Cond" in condition
    assert "game_type = 'n_back_trail'" in condition


def test_what_a_sync_writes_is_planned_once_in_a_process_that_serves(database_url, open_uow):
    with open_uow() as uow:
        class_id = uow.classes.add("3A", "A1B2C").class_id
        principal = a_principal(uow.students.add(class_id, "Ana", "fox").student_id, class_id)
        uow.commit()
    engine = make_engine(database_url, pool_size=1, by_index=True)
    for number in range(8):
        with SqlUnitOfWork(engine, in_steps=True) as uow:
            item = NewInboxItem(
                session_id=UUID(int=number + 1),
                payload={"n": number},
                clock_shift_s=0.0,
                payload_hash=hashlib.sha256(str(number).encode()).digest(),
            )
            delivery = Delivery(principal=principal, items=[item], received_at=NOW, request_id=None)
            uow.devices.report_all([delivery])
            uow.inbox.insert([delivery])
            uow.commit()
    with closing(Transaction(engine)) as transaction:
        rows = transaction.rows(
            "SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements"
        )
    engine.dispose()
    planned = {row.statement.split()[5]: row[1:] for row in rows}
    assert planned == {"sync_inbox": (8, 0), "devices": (8, 0)}


GAMES = ("cyber_runner", "memory_pairs", "signal_stop")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(GAMES), st.sampled_from(["same", "next", "restate"])),
        max_size=6,
    )
)
def test_games_are_stored_as_saved_and_not_written_again(open_uow, steps):
    with open_uow() as uow:
        class_id = uow.classes.add("3A", "A1B2C").class_id
        student_id = uow.students.add(class_id, "Ana", "fox").student_id
        expected: dict[str, int] = {}
        for game_type, then in steps:
            uow.students.lock([student_id])
            student = uow.students.get(student_id)
            assert {g.game_type: g.plays for g in student.progress.games.values()} == expected
            before = _versions(uow, student_id)
            expected[game_type] = expected.get(game_type, 0) + 1
            save = uow.students.restate if then == "restate" else uow.students.save
            save(_played(student, game_type, expected[game_type]))
            uow.students.flush()
            written = {
                name for name, at in _versions(uow, student_id).items() if before.get(name) != at
            }
            assert written == (set(expected) if then == "restate" else {game_type})
            if then != "same":
                uow.students.forget()
        uow.rollback()


def _versions(uow, student_id: int) -> dict[str, str]:
    """The place of each game's row, which an update changes."""
    rows = uow._open.rows(
        "SELECT game_type, ctid::text AS place FROM student_games WHERE student_id = %s",
        (student_id,),
    )
    return {row.game_type: row.place for row in rows}


def _played(student, game_type: str, plays: int):
    game = GameProgress(
        game_type=game_type, plays=plays, best_score=9, difficulty=1, last_ended_at=NOW
    )
    games = {**student.progress.games, game_type: game}
    return replace(student, progress=replace(student.progress, games=games))
