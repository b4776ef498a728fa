"""A backup made while tablets send, brought back on another machine: with what the tablets send
again, every child has what it had."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.acceptance.chaos.conftest import SEED, said
from tests.acceptance.chaos.faults import SERVE
from tests.acceptance.chaos.ledger import balance, differences, read_store
from tests.acceptance.chaos.tablets import Fleet
from tests.acceptance.installation import Installation, wait_until

pytestmark = pytest.mark.slow

GAMES = 300
"""Acknowledged before the backup, and as many after it."""


def test_a_backup_and_what_tablets_send_again_give_the_same_xp(tmp_path: Path) -> None:
    old = Installation(home=tmp_path / "old")
    file = tmp_path / "a.dump"
    try:
        old.json("serve", "--detach", *SERVE)
        fleet = Fleet(old, SEED)
        fleet.start()
        acknowledged = fleet.ledger.acknowledged
        wait_until(lambda: len(acknowledged) > GAMES, "games are acknowledged")
        began_with = len(acknowledged)
        written = old.json("db", "backup", str(file))
        assert written["secret"] == str(old.home / "secret")
        wait_until(lambda: len(acknowledged) > began_with + GAMES, "more are, after the backup")
        refused = old.run("db", "restore", str(file), "--yes")
        assert refused.code == 3
        assert "neuroplay stop" in refused.err
        fleet.hand_in()
        wait_until(lambda: balance(old, fleet.ledger).waiting == 0, "everything is processed")
        _, _, students = read_store(old)
    finally:
        old.end()

    new = Installation(home=tmp_path / "new")
    try:
        new.home.mkdir()
        restored = new.json("db", "restore", str(file))
        shutil.copy(old.home / "secret", new.home / "secret")
        new.json("serve", "--detach", *SERVE)
        _, _, first = read_store(new)
        assert first != students
        fleet.send_again(new, acknowledged)
        wait_until(lambda: balance(new, fleet.ledger).waiting == 0, "everything is processed")
        found = balance(new, fleet.ledger)
        said.append(f"{'a backup and what was sent again':40} {found}")
        assert found.holds, found
        assert found.stored == found.acknowledged > restored["sessions"] > 0
        assert read_store(new)[2] == students
        assert differences(new) is None
    finally:
        new.end()


def test_a_stopped_system_is_backed_up_and_restored_too(tmp_path: Path) -> None:
    system = Installation(home=tmp_path / "home")
    file = tmp_path / "a.dump"
    nothing = system.run("db", "backup", str(file))
    assert nothing.code == 3
    assert "there is no database" in nothing.err
    try:
        demo = system.json("serve", "--detach")["demo"]
        player = system.sign_in(demo["class_code"], demo["students"][0]["card_code"])
        player.play()
        player.wait_processed(1)
        system.run("stop")
        assert system.run("db", "backup", str(file)).code == 0
        assert system.run("db", "restore", str(file)).code == 2
        assert system.run("db", "restore", str(file), "--yes").code == 0
        assert system.processes() == []
        assert not system.runtime.exists()
        system.json("serve", "--detach")
        assert player.processed() == 1
    finally:
        system.end()
