"""Backup and restore by the commands, on a real PostgreSQL."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys

import pytest

from neuroplay.infra.db import backup, migrations
from neuroplay.infra.db.engine import make_engine
from neuroplay.infra.embedded.binaries import postgres_bin
from tests.command_line import run
from tests.integration.db.schema import schema_of

__all__ = ["run"]


@pytest.fixture
def installed(database_url, monkeypatch, tmp_path):
    """Commands run on a database of this test's own, as on somebody's own server."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEUROPLAY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", database_url.replace("postgresql+psycopg2:", "postgresql:"))
    monkeypatch.setenv("NEUROPLAY_SECRET", "s" * 32)
    return database_url


@pytest.fixture
def look(installed):
    """Asks the database, on a connection that is closed again: a restore wants to be alone."""

    def ask(statement: str) -> list:
        engine = make_engine(installed)
        with engine.begin() as connection:
            found = connection.exec_driver_sql(statement)
            rows = [tuple(row) for row in found] if found.returns_rows else []
        engine.dispose()
        return rows

    return ask


@pytest.fixture
def filled(run, look):
    assert run("class", "create", "3A", "--students", "3").code == 0
    look(
        "UPDATE students SET nickname = E'Zo\\u00eb \\\\ \\t;--', play_days = '{2026-01-02}', "
        "sessions = 1"
    )
    look(
        "INSERT INTO game_sessions SELECT gen_random_uuid(), student_id, 'cyber_runner', '1', "
        "500, 120, 0.85, true, 2, now(), now(), -180, 650, 'excellent', 'plausible', '\\x00ff' "
        "FROM students"
    )


TABLES = ("classes", "students", "game_sessions", "alembic_version")


def everything(look) -> dict[str, list]:
    return {table: look(f"SELECT * FROM {table} ORDER BY 1") for table in TABLES}  # noqa: S608


def test_a_restore_brings_back_all_that_was_there(run, look, filled, tmp_path, installed):
    before = everything(look)
    schema = schema_of(installed)
    done = run("db", "backup", "a.dump", "--json")
    assert done.code == 0, done
    said = json.loads(done.out)
    assert said["bytes"] == (tmp_path / "a.dump").stat().st_size
    assert said["schema"] == migrations.head()
    assert said["secret"] == "NEUROPLAY_SECRET"

    look("DELETE FROM game_sessions")
    look("UPDATE students SET xp = 7")
    look("CREATE TABLE of_a_later_release (student_id int REFERENCES students)")
    done = run("db", "restore", "a.dump", "--yes", "--json")
    assert done.code == 0, done
    assert json.loads(done.out)["students"] == 3
    assert json.loads(done.out)["sessions"] == 3
    assert everything(look) == before
    assert look("SELECT to_regclass('of_a_later_release')") == [(None,)]
    assert schema_of(installed) == schema


def test_no_child_gets_the_number_of_one_who_came_after_the_backup(run, look, filled):
    """Whose card may still be about: it would open the other child's games."""
    (last,) = look("SELECT max(student_id), max(class_id) FROM students")
    assert run("db", "backup", "a.dump").code == 0
    assert run("class", "create", "3B", "--students", "3").code == 0
    (burnt,) = look("SELECT max(student_id), max(class_id) FROM students")
    assert run("db", "restore", "a.dump", "--yes").code == 0
    assert look("SELECT max(student_id), max(class_id) FROM students") == [last]
    assert run("class", "create", "3C", "--students", "1").code == 0
    (given,) = look("SELECT max(student_id), max(class_id) FROM students")
    assert given[0] > burnt[0]
    assert given[1] > burnt[1]


def test_a_claim_of_the_time_of_the_backup_is_void(run, look, filled):
    look(
        "INSERT INTO sync_inbox (session_id, student_id, device_id, state, payload, payload_hash, "
        "clock_shift_s, received_at, due_at, leased_until) SELECT gen_random_uuid(), student_id, "
        "gen_random_uuid(), 'pending', '{}', '', 0, now(), now(), now() + '1 hour' FROM students"
    )
    assert run("db", "backup", "a.dump").code == 0
    assert run("db", "restore", "a.dump", "--yes").code == 0
    assert look("SELECT count(*), count(leased_until) FROM sync_inbox") == [(3, 0)]


def test_a_backup_is_private_and_can_be_checked_without_us(run, look, filled, tmp_path):
    assert run("db", "backup", "a.dump").code == 0
    for name in ("a.dump", "a.dump.sha256"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    digest = hashlib.sha256((tmp_path / "a.dump").read_bytes()).hexdigest()
    assert (tmp_path / "a.dump.sha256").read_text() == f"{digest}  a.dump\n"
    listed = subprocess.run(
        [postgres_bin() / "pg_restore", "--list", "a.dump"], capture_output=True, check=True
    )
    assert b"TABLE DATA public students" in listed.stdout
    assert sorted(os.listdir(tmp_path)) == ["a.dump", "a.dump.sha256", "erasures.txt"]


def test_the_secret_is_named_to_be_kept(run, filled):
    done = run("db", "backup", "a.dump")
    assert done.code == 0
    assert "NEUROPLAY_SECRET" in done.err
    assert "s" * 32 not in done.out + done.err


def test_a_file_that_is_there_is_replaced_only_with_yes(run, filled, tmp_path):
    (tmp_path / "a.dump").write_text("precious")
    refused = run("db", "backup", "a.dump")
    assert refused.code == 2
    assert (tmp_path / "a.dump").read_text() == "precious"
    assert run("db", "backup", "a.dump", "--yes").code == 0
    assert backup.checksum_holds(tmp_path / "a.dump")


def test_a_backup_that_cannot_be_written_leaves_what_was_there(run, filled, tmp_path):
    assert run("db", "backup", "missing/a.dump").code == 3
    assert os.listdir(tmp_path) == []


def test_a_database_that_is_not_empty_is_replaced_only_with_yes(run, look, filled):
    assert run("db", "backup", "a.dump").code == 0
    look("UPDATE students SET xp = 7")
    assert run("db", "restore", "a.dump").code == 2
    assert look("SELECT DISTINCT xp FROM students") == [(7,)]


def test_an_empty_database_is_filled_without_a_question(
    run, look, filled, empty_database_url, monkeypatch
):
    before = everything(look)
    assert run("db", "backup", "a.dump").code == 0
    monkeypatch.setenv(
        "DATABASE_URL", empty_database_url.replace("postgresql+psycopg2:", "postgresql:")
    )
    assert run("db", "restore", "a.dump").code == 0
    engine = make_engine(empty_database_url)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM students ORDER BY 1")
        assert [tuple(row) for row in rows] == before["students"]
    engine.dispose()
    assert run("db", "status").code == 0


def test_a_file_that_was_changed_is_refused(run, look, filled, tmp_path):
    assert run("db", "backup", "a.dump").code == 0
    content = bytearray((tmp_path / "a.dump").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "a.dump").write_bytes(content)
    look("UPDATE students SET xp = 7")
    done = run("db", "restore", "a.dump", "--yes")
    assert done.code == 1
    assert "checksum" in done.err
    assert look("SELECT DISTINCT xp FROM students") == [(7,)]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_file_that_is_cut_off_changes_nothing(run, look, filled, tmp_path, share):
    """Without its checksum, too."""
    assert run("db", "backup", "a.dump").code == 0
    content = (tmp_path / "a.dump").read_bytes()
    (tmp_path / "a.dump").write_bytes(content[: int(len(content) * share)])
    (tmp_path / "a.dump.sha256").unlink()
    look("UPDATE students SET xp = 7")
    done = run("db", "restore", "a.dump", "--yes")
    assert done.code == 3, done
    assert "Zo" not in done.err
    assert look("SELECT DISTINCT xp FROM students") == [(7,)]
    assert len(look("SELECT * FROM game_sessions")) == 3


def test_a_file_of_something_else_is_no_backup(run, look, filled, tmp_path):
    (tmp_path / "a.dump").write_text("nothing of the kind\n" * 100)
    done = run("db", "restore", "a.dump", "--yes")
    assert done.code == 3
    assert done.err == "Error: a.dump is not a backup. Give a file written by `db backup`\n"


def test_a_restore_that_fails_half_way_changes_nothing(run, look, filled):
    """All tables are gone when the view turns out to be in the way of one."""
    assert run("db", "backup", "a.dump").code == 0
    look("UPDATE students SET xp = 3")
    look("ALTER TABLE audit RENAME TO kept")
    look("CREATE VIEW audit AS SELECT 1 AS one")
    done = run("db", "restore", "a.dump", "--yes")
    assert done.code == 3
    assert "audit" in done.err
    assert look("SELECT DISTINCT xp FROM students") == [(3,)]
    assert look("SELECT one FROM audit") == [(1,)]


def test_a_backup_of_another_secret_is_refused_before_anything_is_touched(
    run, look, filled, monkeypatch
):
    assert run("db", "migrate").code == 0, "which records the secret's mark"
    assert run("db", "backup", "a.dump").code == 0
    look("UPDATE students SET xp = 7")
    monkeypatch.setenv("NEUROPLAY_SECRET", "t" * 32)
    done = run("db", "restore", "a.dump", "--yes")
    assert done.code == 1
    assert "belongs to another secret" in done.err
    assert "--other-secret" in done.err
    assert look("SELECT DISTINCT xp FROM students") == [(7,)]
    done = run("db", "restore", "a.dump", "--yes", "--other-secret")
    assert done.code == 0
    assert "all cards are void" in done.err
    assert look("SELECT DISTINCT xp FROM students") == [(0,)]


def test_a_backup_of_a_newer_release_is_refused(run, look, filled):
    look("UPDATE alembic_version SET version_num = '9000'")
    assert run("db", "backup", "a.dump").code == 0
    look(f"UPDATE alembic_version SET version_num = '{migrations.head()}'")  # noqa: S608
    done = run("db", "restore", "a.dump", "--yes")
    assert done.code == 3
    assert "9000" in done.err
    assert look("SELECT version_num FROM alembic_version") == [(migrations.head(),)]


def test_a_database_in_use_is_not_replaced(run, look, filled, installed):
    assert run("db", "backup", "a.dump").code == 0
    other = make_engine(installed)
    with other.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        done = run("db", "restore", "a.dump", "--yes")
    assert done.code == 3
    assert "neuroplay stop" in done.err
    other.dispose()
    assert run("db", "restore", "a.dump", "--yes").code == 0


def test_an_empty_database_cannot_be_backed_up(run, installed, empty_database_url, monkeypatch):
    monkeypatch.setenv(
        "DATABASE_URL", empty_database_url.replace("postgresql+psycopg2:", "postgresql:")
    )
    done = run("db", "backup", "a.dump")
    assert done.code == 3
    assert "no tables" in done.err


def test_a_backup_may_have_a_name_that_is_not_utf8(run, filled, tmp_path):
    name = "\udcff.dump"
    assert " kB)." in run("db", "backup", name).out
    line = (tmp_path / f"{name}.sha256").read_bytes()
    assert line.endswith(b"  \xff.dump\n")
    assert backup.checksum_holds(tmp_path / name) is True
    assert json.loads(run("db", "restore", name, "--yes", "--json").out)["students"] == 3


def test_two_backups_to_one_file_at_once_leave_a_whole_one_with_its_checksum(run, filled, tmp_path):
    commands = [
        subprocess.Popen(
            [sys.executable, "-m", "cli", "db", "backup", "a.dump", "--yes"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]

    assert [one.wait() for one in commands] == [0, 0]
    assert {path.name for path in tmp_path.iterdir()} >= {"a.dump", "a.dump.sha256"}
    assert backup.checksum_holds(tmp_path / "a.dump") is True
    assert not list(tmp_path.glob(".*.part"))


def test_what_a_killed_backup_left_goes_with_the_next_and_never_looks_like_a_backup(
    run, filled, tmp_path
):
    (tmp_path / ".a.dump.0123456789ab.part").write_text("half")

    assert run("db", "backup", "a.dump").code == 0

    assert sorted(path.name for path in tmp_path.glob("*.dump*")) == ["a.dump", "a.dump.sha256"]
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize("where", ["none/a.dump", "/dev/null", "/proc"])
def test_a_place_that_takes_no_backup_is_told(run, filled, where):
    ran = run("db", "backup", where, "--yes")

    assert ran.code == 3
    assert "cannot write" in ran.err


def test_the_question_before_a_restore_names_what_would_go(run, filled, monkeypatch):
    assert run("db", "backup", "a.dump").code == 0
    asked = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda question, **_: asked.append(question))

    assert run("db", "restore", "a.dump").code == 1
    (question,) = asked
    assert question.startswith("The database postgresql://")
    assert question.endswith(" contains 3 students with 3 games. Replace all of it with a.dump?")


def test_a_backup_is_verified_without_a_database(run, look, filled, tmp_path, monkeypatch):
    look(
        "INSERT INTO sync_inbox (session_id, student_id, device_id, state, payload, payload_hash, "
        "clock_shift_s, received_at, due_at) SELECT gen_random_uuid(), min(student_id), "
        "gen_random_uuid(), 'pending', '{\"a\": \"\\\\. \\t\"}', '\\x00', 0, now(), now() "
        "FROM students"
    )
    look(
        "INSERT INTO sync_inbox (session_id, student_id, device_id, state, payload, payload_hash, "
        "clock_shift_s, received_at, due_at) SELECT gen_random_uuid(), student_id, device_id, "
        "word, payload, payload_hash, 0, now(), now() "
        "FROM sync_inbox, unnest('{held,failed,invalid}'::text[]) AS word"
    )
    look("UPDATE sync_inbox SET dismissed_at = now() WHERE state = 'invalid'")
    assert run("db", "migrate").code == 0, "which records the secret's mark"
    assert run("db", "backup", "a.dump").code == 0
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    done = run("db", "verify", "a.dump", "--json")
    assert done.code == 0, done
    assert json.loads(done.out) == {
        "file": "a.dump",
        "schema": migrations.head(),
        "students": 3,
        "sessions": 3,
        "pending": 1,
        "undecided": 2,
        "checksum": True,
        "secret": "this one",
        "encrypted": False,
    }
    (tmp_path / "a.dump.sha256").unlink()
    done = run("db", "verify", "a.dump")
    assert (
        done.out == "a.dump can be restored: 3 students with 3 games, 1 pending, 2 to be decided.\n"
    )
    assert "checksum was not verified" in done.err


def test_a_backup_of_another_secret_is_told_before_it_is_needed(run, filled, monkeypatch):
    assert run("db", "backup", "a.dump").code == 0
    without = run("db", "verify", "a.dump", "--json")
    assert (without.code, json.loads(without.out)["secret"]) == (0, "not recorded")
    assert run("db", "migrate").code == 0, "which records the secret's mark"
    assert run("db", "backup", "a.dump", "--yes").code == 0
    monkeypatch.setenv("NEUROPLAY_SECRET", "t" * 32)
    done = run("db", "verify", "a.dump")
    assert done.code == 1
    assert "belongs to another secret" in done.err
    document = run("db", "verify", "a.dump", "--json")
    assert (document.code, json.loads(document.out)["secret"]) == (1, "another one")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_file_that_is_cut_off_does_not_pass(run, filled, tmp_path, share):
    assert run("db", "backup", "a.dump").code == 0
    content = (tmp_path / "a.dump").read_bytes()
    (tmp_path / "a.dump").write_bytes(content[: int(len(content) * share)])
    assert run("db", "verify", "a.dump").code == 1
    (tmp_path / "a.dump.sha256").unlink()
    done = run("db", "verify", "a.dump")
    assert done.code == 1, done
    assert "cannot be restored" in done.err
    assert "Zo" not in done.err


def test_what_is_no_backup_or_a_newer_one_cannot_be_verified(run, look, filled, tmp_path):
    (tmp_path / "b.dump").write_text("nothing of the kind\n" * 100)
    assert run("db", "verify", "b.dump").code == 3
    assert run("db", "verify", "gone.dump").code == 2
    look("UPDATE alembic_version SET version_num = '9000'")
    assert run("db", "backup", "a.dump").code == 0
    # A column that this release reads may have another name there.
    look("ALTER TABLE sync_inbox RENAME COLUMN state TO stage")
    assert run("db", "backup", "c.dump").code == 0
    for name in ("a.dump", "c.dump"):
        done = run("db", "verify", name)
        assert done.code == 3
        assert "9000" in done.err


def test_a_folder_keeps_the_newest_and_what_is_not_ours(run, filled, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    old = [f"neuroplay-2020-01-0{day}T000000Z.dump" for day in range(1, 5)]
    for name in (*old, *(f"{one}.sha256" for one in old), "day-1.dump", "neuroplay-mine.dump"):
        (folder / name).touch()
    done = json.loads(run("db", "backup", "backups", "--keep", "3", "--json").out)
    written = done["file"].removeprefix("backups/")
    assert written[:12] == "neuroplay-20"
    assert done["removed"] == [f"backups/{name}" for name in old[:2]]
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [
            *(name for one in (*old[2:], written) for name in (one, f"{one}.sha256")),
            "day-1.dump",
            "neuroplay-mine.dump",
            "erasures.txt",
        ]
    )
    verified = json.loads(run("db", "verify", "backups", "--json").out)
    assert verified["file"] == done["file"]


def test_a_backup_stays_even_if_the_clock_was_set_back(run, filled, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    later = "neuroplay-2999-01-01T000000Z.dump"
    (folder / later).touch()
    done = json.loads(run("db", "backup", "backups", "--keep", "1", "--json").out)
    assert done["removed"] == [f"backups/{later}"]
    assert (tmp_path / done["file"]).stat().st_size > 1000


def test_only_a_folder_has_older_backups(run, filled, tmp_path):
    done = run("db", "backup", "a.dump", "--keep", "3")
    assert (done.code, done.out) == (2, "")
    assert "--keep needs a folder" in done.err
    assert not (tmp_path / "a.dump").exists()
    (tmp_path / "empty").mkdir()
    assert run("db", "verify", "empty").code == 1


def test_sign_ins_and_links_of_adults_end_with_a_restore(run, look, filled):
    """They may have been ended, used or replaced since."""
    assert run("adult", "invite", "Rita", "--class", "3A").code == 0
    look("INSERT INTO adult_sign_ins (token_hash, adult_id) SELECT 'x', adult_id FROM adults")
    look("UPDATE adults SET passphrase = 'a hash'")
    assert run("db", "backup", "a.dump").code == 0
    assert run("db", "restore", "a.dump", "--yes").code == 0
    assert look("SELECT name, passphrase FROM adults") == [("Rita", "a hash")]
    assert look("SELECT count(*) FROM adult_classes") == [(1,)]
    assert look("SELECT FROM adult_sign_ins UNION ALL SELECT FROM adult_links") == []
