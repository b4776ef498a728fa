"""`neuroplay db drill`: a backup is restored into a private database and checked."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from neuroplay.infra.db import migrations
from neuroplay.infra.db.books import unbooked
from neuroplay.infra.db.engine import make_engine
from neuroplay.operation import drills
from tests.command_line import run
from tests.integration.db.test_backup import filled, installed, look

__all__ = ["filled", "installed", "look", "run"]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where drills put their database."""
    folder = tmp_path / "drills"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    assert os.listdir(folder) == []


@pytest.fixture
def played(run, filled):
    """Students whose progress follows from their games."""
    assert run("db", "recompute").code == 0


def test_a_drill_restores_checks_and_removes(run, look, played, place):
    began = datetime.now(UTC)
    assert run("db", "backup", "a.dump").code == 0
    assert run("student", "erase", "id:2", "--yes").code == 0
    before = look("SELECT * FROM students ORDER BY 1")
    done = run("db", "drill", "a.dump", "--json")
    assert done.code == 0, done
    found = json.loads(done.out)
    assert found["good"] is True
    assert (found["students"], found["sessions"], found["erased"]) == (2, 2, 1)
    assert (found["differences"], found["unbooked"], found["returned"]) == (0, 0, 0)
    assert abs(datetime.fromisoformat(found["taken_at"]) - began) < timedelta(seconds=30)
    assert 0 <= found["rpo_seconds"] < 120
    assert list(found["seconds"]) == ["start", "restore", "migrate", "check"]
    assert found["rto_seconds"] == pytest.approx(
        sum(found["seconds"][step] for step in ("start", "restore", "migrate")), abs=0.05
    )
    assert look("SELECT * FROM students ORDER BY 1") == before
    assert found["recorded"] is True
    told = look("SELECT what, (details ->> 'rto_seconds')::float FROM audit WHERE target = 'drill'")
    assert told == [("restored in a drill", pytest.approx(found["rto_seconds"], abs=0.1))]


def test_a_drill_says_what_is_wrong_and_is_not_recorded(run, look, played, place):
    look("UPDATE students SET xp = xp + 1 WHERE student_id = 2")
    look(
        "INSERT INTO sync_inbox (session_id, student_id, device_id, state, payload, payload_hash, "
        "clock_shift_s, received_at, due_at, processed_at) SELECT gen_random_uuid(), student_id, "
        "gen_random_uuid(), 'processed', '{}', '', 0, now(), now(), now() FROM students LIMIT 1"
    )
    assert run("db", "backup", "a.dump").code == 0
    done = run("db", "drill", "a.dump", "--json")
    found = json.loads(done.out)
    assert done.code == 1
    assert (found["good"], found["differences"], found["unbooked"]) == (False, 1, 1)
    assert found["recorded"] is False
    assert look("SELECT count(*) FROM audit WHERE target = 'drill'") == [(0,)]
    shown = run("db", "drill", "a.dump").out
    assert "a.dump is wrong." in shown
    assert "1 difference" in shown


def test_a_drill_looks_for_folded_games_that_no_balance_has(look, played, installed):
    look(
        "WITH gone AS (DELETE FROM game_sessions RETURNING *), balances AS ("
        "  INSERT INTO opening_balances SELECT student_id, game_type, 1, xp_gained, 1, 2, 120, "
        "  score, 2, ended_at, '{}' FROM gone) "
        "INSERT INTO settled_sessions SELECT session_id, student_id, true, '' FROM gone"
    )
    engine = make_engine(installed)
    try:
        assert unbooked(engine) == 0, "all are folded"
        look("UPDATE opening_balances SET plays = 3 WHERE student_id = 1")
        assert unbooked(engine) == 2, "more are folded than were counted"
        look("DELETE FROM opening_balances WHERE student_id = 2")
        assert unbooked(engine) == 3
        look("UPDATE settled_sessions SET counted = false WHERE student_id = 2")
        assert unbooked(engine) == 2, "what was dismissed is in no book"
    finally:
        engine.dispose()


def test_a_drill_takes_the_newest_of_a_folder_and_brings_it_up_to_this_release(
    run, look, played, place, tmp_path
):
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "neuroplay-2020-01-01T000000Z.dump").write_text("no backup")
    assert run("db", "backup", "backups").code == 0
    done = run("db", "drill", "backups")
    assert done.code == 0, done
    assert "can be restored and is right." in done.out
    assert "RTO" in done.out


def test_a_disk_that_is_too_small_is_told_before_anything_is_written(
    run, played, place, monkeypatch
):
    assert run("db", "backup", "a.dump").code == 0
    monkeypatch.setattr(drills, "NEW_CLUSTER_BYTES", 1 << 60)
    done = run("db", "drill", "a.dump")
    assert done.code == 3
    assert "the disk is almost full" in done.err
    assert "--in" in done.err
    assert os.listdir(place) == []


def test_a_drill_refuses_what_a_restore_would_refuse(
    run, look, played, place, tmp_path, monkeypatch
):
    assert run("db", "migrate").code == 0, "which records the secret's mark"
    assert run("db", "backup", "a.dump").code == 0
    (tmp_path / "erasures.txt").rename(tmp_path / "elsewhere")
    done = run("db", "drill", "a.dump")
    assert (done.code, "--no-ledger" in done.err) == (3, True)
    (tmp_path / "elsewhere").rename(tmp_path / "erasures.txt")

    content = (tmp_path / "a.dump").read_bytes()
    (tmp_path / "a.dump").write_bytes(content[:-10])
    done = run("db", "drill", "a.dump")
    assert (done.code, "is damaged" in done.err) == (1, True)
    (tmp_path / "a.dump").write_bytes(content)

    with monkeypatch.context() as patched:
        patched.setenv("NEUROPLAY_SECRET", "t" * 32)
        done = run("db", "drill", "a.dump")
    assert (done.code, "belongs to another secret" in done.err) == (1, True)

    look("UPDATE alembic_version SET version_num = '9000'")
    assert run("db", "backup", "b.dump").code == 0
    look(f"UPDATE alembic_version SET version_num = '{migrations.head()}'")  # noqa: S608
    done = run("db", "drill", "b.dump")
    assert (done.code, "9000" in done.err) == (3, True)
    assert os.listdir(place) == []


def test_where_the_database_is_gone_the_drill_says_that_nothing_was_recorded(
    run, played, place, monkeypatch
):
    assert run("db", "backup", "a.dump").code == 0
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    done = run("db", "drill", "a.dump", "--json")
    assert done.code == 0, done
    assert json.loads(done.out)["recorded"] is False
    assert "The drill was not recorded" in done.err
