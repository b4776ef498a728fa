"""Backups that are encrypted with age."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pyrage
import pytest

from neuroplay.infra.db import migrations
from neuroplay.infra.embedded.binaries import postgres_bin
from tests.command_line import run
from tests.integration.db.test_backup import everything, filled, installed, look

__all__ = ["filled", "installed", "look", "run"]


def write_identity(file: Path) -> str:
    """As age-keygen does; returns the public key."""
    made = pyrage.x25519.Identity.generate()
    file.write_text(f"# created: today\n# public key: {made.to_public()}\n{made}\n")
    return str(made.to_public())


@pytest.fixture
def recipient(tmp_path) -> str:
    return write_identity(tmp_path / "key.txt")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where files in the clear are put for a moment; nothing may be left there."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    assert os.listdir(folder) == []


@pytest.fixture
def sealed(run, filled, recipient, place, tmp_path) -> Path:
    """An encrypted backup whose database has a mark of its secret."""
    assert run("db", "migrate").code == 0
    assert run("db", "recompute").code == 0
    done = run("db", "backup", "a.dump.age", "--encrypt-to", recipient, "--json")
    assert done.code == 0, done
    assert json.loads(done.out)["encrypted"] is True
    return tmp_path / "a.dump.age"


def test_an_encrypted_backup_is_restored_with_its_identity_alone(run, look, sealed, tmp_path):
    content = sealed.read_bytes()
    assert content.startswith(b"age-encryption.org/v1\n")
    assert b"PGDMP" not in content
    before = everything(look)
    look("UPDATE students SET xp = 7")
    refused = run("db", "restore", "a.dump.age", "--yes")
    assert refused.code == 3
    assert "--identity" in refused.err
    write_identity(tmp_path / "other.txt")
    refused = run("db", "restore", "a.dump.age", "--yes", "--identity", "other.txt")
    assert refused.code == 3
    assert "no matching keys" in refused.err
    assert look("SELECT DISTINCT xp FROM students") == [(7,)]
    done = run("db", "restore", "a.dump.age", "--yes", "--identity", "key.txt")
    assert done.code == 0, done
    assert everything(look) == before


def test_what_stands_beside_it_is_read_by_sha256sum_too(sealed):
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "--warn", "a.dump.age.sha256"],
        cwd=sealed.parent,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "a.dump.age: OK\n", "")


def test_it_can_be_opened_without_us(sealed, tmp_path):
    key = (tmp_path / "key.txt").read_text().splitlines()[-1]
    plain = pyrage.decrypt(sealed.read_bytes(), [pyrage.x25519.Identity.from_str(key)])
    listed = subprocess.run(
        [postgres_bin() / "pg_restore", "--list"], input=plain, capture_output=True, check=True
    )
    assert b"TABLE DATA public students" in listed.stdout


def test_verify_checks_what_it_can_and_with_the_identity_everything(run, sealed):
    document = json.loads(run("db", "verify", "a.dump.age", "--json").out)
    assert document["encrypted"] is True
    assert (document["checksum"], document["secret"]) == (True, "this one")
    assert (document["schema"], document["students"]) == (migrations.head(), None)
    done = run("db", "verify", "a.dump.age", "--identity", "key.txt")
    assert done.out == "a.dump.age can be restored: 3 students with 3 games.\n"


def test_a_drill_opens_it(run, sealed):
    assert run("db", "drill", "a.dump.age").code == 3
    done = run("db", "drill", "a.dump.age", "--identity", "key.txt", "--json")
    assert done.code == 0, done
    assert json.loads(done.out)["good"] is True


@pytest.mark.parametrize("command", ["verify", "restore", "drill"])
def test_one_of_another_secret_is_refused_before_it_is_opened(run, sealed, monkeypatch, command):
    monkeypatch.setenv("NEUROPLAY_SECRET", "t" * 32)
    yes = ["--yes"] if command == "restore" else []
    done = run("db", command, "a.dump.age", *yes)
    assert done.code == 1
    assert "another secret" in done.err


@pytest.mark.parametrize("command", ["verify", "restore", "drill"])
def test_one_of_a_later_release_is_refused_before_it_is_opened(
    run, look, sealed, recipient, command
):
    look("UPDATE alembic_version SET version_num = '9000'")
    assert run("db", "backup", "b.dump.age", "--encrypt-to", recipient).code == 0
    look(f"UPDATE alembic_version SET version_num = '{migrations.head()}'")  # noqa: S608
    yes = ["--yes"] if command == "restore" else []
    done = run("db", command, "b.dump.age", *yes)
    assert done.code == 3
    assert "9000" in done.err


@pytest.mark.parametrize("command", ["verify", "restore", "drill"])
def test_a_damaged_one_is_refused(run, look, sealed, command):
    content = sealed.read_bytes()
    look("UPDATE students SET xp = 7")
    words = ["db", command, "a.dump.age", "--identity", "key.txt"]
    words += ["--yes"] if command == "restore" else []
    sealed.write_bytes(content[: len(content) // 2])
    done = run(*words)
    assert (done.code, "is damaged" in done.err) == (1, True)
    # With a checksum that fits, too.
    beside = sealed.with_name("a.dump.age.sha256")
    said = beside.read_text().splitlines()[1]
    beside.write_text(f"\n{said}\n")
    done = run(*words)
    assert done.code == 1 if command != "verify" else done.code in (1, 3)
    assert "damaged" in done.err
    assert look("SELECT DISTINCT xp FROM students") == [(7,)]


def test_without_what_stands_beside_it_nothing_is_opened(run, look, sealed):
    sealed.with_name("a.dump.age.sha256").unlink()
    look("UPDATE students SET xp = 7")
    done = run("db", "restore", "a.dump.age", "--yes", "--identity", "key.txt")
    assert done.code == 3
    assert "does not say of which schema and secret" in done.err
    assert look("SELECT DISTINCT xp FROM students") == [(7,)]


def test_a_label_that_lies_is_found_out(run, look, sealed):
    beside = sealed.with_name("a.dump.age.sha256")
    beside.write_text(beside.read_text().replace(f"schema {migrations.head()}", "schema 0001"))
    look("UPDATE students SET xp = 7")
    done = run("db", "restore", "a.dump.age", "--yes", "--identity", "key.txt")
    assert done.code == 1
    assert "is not what is written beside it" in done.err
    assert look("SELECT DISTINCT xp FROM students") == [(7,)]


def test_a_folder_names_and_keeps_encrypted_backups_as_others(
    run, filled, recipient, place, tmp_path, monkeypatch
):
    (tmp_path / "backups").mkdir()
    old = tmp_path / "backups" / "neuroplay-2020-01-01T000000Z.dump"
    old.touch()
    monkeypatch.setenv("NEUROPLAY_BACKUP_RECIPIENTS", recipient)
    done = json.loads(run("db", "backup", "backups", "--keep", "1", "--json").out)
    assert done["file"].endswith("Z.dump.age")
    assert done["removed"] == [f"backups/{old.name}"]
    verified = json.loads(run("db", "verify", "backups", "--identity", "key.txt", "--json").out)
    assert (verified["file"], verified["students"]) == (done["file"], 3)


@pytest.mark.parametrize("text", ["age1nonsense", "somebody@school.example"])
def test_what_is_no_recipient_is_refused_before_anything_is_written(run, filled, tmp_path, text):
    done = run("db", "backup", "a.dump", "--encrypt-to", text)
    assert done.code == 3
    assert "is no recipient of age" in done.err
    assert not (tmp_path / "a.dump").exists()


@pytest.mark.parametrize("text", ["", "# only a comment\n", "AGE-SECRET-KEY-1NONSENSE\n", "\x00"])
def test_what_is_no_identity_is_told(run, sealed, tmp_path, text):
    (tmp_path / "bad.txt").write_text(text)
    done = run("db", "verify", "a.dump.age", "--identity", "bad.txt")
    assert done.code == 3
    assert "contains no identity of age" in done.err


def test_a_full_disk_leaves_no_half_backup(run, filled, recipient, tmp_path, monkeypatch):
    def full(_self: object, _chunk: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("neuroplay.infra.db.backup._Counted.write", full)
    done = run("db", "backup", "a.dump.age", "--encrypt-to", recipient)
    assert done.code == 3, done
    assert "o space left on device" in done.err
    assert not list(tmp_path.glob("*a.dump*"))
    assert not list(tmp_path.glob(".*a.dump*"))
