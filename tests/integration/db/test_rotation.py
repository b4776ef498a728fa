"""`neuroplay secret`: the secret is replaced while the old one is accepted."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest

from neuroplay.bootstrap import build
from neuroplay.config import load_settings
from neuroplay.core.errors import Refused
from neuroplay.infra.db import secret_mark
from neuroplay.operation import backups, rotation, schema
from tests.command_line import run
from tests.integration.db.test_backup import installed, look

__all__ = ["installed", "look", "run"]

OLD, NEW = "o" * 40, "n" * 40


@pytest.fixture
def school(run, installed, monkeypatch):
    """A class whose cards were made with the old secret."""
    monkeypatch.setenv("NEUROPLAY_SECRET", OLD)
    assert run("db", "migrate").code == 0, "which records the secret's mark"
    return json.loads(run("class", "create", "3A", "--students", "3", "--json").out)


@pytest.fixture
def both(monkeypatch):
    """The operator has set both secrets."""

    def set_both() -> None:
        monkeypatch.setenv("NEUROPLAY_SECRET", NEW)
        monkeypatch.setenv("NEUROPLAY_OLD_SECRET", OLD)

    return set_both


def cards(run) -> list[str]:
    found = json.loads(run("class", "cards", "3A", "--json").out)
    return [card["card_code"] for card in found["cards"]]


def sign_in(code: str, card: str) -> str:
    container = build(load_settings())
    try:
        return container.sign_in.execute(class_code=code, card_code=card, device_id=uuid4()).token
    finally:
        container.close()


def is_known(token: str) -> bool:
    container = build(load_settings())
    try:
        container.authenticate.execute(token)
    except Refused:
        return False
    finally:
        container.close()
    return True


def status(run) -> dict:
    return json.loads(run("secret", "status", "--json").out)


def test_a_secret_in_a_setting_is_rotated_step_by_step(run, look, school, both, monkeypatch):
    old = [card["card_code"] for card in school["students"]]
    before = sign_in(school["class"]["code"], old[0])
    assert status(run)["state"] == "alone"
    refused = run("secret", "rotate", "--yes")
    assert refused.code == 3
    assert "NEUROPLAY_OLD_SECRET" in refused.err

    both()
    assert status(run)["state"] == "prepared"
    assert cards(run) == old, "until all machines know both"
    assert is_known(before)

    done = run("secret", "rotate", "--yes", "--json")
    assert done.code == 0, done
    assert json.loads(done.out)["state"] == "rotating"
    new = cards(run)
    assert not set(new) & set(old)
    by_old, by_new = (
        sign_in(school["class"]["code"], old[1]),
        sign_in(school["class"]["code"], new[2]),
    )
    assert is_known(before)
    assert is_known(by_old)
    assert is_known(by_new)
    found = status(run)
    assert (found["students"], found["missing"]) == (3, 2), "an old card is no new one"
    assert found["classes"][0]["new_card_used"] == 1
    assert run("secret", "rotate", "--yes").code == 1

    asked = []
    with monkeypatch.context() as patched:
        patched.setattr("sys.stdin.isatty", lambda: True, raising=False)
        patched.setattr("typer.confirm", lambda question, **_: asked.append(question))
        assert run("secret", "retire").code == 1
    assert asked == ["2 of 3 students have not signed in with a new card. End the old cards?"]
    done = run("secret", "retire", "--yes")
    assert done.code == 0, done
    assert "Unset NEUROPLAY_OLD_SECRET" in done.err

    monkeypatch.delenv("NEUROPLAY_OLD_SECRET")
    assert status(run)["state"] == "alone"
    assert is_known(by_new)
    assert not is_known(before)
    assert not is_known(by_old)
    with pytest.raises(Refused, match="no card"):
        sign_in(school["class"]["code"], old[1])
    assert run("secret", "retire", "--yes").code == 1
    told = look("SELECT what FROM audit WHERE target = 'all cards' ORDER BY audit_id")
    assert told == [("secret replaced",), ("secret retired",)]


def test_a_machine_with_both_is_healthy_before_and_after(school, both):
    both()
    container = build(load_settings())
    try:
        assert container.health.ready()["checks"]["database"] == "ok"
        rotation.rotate(container, who="eva")
        assert container.health.ready()["checks"]["database"] == "ok"
    finally:
        container.close()


def test_two_wrong_secrets_are_no_right_one(run, school, monkeypatch):
    monkeypatch.setenv("NEUROPLAY_SECRET", "x" * 40)
    monkeypatch.setenv("NEUROPLAY_OLD_SECRET", "y" * 40)
    for command in ("status", "rotate", "retire"):
        done = run("secret", command)
        assert done.code == 3
        assert "is not the one with which the cards" in done.err


def test_an_old_secret_that_was_cut_off_is_told(run, school, monkeypatch):
    monkeypatch.setenv("NEUROPLAY_OLD_SECRET", "short")
    done = run("secret", "status")
    assert done.code == 3
    assert "the secret in NEUROPLAY_OLD_SECRET has fewer than 32 characters" in done.err


def test_a_backup_from_before_belongs_to_the_old_secret(run, look, school, both, monkeypatch):
    assert run("db", "backup", "a.dump").code == 0
    both()
    assert run("secret", "rotate", "--yes").code == 0
    assert run("db", "verify", "a.dump").code == 0, "it is accepted"
    assert run("db", "backup", "b.dump").code == 0
    assert run("db", "restore", "a.dump", "--yes").code == 0
    assert status(run)["state"] == "prepared"
    assert run("secret", "rotate", "--yes").code == 0
    assert run("secret", "retire", "--yes").code == 0
    monkeypatch.delenv("NEUROPLAY_OLD_SECRET")
    assert run("db", "verify", "b.dump").code == 0
    done = run("db", "verify", "a.dump")
    assert (done.code, "another secret" in done.err) == (1, True)
    assert run("db", "restore", "a.dump", "--yes").code == 1


@pytest.mark.parametrize("fails_at", ["secret.old", "secret", "mark"])
def test_a_rotation_that_was_interrupted_anywhere_is_completed(tmp_path, monkeypatch, fails_at):
    """The secret is in the home, with the embedded database."""
    for name in ("DATABASE_URL", "NEUROPLAY_SECRET"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    monkeypatch.setenv("NEUROPLAY_HOME", str(home))
    with backups.alone(load_settings()) as container:
        (home / "secret").write_text(OLD)
        schema.migrate(container, schema.look(container), lambda _: None)
        container.keep_secret()
        made = container.create_class.execute("3A", 1)
        code, card = made.school_class.code, made.students[0].card_code
        with monkeypatch.context() as patched:
            interrupt(patched, home, fails_at)
            with pytest.raises(KeyboardInterrupt):
                rotation.rotate(container, who="eva")
        assert is_known(sign_in(code, card))
        rotation.rotate(container, who="eva")
        assert rotation.look(container).state == "rotating"
        assert (home / "secret.old").read_text().strip() == OLD
        assert (home / "secret").read_text().strip() != OLD
        assert is_known(sign_in(code, card))
        kept = rotation.retire(container, who="eva")
        assert kept == home / "secret.retired"
        assert kept.read_text().strip() == OLD
        assert rotation.look(container).state == "alone"


def interrupt(patched: pytest.MonkeyPatch, home: Path, at: str) -> None:
    """Have the rotation stop before it writes this file, or the database's mark."""
    rename = Path.rename

    def interrupted(part: Path, place: Path) -> Path:
        if place == home / at:
            raise KeyboardInterrupt
        return rename(part, place)

    def no_mark(*_args: object, **_options: object) -> bool:
        raise KeyboardInterrupt

    patched.setattr(Path, "rename", interrupted)
    if at == "mark":
        patched.setattr(secret_mark, "replace", no_mark)
