"""Backup and restore of a stopped system."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.acceptance.installation import Installation, finished_game

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


def test_a_child_who_was_erased_after_the_backup_is_refused_after_the_restore(
    tmp_path: Path,
) -> None:
    system = Installation(home=tmp_path / "home")
    file = tmp_path / "backups" / "a.dump"
    file.parent.mkdir()
    try:
        demo = system.json("serve", "--detach")["demo"]
        gone, stays = (
            system.sign_in(demo["class_code"], card["card_code"]) for card in demo["students"][:2]
        )
        for player in (gone, stays):
            player.play()
            player.wait_processed(1)
        assert system.run("db", "backup", str(file)).code == 0
        erased = gone.progress()["student"]["id"]
        assert system.run("student", "erase", f"id:{erased}", "--yes").code == 0
        system.run("stop")
        shutil.rmtree(system.home / "postgres")
        (system.home / "erasures.txt").unlink()
        restored = system.json("db", "restore", str(file))
        assert restored["erased"] == 1
        system.json("serve", "--detach")
        assert stays.processed() == 1
        status, answer = system.get("/api/v1/me", gone.token)
        assert (status, answer["code"]) == (410, "student_erased")
        body = {"device_id": gone.device_id, "sent_at": "2026-11-28T12:00:00Z"}
        status, answer = system.post(
            "/api/v1/gameplay/sync", {**body, "sessions": [finished_game()]}, gone.token
        )
        assert (status, answer["code"]) == (410, "student_erased")
        card = {"class_code": demo["class_code"], "device_id": gone.device_id}
        status, _ = system.post(
            "/api/v1/sign-in", {**card, "card_code": demo["students"][0]["card_code"]}
        )
        assert status == 401
        assert system.run("db", "recompute", "--dry-run").code == 0
    finally:
        system.end()
