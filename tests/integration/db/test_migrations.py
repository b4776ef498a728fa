"""Migrations on a real PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory

from neuroplay.core.errors import StoreUnavailable
from neuroplay.infra.db import migrations
from neuroplay.infra.db.engine import make_engine
from tests.integration.db.schema import schema_of

SCHEMA = Path(__file__).parents[3] / "docs" / "schema.sql"


@pytest.fixture
def empty(empty_database_url):
    engine = make_engine(empty_database_url)
    yield engine
    engine.dispose()


def test_an_empty_database_has_no_revision_and_misses_all(empty):
    assert migrations.current(empty) is None
    assert [step.revision for step in migrations.pending(empty)][-1] == migrations.head()


def test_an_upgrade_goes_to_the_head_and_tells_each_step(empty):
    heard: list[migrations.Step] = []
    done = migrations.upgrade(empty, heard.append)
    assert heard == done
    assert [step.revision for step in done] == sorted(step.revision for step in done)
    assert migrations.current(empty) == migrations.head()
    assert migrations.pending(empty) == []
    assert "Create the tables" in str(done[0])


def test_a_second_upgrade_does_nothing(empty):
    migrations.upgrade(empty)
    assert migrations.upgrade(empty) == []


def test_two_upgrades_at_once_do_not_collide(empty_database_url):
    gate = threading.Barrier(3)

    def upgrade() -> list[migrations.Step]:
        engine = make_engine(empty_database_url)
        gate.wait(10)
        done = migrations.upgrade(engine)
        engine.dispose()
        return done

    with ThreadPoolExecutor(3) as threads:
        runs = [done.result(60) for done in [threads.submit(upgrade) for _ in range(3)]]
    assert sorted(len(run) for run in runs)[:2] == [0, 0]
    assert max(runs, key=len)[-1].revision == migrations.head()


def test_two_commands_at_once_do_not_collide(empty_database_url, tmp_path):
    """Processes, as on two machines."""
    environment = {
        **os.environ,
        "DATABASE_URL": empty_database_url.replace("postgresql+psycopg2:", "postgresql:"),
        "NEUROPLAY_HOME": str(tmp_path),
    }

    def migrate(_: int) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "cli", "db", "migrate", "--json"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done
        return json.loads(done.stdout)

    with ThreadPoolExecutor(2) as threads:
        runs = list(threads.map(migrate, range(2)))
    assert sorted(bool(run["applied"]) for run in runs) == [False, True]
    assert {run["to"] for run in runs} == {migrations.head()}


def test_an_upgrade_that_fails_leaves_the_schema_and_the_lock_as_they_were(empty):
    with empty.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE tokens (in_the_way int)")
    with pytest.raises(Exception, match="already exists"):
        migrations.upgrade(empty)
    assert migrations.current(empty) is None
    with empty.begin() as connection:
        assert connection.exec_driver_sql("SELECT to_regclass('students')").scalar() is None
        connection.exec_driver_sql("DROP TABLE tokens")
    assert migrations.upgrade(empty)


def test_an_upgrade_waits_for_another_one_longer_than_a_request_would(empty_database_url):
    hasty = make_engine(empty_database_url, answer_timeout_s=0.2)
    with hasty.connect() as other:
        other.exec_driver_sql("SELECT pg_advisory_lock(%s)", (migrations.LOCK,))
        other.commit()
        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(migrations.upgrade, hasty)
            assert not wait([waiting], timeout=0.6).done
            other.exec_driver_sql("SELECT pg_advisory_unlock(%s)", (migrations.LOCK,))
            other.commit()
            assert waiting.result(30)
    hasty.dispose()


def test_head_is_alembics_own_and_there_is_one():
    folder = Path(migrations.__file__).parent
    assert ScriptDirectory(str(folder)).get_heads() == [migrations.head()]


def test_the_schema_in_the_docs_is_the_migrated_one(database_url):
    migrated = schema_of(database_url)
    if os.environ.get("NEUROPLAY_WRITE_SCHEMA"):
        SCHEMA.write_text(migrated)
    assert migrated == SCHEMA.read_text(), "run `make schema` after a new revision"


UNFINISHED = "ix_sync_inbox_unfinished_student_id"


def test_syncs_are_accepted_while_the_index_of_unfinished_games_is_built(empty):
    migrations.upgrade(empty, to="0003")
    add = "INSERT INTO classes (name, code) VALUES (%s, %s)"
    lock = "LOCK TABLE sync_inbox IN ROW EXCLUSIVE MODE"  # what an insert takes
    with empty.connect() as writing, ThreadPoolExecutor(1) as threads:
        writing.exec_driver_sql(lock)
        writing.exec_driver_sql(add, ("3A", "A1B2C"))
        upgrading = threads.submit(migrations.upgrade, empty, to="0004")
        try:
            assert not wait([upgrading], timeout=0.5).done
            with empty.begin() as other:
                other.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
                other.exec_driver_sql(lock)
        finally:
            writing.commit()
        assert upgrading.result(30)[0].revision == "0004"


def test_an_index_that_was_begun_and_not_finished_is_built_anew(empty, empty_database_url):
    migrations.upgrade(empty, to="0003")
    is_valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass"
    with empty.connect() as writing, empty.connect() as building:
        writing.exec_driver_sql("LOCK TABLE sync_inbox IN ROW EXCLUSIVE MODE")
        building.execution_options(isolation_level="AUTOCOMMIT")
        building.exec_driver_sql("SET statement_timeout = '200ms'")
        with pytest.raises(StoreUnavailable, match="statement timeout"):
            building.exec_driver_sql(
                f"CREATE INDEX CONCURRENTLY {UNFINISHED} ON sync_inbox (student_id, state)"
            )
        assert not building.exec_driver_sql(is_valid, (UNFINISHED,)).scalar_one()
    migrations.upgrade(empty, to="0004")
    with empty.connect() as connection:
        assert connection.exec_driver_sql(is_valid, (UNFINISHED,)).scalar_one()
    migrations.upgrade(empty)
    assert schema_of(empty_database_url) == SCHEMA.read_text()


def test_an_index_that_was_built_and_not_told_of_stays(empty):
    migrations.upgrade(empty, to="0004")
    number = "SELECT to_regclass(%s)::oid"
    with empty.begin() as connection:
        built = connection.exec_driver_sql(number, (UNFINISHED,)).scalar_one()
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0003'")
    migrations.upgrade(empty, to="0004")
    with empty.connect() as connection:
        assert connection.exec_driver_sql(number, (UNFINISHED,)).scalar_one() == built


def test_fair_play_takes_over_what_was_there(empty):
    migrations.upgrade(empty, to="0004")
    run_all = (
        "INSERT INTO classes (name, code) VALUES ('3A', 'A1B2C')",
        "INSERT INTO students (class_id, nickname, avatar) VALUES (1, 'Ana', 'fox'), "
        "(1, 'Bia', 'owl')",
        "INSERT INTO tokens (token_id, token_hash, student_id, created_at) VALUES "
        "(gen_random_uuid(), 'a', 1, '2026-03-02'), (gen_random_uuid(), 'b', 1, '2026-03-01')",
        "INSERT INTO game_sessions (session_id, student_id, game_type, game_version, score, "
        "duration, accuracy, completed, difficulty, utc_offset_minutes, xp_gained, rating, "
        "verdict) SELECT gen_random_uuid(), 1, game, '1', 300, seconds, 0.8, completed, 2, 0, 1, "
        "'good', 'plausible' FROM (VALUES ('cyber_runner', 60.0, true), "
        "('cyber_runner', 30.2, false), ('cyber_runner', 0, false), ('n_back_trail', 61.5, true)) "
        "AS played(game, seconds, completed)",
        "INSERT INTO sync_inbox (session_id, student_id, device_id, state, payload, payload_hash, "
        "clock_shift_s, received_at, due_at, reasons) "
        "SELECT gen_random_uuid(), 1, gen_random_uuid(), 'held', payload::jsonb, payload::bytea, "
        "0, now(), now(), reasons::text[] FROM (VALUES "
        "('{\"metadata\": {\"trace\": [1, 2]}}', '{inhumanly_fast_answers}'), "
        "('{\"metadata\": {}}', '{inhumanly_fast_answers}'), "
        "('{\"metadata\": {\"trace\": [1, 3]}}', '{inhumanly_fast_answers,copied_trace}')"
        ") AS held(payload, reasons)",
    )
    with empty.begin() as connection:
        for statement in run_all:
            connection.exec_driver_sql(statement)
    migrations.upgrade(empty)
    with empty.connect() as connection:
        students = connection.exec_driver_sql(
            "SELECT first_sign_in_at::date::text, played_s FROM students ORDER BY student_id"
        ).all()
        states = connection.exec_driver_sql("SELECT state FROM sync_inbox ORDER BY inbox_id")
        assert [tuple(row) for row in students] == [("2026-03-01", 120 + 31 + 1 + 62), (None, 0)]
        assert states.scalars().all() == ["pending", "held", "held"]
