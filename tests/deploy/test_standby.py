"""Fifty tablets, and a standby that is killed, stands still, is full, and is all that is left."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
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
from tests.patroni.programs import have

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


class Debians:
    """A PostgreSQL of Debian's packages, which is not ours and has a standby elsewhere."""

    def __init__(self, folder: Path) -> None:
        found = have()
        self._bin = found.postgres
        self._environment = {**os.environ, **found.environment}
        self.major = self._bin.parent.name
        self.data, self.socket = folder / "data", folder / "socket"
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        for one in (self.data, self.socket):
            one.mkdir(mode=0o700)
            self.give(one)

    def give(self, place: Path) -> None:
        """To its user, with all that is below."""
        for one in (place, *place.rglob("*")):
            os.chown(one, self._user.pw_uid, self._user.pw_gid, follow_symlinks=False)

    def run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._bin / program), *arguments],
            env=self._environment,
            cwd="/",
            user=self._user.pw_uid,
            check=True,
            capture_output=True,
            timeout=120,
        )

    @contextmanager
    def serving(self, *options: str) -> Iterator[subprocess.Popen[bytes]]:
        process = subprocess.Popen(
            [
                *(str(self._bin / "postgres"), "-D", str(self.data), "-k", str(self.socket)),
                *("-c", "listen_addresses=", *options),
            ],
            env=self._environment,
            cwd="/",
            user=self._user.pw_uid,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until(self.answers, "Debian's PostgreSQL answers")
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGQUIT)
            process.wait(60)

    def answers(self) -> bool:
        try:
            return self.ask("SELECT NOT pg_is_in_recovery()") == [(True,)]
        except psycopg2.OperationalError:
            return False

    def copied(self, lsn: object) -> bool:
        """Whether the standby has everything up to there."""
        rows = self.ask("SELECT flush_lsn::text FROM pg_stat_replication WHERE state = 'streaming'")
        return any(
            flushed is not None and _position(flushed) >= _position(lsn) for (flushed,) in rows
        )

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        with closing(psycopg2.connect(host=str(self.socket), user="postgres")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []


def _position(lsn: object) -> int:
    high, _, low = str(lsn).partition("/")
    return int(high, 16) << 32 | int(low, 16)


@contextmanager
def standing_by(settings: Mapping[str, str], home: Path, folder: Path) -> Iterator[None]:
    """`neuroplay db standby` meanwhile."""
    system = Installation(home=home, settings=settings)
    process = system.start("db", "standby", str(folder))
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_database_of_one_s_own_comes_back_with_postgresql_s_programs(open_folder: Path) -> None:
    tmp_path = open_folder
    server = Debians(tmp_path)
    server.run("initdb", "-D", str(server.data), "-U", "postgres", "--auth=trust")
    folder = tmp_path / "standby"
    settings = {"DATABASE_URL": f"postgresql://postgres@/postgres?host={server.socket}"}
    with server.serving() as running:
        server.ask("CREATE TABLE games (number int)")
        with standing_by(settings, tmp_path / "home", folder):
            wait_until(lambda: list(folder.glob("series-*/base/*.json")), "a base backup is made")
            server.ask("INSERT INTO games SELECT generate_series(1, 1000)")
            (lsn,) = server.ask("SELECT pg_current_wal_flush_lsn()")[0]
            wait_until(lambda: server.copied(lsn), "the copy has it")
        running.kill()
        running.wait(60)
    shutil.rmtree(server.data)
    (base,) = folder.glob("series-*/base/*-full")
    assert json.loads(base.with_name(f"{base.name}.json").read_text())["kind"] == "full"
    refused = Installation(home=tmp_path / "home").run("db", "restore", str(folder))
    assert refused.code == 3
    assert f"is of PostgreSQL {server.major}" in refused.err

    # As docs/recovery.md says.
    shutil.copytree(base, server.data)
    wal = base.parents[1] / "wal"
    with (server.data / "postgresql.auto.conf").open("a") as file:
        file.write(f"restore_command = 'cp {wal}/%f %p || cp {wal}/%f.partial %p'\n")
    (server.data / "recovery.signal").touch()
    server.give(server.data)
    server.give(folder)
    with server.serving():
        assert server.ask("SELECT count(*) FROM games") == [(1000,)]
    said.setdefault(TITLE, []).append(f"Debian's PostgreSQL {server.major}: everything came back")
