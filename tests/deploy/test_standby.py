"""Fifty tablets, and a standby that is killed, stands still, is full, and is all that is left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest

from tests.acceptance.chaos.tablets import TABLETS, Fleet
from tests.acceptance.installation import Installation, wait_until
from tests.acceptance.small_disk import small_disk
from tests.acceptance.standing_by import (
    burn_and_restore,
    health,
    nobody_notices,
    receiver,
    settled,
    standby_pids,
    wait_acknowledged,
    wait_copied,
    with_standby,
)
from tests.deploy.conftest import said
from tests.integration.servers import hung

pytestmark = pytest.mark.deploy

SEED = 23
DISK = "400m"
TITLE = "a standby"
KILLS = 5
MISSED = "games are accepted without a copy"


@pytest.fixture
def standby(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own, where that can be made."""
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder, DISK) as small:
        if not small:
            pytest.skip("no file system can be mounted here")
        yield folder / "standby"


def test_fifty_tablets_notice_nothing_of_a_standby_that_fails_and_lose_nothing_in_a_fire(
    tmp_path: Path, standby: Path
) -> None:
    system = with_standby(tmp_path, standby)
    restored = None
    try:
        started = system.run("serve", "--detach", "--no-demo")
        assert started.code == 0, started
        assert "is on the disk of" not in started.err
        wait_copied(system)
        fleet = Fleet(system, SEED)
        fleet.start()
        wait_acknowledged(fleet, 100)
        with nobody_notices(fleet):
            for _ in range(KILLS):
                receiver(system).kill()
                wait_acknowledged(fleet, 30)
        with nobody_notices(fleet):
            keeper = psutil.Process(system.status()["standby"]["pid"])
            keeper.kill()
            wait_acknowledged(fleet, 30)
        wait_copied(system)
        with nobody_notices(fleet), hung(*standby_pids(system)):
            wait_until(lambda: health(system).endswith(MISSED), "the standby is missed")
            assert metric(system, "neuroplay_standby_up") == 0
            wait_acknowledged(fleet, 100)
        wait_copied(system)
        assert metric(system, "neuroplay_standby_up") == 1
        with nobody_notices(fleet):
            fill(standby.parent)
            begin_wal_file(system)
            wait_until(lambda: "No space left" in said_by_doctor(system), "the full disk is told")
            assert health(system).endswith(MISSED)
            wait_acknowledged(fleet, 100)
            (standby.parent / "film").unlink()
        wait_copied(system)
        assert missed(system) > 0
        wait_until(lambda: nothing_missed(fleet), "games wait for the copy again")

        restored = burn_and_restore(fleet, standby, tmp_path)
        assert restored.audit.holds, restored.audit
        assert restored.audit.stored == restored.audit.acknowledged
        said.setdefault(TITLE, []).append(
            f"{TABLETS} tablets, {restored.audit}; restored in "
            f"{restored.restore_seconds:.1f} s, serving after {restored.seconds:.1f} s; "
            f"answers: {dict(fleet.history.answers)}"
        )
        assert settled(restored).holds
    finally:
        system.end()
        if restored is not None:
            restored.system.end()


def fill(disk: Path) -> None:
    """Leave no room for another WAL file; pg_receivewal has the rest of one."""
    with (disk / "film").open("wb") as film:
        try:
            while True:
                film.write(bytes(1 << 20))
                film.flush()
        except OSError:
            return


def begin_wal_file(system: Installation) -> None:
    """Let PostgreSQL begin another file of WAL, for which there is no room."""
    connection = psycopg2.connect(host=str(system.runtime / "pg"), user="postgres")
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT pg_switch_wal()")


def said_by_doctor(system: Installation) -> str:
    return system.run("doctor").out


def missed(system: Installation) -> float:
    return metric(system, 'neuroplay_standby_missed_total{wait="none"}')


def nothing_missed(fleet: Fleet) -> bool:
    """Whether the next games are all copied before they are acknowledged."""
    before = missed(fleet.system)
    wait_acknowledged(fleet, 50)
    return missed(fleet.system) == before


def metric(system: Installation, series: str) -> float:
    """The value of a series at a scrape."""
    token = (system.home / "ops.token").read_text().strip()
    connection = system.connect(10)
    try:
        connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {token}"})
        text = connection.getresponse().read().decode()
    finally:
        connection.close()
    (found,) = re.findall(rf"^{re.escape(series)} (\S+)$", text, re.M)
    return float(found)
