"""NEUROPLAY_WAL_DIR: no acknowledged game is lost with the disk, and no child notices a standby
that fails. tests/deploy/test_standby.py has more tablets and more that fails."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.acceptance.chaos.tablets import Fleet
from tests.acceptance.installation import Installation, wait_until
from tests.acceptance.standing_by import (
    burn_and_restore,
    health,
    nobody_notices,
    settled,
    standby_pids,
    wait_acknowledged,
    wait_copied,
    with_standby,
)
from tests.integration.servers import hung

pytestmark = pytest.mark.slow


def test_a_standby_stands_still_unnoticed_and_a_burnt_system_comes_back_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    standby = tmp_path / "standby"
    system = with_standby(tmp_path, standby)
    restored = None
    try:
        started = system.run("serve", "--detach", "--no-demo")
        assert started.code == 0, started
        assert "is on the disk of" in started.err
        wait_copied(system)
        fleet = Fleet(system, 7, tablets=12)
        fleet.start()
        wait_acknowledged(fleet, 20)

        with nobody_notices(fleet), hung(*standby_pids(system)):
            wait_until(
                lambda: health(system).endswith("games are accepted without a copy"),
                "the standby is missed",
            )
            assert system.run("health").code == 1
            assert "games are accepted without a copy" in system.run("doctor").out
            wait_acknowledged(fleet, 10)
        wait_copied(system)
        wait_acknowledged(fleet, 20)

        restored = burn_and_restore(fleet, standby, tmp_path)
        assert restored.audit.holds, restored.audit
        assert restored.audit.stored == restored.audit.acknowledged
        in_the_end = settled(restored)
        assert in_the_end.holds, in_the_end
        with capsys.disabled():
            print(f"\nrestored in {restored.seconds:.1f} s: {restored.audit}")
    finally:
        system.end()
        if restored is not None:
            restored.system.end()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"thesis.odt": ""}, "contains other files (thesis.odt)"),
        (
            {"neuroplay-standby.json": '{"system": "12", "format": 1}'},
            "belongs to another database (12, and this is a new one)",
        ),
    ],
    ids=["other files", "another database"],
)
def test_a_folder_that_is_not_the_standby_s_is_refused_before_anything_starts(
    tmp_path: Path, content: dict[str, str], says: str
) -> None:
    standby = tmp_path / "standby"
    standby.mkdir()
    for name, text in content.items():
        (standby / name).write_text(text)
    system = with_standby(tmp_path, standby)
    ended = system.run("serve", "--detach")
    assert ended.code == 3
    assert says in ended.err
    assert sorted(os.listdir(standby)) == sorted(content)
    assert not (system.home / "postgres" / "data").exists()


def test_a_database_of_one_s_own_has_its_standby_elsewhere(tmp_path: Path) -> None:
    settings = {
        "NEUROPLAY_WAL_DIR": str(tmp_path / "standby"),
        "DATABASE_URL": "postgresql://neuroplay@db.school.example/neuroplay",
        "NEUROPLAY_SECRET": "x" * 40,
    }
    ended = Installation(home=tmp_path / "home", settings=settings).run("serve", "--detach")
    assert ended.code == 3
    assert "NEUROPLAY_WAL_DIR is for the embedded database" in ended.err
    assert not (tmp_path / "standby").exists()
