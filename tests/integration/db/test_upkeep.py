"""How old the last good backup and drill are, as everybody is told."""

from __future__ import annotations

import re

import pytest

from neuroplay.bootstrap import build
from neuroplay.config import load_settings
from neuroplay.operation.doctor import OK, WARNING
from neuroplay.operation.doctor.servers import check_backups
from tests.command_line import run
from tests.integration.db.test_backup import filled, installed, look

__all__ = ["filled", "installed", "look", "run"]


@pytest.fixture
def container(installed):
    made = build(load_settings())
    yield made
    made.close()


def gauge(container, name: str) -> float:
    (value,) = [
        sample.value
        for family in container.figures.collect()
        for sample in family.samples
        if sample.name == name
    ]
    return float(value)


def test_a_new_installation_has_time_for_its_first_ones(run, look, filled, container):
    assert run("db", "migrate").code == 0, "which records since when it is in use"
    found = check_backups(container)
    assert (found.state, found.what) == (OK, "backed up never, restored in a drill never")
    assert container.health()["checks"]["backups"] == f"ok ({found.what})"
    look("UPDATE installation SET since = now() - interval '3 days'")
    assert check_backups(container).state == WARNING
    assert "db backup" in check_backups(container).fix
    age = gauge(container, "neuroplay_backup_age_seconds")
    assert age == pytest.approx(3 * 86400, abs=60)
    assert gauge(container, "neuroplay_drill_age_seconds") == pytest.approx(age, abs=60)


def test_a_backup_is_recorded_and_grows_old(run, look, filled, container):
    assert run("db", "backup", "a.dump").code == 0
    assert gauge(container, "neuroplay_backup_age_seconds") < 60
    assert check_backups(container).what == "backed up 0 min ago, restored in a drill never"
    look("UPDATE audit SET at = now() - interval '5 hours' WHERE target = 'backup'")
    assert check_backups(container).what == "backed up 5 h ago, restored in a drill never"
    look("UPDATE audit SET at = now() - interval '20 days' WHERE target = 'backup'")
    assert check_backups(container).state == WARNING


def test_a_drill_grows_old_as_well(run, look, filled, container):
    assert run("db", "recompute").code == 0
    assert run("db", "backup", "a.dump").code == 0
    assert run("db", "drill", "a.dump").code == 0
    assert gauge(container, "neuroplay_drill_age_seconds") < 60
    look("UPDATE audit SET at = now() - interval '16 days' WHERE target = 'drill'")
    found = check_backups(container)
    assert found.state == WARNING
    # A slow machine may take a minute for the drill.
    assert re.fullmatch(r"backed up \d min ago, restored in a drill 16 d ago", found.what)
    assert "db drill" in found.fix


def test_a_backup_that_failed_is_not_recorded(run, look, filled):
    assert run("db", "backup", "missing/a.dump").code == 3
    assert look("SELECT count(*) FROM audit WHERE target = 'backup'") == [(0,)]
