"""Who was erased does not come back with a backup from before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import MetaData, select

from neuroplay.core.entities.erasure import Erasure
from neuroplay.infra import erasures
from neuroplay.infra.db import backup, migrations
from neuroplay.infra.db.engine import make_engine
from tests.command_line import run
from tests.integration.db.rows import fill
from tests.integration.db.test_backup import filled, installed, look
from tests.integration.db.test_versions import revisions

__all__ = ["filled", "installed", "look", "run"]


def contents(url: str) -> dict[str, list]:
    """All rows, but for the times and words of an erasure itself, the note of the backup
    and the epoch."""
    engine = make_engine(url)
    metadata = MetaData()
    with engine.connect() as connection:
        metadata.reflect(connection)
        rows = {
            table.name: [
                {name: value for name, value in row._mapping.items() if name != "erased_at"}
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in metadata.sorted_tables
            # New, and empty, after each restore:
            if table.name not in ("epoch", "adult_links", "adult_sign_ins")
        }
    engine.dispose()
    rows["audit"] = [
        row for row in rows["audit"] if " erased" not in row["what"] and row["target"] != "backup"
    ]
    return rows


def test_a_restore_leaves_what_the_erasure_left(run, look, filled, installed):
    """In every table, also in those of later releases."""
    assert run("db", "migrate").code == 0, "which records the secret's mark"
    engine = make_engine(installed)
    with engine.connect() as connection:
        fill(connection)
        fill(connection)
    engine.dispose()
    look("UPDATE sync_inbox SET leased_until = NULL")  # a restore ends claims
    erased = [own for (own,) in look("SELECT student_id FROM students ORDER BY 1")]
    look(
        "INSERT INTO audit (who, what, target, details, at) "
        "VALUES ('eva', 'card reset', 'student 1', '{\"card_version\": 2}', now())"
    )
    assert run("db", "backup", "a.dump").code == 0
    for one in (erased[0], erased[-1]):
        assert run("student", "erase", f"id:{one}", "--yes").code == 0
    left = contents(installed)
    done = run("db", "restore", "a.dump", "--yes", "--json")
    assert done.code == 0, done
    assert json.loads(done.out)["erased"] == 2
    assert contents(installed) == left
    told = look("SELECT who, target FROM audit WHERE what = 'student erased' ORDER BY 2")
    targets = sorted(f"student {one}" for one in (erased[0], erased[-1]))
    assert told == [("db restore", target) for target in targets]
    assert run("db", "recompute", "--student", str(erased[1])).code == 0


def test_a_class_does_not_come_back_either(run, look, filled):
    assert run("class", "create", "3B", "--students", "2").code == 0
    assert run("db", "backup", "a.dump").code == 0
    assert run("class", "erase", "3A", "--yes").code == 0
    done = run("db", "restore", "a.dump", "--yes")
    assert done.out == "Restored 2 students with 0 games. Erased 3 students again.\n"
    assert look("SELECT name FROM classes") == [("3B",)]
    assert look("SELECT count(*) FROM game_sessions") == [(0,)]


@pytest.mark.parametrize("lost", ["home", "beside"])
def test_either_ledger_is_enough(run, look, filled, tmp_path, lost):
    (tmp_path / "home").mkdir()
    assert run("db", "backup", "a.dump").code == 0
    assert run("student", "erase", "id:2", "--yes").code == 0
    gone = tmp_path / "erasures.txt" if lost == "beside" else tmp_path / "home" / "erasures.txt"
    gone.unlink()
    assert run("db", "restore", "a.dump", "--yes").code == 0
    assert look("SELECT student_id FROM students ORDER BY 1") == [(1,), (3,)]
    # A later restore knows it, too.
    (known,) = erasures.read(tmp_path / "home" / "erasures.txt") or ()
    assert known.number == 2


def test_a_restore_without_any_ledger_is_refused_before_anything_is_touched(
    run, look, filled, tmp_path
):
    assert run("db", "backup", "a.dump").code == 0
    (tmp_path / "erasures.txt").unlink()
    look("UPDATE students SET xp = 7")
    done = run("db", "restore", "a.dump", "--yes")
    assert done.code == 3
    assert "there is no erasure ledger" in done.err
    assert "--no-ledger" in done.err
    assert look("SELECT DISTINCT xp FROM students") == [(7,)]
    assert run("db", "restore", "a.dump", "--yes", "--no-ledger").code == 0
    assert look("SELECT DISTINCT xp FROM students") == [(0,)]


def test_a_damaged_ledger_is_refused_before_anything_is_touched(run, look, filled, tmp_path):
    assert run("db", "backup", "a.dump").code == 0
    with (tmp_path / "erasures.txt").open("a") as ledger:
        ledger.write("student 2 damaged\n")
    look("UPDATE students SET xp = 7")
    for words in (("--yes",), ("--yes", "--no-ledger")):
        done = run("db", "restore", "a.dump", *words)
        assert done.code == 3
        assert "line 2 of the erasure ledger" in done.err
    assert look("SELECT DISTINCT xp FROM students") == [(7,)]


def test_nobody_is_erased_when_the_ledger_cannot_be_written(run, look, filled, monkeypatch):
    monkeypatch.setenv("NEUROPLAY_ERASURE_LEDGER", "/proc/erasures.txt")
    for words in (("student", "erase", "id:2"), ("class", "erase", "3A")):
        done = run(*words, "--yes")
        assert done.code == 3
        assert "the erasure ledger /proc/erasures.txt cannot be written" in done.err
    assert look("SELECT count(*) FROM students") == [(3,)]


def test_an_id_that_was_given_again_is_another_child(run, look, filled, tmp_path):
    """As after a restore by another program, which does not move the numbers on."""
    assert run("student", "erase", "id:3", "--yes").code == 0
    look(
        "INSERT INTO students (student_id, class_id, nickname, avatar) "
        "SELECT 3, class_id, 'Nina', 'owl' FROM students LIMIT 1"
    )
    assert run("db", "backup", "a.dump").code == 0
    assert json.loads(run("db", "restore", "a.dump", "--yes", "--json").out)["erased"] == 0
    assert look("SELECT nickname FROM students WHERE student_id = 3") == [("Nina",)]


def test_no_id_of_an_erased_child_is_given_again(run, look, filled):
    assert run("db", "backup", "a.dump").code == 0
    assert run("class", "create", "3B", "--students", "2").code == 0  # with the ids 4 and 5
    assert run("class", "erase", "3B", "--yes").code == 0
    assert run("db", "restore", "a.dump", "--yes").code == 0
    assert run("class", "create", "3C", "--students", "1").code == 0
    assert look("SELECT min(student_id) > 5 FROM students WHERE student_id > 3") == [(True,)]
    assert look("SELECT class_id > 2 FROM classes WHERE name = '3C'") == [(True,)]


EVERY = revisions()
FIRST_AND_LAST = (EVERY[0], *EVERY[-2:])


@pytest.mark.parametrize(
    "revision",
    [one if one in FIRST_AND_LAST else pytest.param(one, marks=pytest.mark.long) for one in EVERY],
)
def test_backups_of_every_earlier_schema_are_brought_up_to_the_ledger(
    empty_database_url, tmp_path: Path, revision: str
):
    engine = make_engine(empty_database_url)
    migrations.upgrade(engine, to=revision)
    with engine.connect() as connection:
        fill(connection)
        students = connection.exec_driver_sql(
            "SELECT student_id, created_at FROM students ORDER BY 1"
        ).all()
    file = tmp_path / "a.dump"
    backup.back_up(engine, file, progress=lambda _: None)
    (gone, created), (kept, _) = students
    ledger = [Erasure(kind="student", number=gone, created_at=created, erased_at=created)]
    assert backup.restore(engine, file, erasures=ledger, progress=lambda _: None) == 1
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT student_id FROM students").scalars().all()
    engine.dispose()
    assert found == [kept]


def test_adults_who_left_do_not_come_back_either(run, look, filled):
    for name in ("Rita", "Rosa", "Rui"):
        assert run("adult", "invite", name, "--role", "school").code == 0
    look("UPDATE adults SET passphrase = 'a hash' RETURNING adult_id")
    look(
        "INSERT INTO adult_passkeys (adult_id, name, credential_id, public_key, sign_count) "
        "SELECT adult_id, 'Laptop', name::bytea, 'key', 0 FROM adults RETURNING adult_id"
    )
    assert run("db", "backup", "a.dump").code == 0
    assert run("adult", "end", "Rita", "--yes").code == 0
    assert run("adult", "erase", "Rosa", "--yes").code == 0
    assert run("db", "restore", "a.dump", "--yes").code == 0
    assert look("SELECT name, passphrase, ended_at IS NULL FROM adults ORDER BY adult_id") == [
        ("Rita", None, False),
        ("Rui", "a hash", True),
    ]
    assert look("SELECT credential_id::text FROM adult_passkeys") == [("\\x527569",)]
    told = look("SELECT what, target FROM audit WHERE who = 'db restore' ORDER BY 2")
    assert told == [("adult ended", "adult 1"), ("adult erased", "adult 2")]
    assert run("adult", "invite", "Rosa", "--role", "school").code == 0
    assert look("SELECT max(adult_id) > 3 FROM adults") == [(True,)]
