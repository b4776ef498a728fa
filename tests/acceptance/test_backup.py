"""Backup and restore of a stopped system."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.installation import Installation

pytestmark = pytest.mark.slow


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
