"""The standby of a real server: base backups, WAL, gaps, and restores of the newest and of then."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import Engine

from neuroplay.infra.db import secret_mark
from neuroplay.infra.db.engine import make_engine
from neuroplay.infra.db.standby_state import end_wait, standby_state
from neuroplay.infra.embedded import STANDBY
from neuroplay.infra.embedded.postgres import EmbeddedPostgres
from neuroplay.infra.secrets import HmacSecrets
from neuroplay.infra.standby import plan, recovery, secret_marks
from neuroplay.infra.standby.folder import StandbyFolder
from neuroplay.infra.standby.keeper import Keeper
from neuroplay.infra.standby.primary import Facts, Primary
from neuroplay.infra.standby.programs import Programs
from neuroplay.infra.supervision.errors import CannotStart
from tests.command_line import Run, run
from tests.integration.servers import wait_until

__all__ = ["run"]

pytestmark = pytest.mark.slow

PATIENCE_S = 90.0
"""A base backup has to reach the disk, which other tests may keep busy."""


@dataclass
class Heard:
    """Reports for a test."""

    series: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    base_errors: list[str] = field(default_factory=list)
    bases: list[plan.Base] = field(default_factory=list)

    def receives(self, series: str, newest: plan.Base | None) -> None:
        self.series.append(series)

    def cannot_receive(self, why: str) -> None:
        self.errors.append(why)

    def made(self, base: plan.Base, removed: list[str]) -> None:
        self.bases.append(base)

    def cannot_make_base(self, why: str) -> None:
        self.base_errors.append(why)

    def looks(self) -> None: ...


@dataclass
class School:
    """A server with a standby, and a clock that the test moves."""

    home: Path
    server: EmbeddedPostgres
    engine: Engine
    folder: StandbyFolder
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    @contextmanager
    def kept(self) -> Iterator[Heard]:
        """The standby is kept meanwhile."""
        heard = Heard()
        keeper = Keeper(
            self.folder,
            Primary(self.engine),
            Programs(self.server.bin, self.engine),
            heard,
            keep=2,
            clock=self.now,
        )
        failed: list[BaseException] = []

        def run() -> None:
            try:
                keeper.run()
            except BaseException as error:  # noqa: BLE001 - told below
                failed.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            wait_until(
                lambda: failed or standby_state(self.engine).problem == "",
                lambda: f"it receives: {heard}",
                PATIENCE_S,
            )
            assert not failed
            yield heard
        finally:
            keeper.stop()
            thread.join()

    def base_after(self, passed: timedelta) -> plan.Base:
        """The base backup that is due when so much time has passed."""
        self.ahead += passed
        with self.kept() as heard:
            wait_until(
                lambda: heard.bases or heard.base_errors, "a base backup is made", PATIENCE_S
            )
            assert heard.base_errors == []
        return heard.bases[0]

    def begin_wal_file(self) -> None:
        connection = psycopg2.connect(host=str(self.server.socket_dir), user="postgres")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_switch_wal()")
        connection.close()

    def write(self, number: int) -> None:
        with self.engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL synchronous_commit = on")
            connection.exec_driver_sql("INSERT INTO games VALUES (%s)", (number,))

    def restored(self, to: datetime | None = None) -> list[int]:
        """The games of a database that is made of the standby in a new home."""
        home = self.home.parent / "restored"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(mode=0o711)
        source = recovery.find_source(self.folder, to)
        recovery.recover(source, home, home / "run", to=to, say=lambda _: None)
        with EmbeddedPostgres(home, home / "run").running() as url:
            return games(url)


def games(url: str) -> list[int]:
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT number FROM games ORDER BY 1")
            return [row[0] for row in rows]
    finally:
        engine.dispose()


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    home = tmp_path / "home"
    home.mkdir(mode=0o711)
    server = EmbeddedPostgres(home, home / "run", standby=True)
    with server.running() as url:
        engine = make_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE games (number int)")
        try:
            yield School(
                home=home,
                server=server,
                engine=engine,
                folder=StandbyFolder(tmp_path / "standby"),
            )
        finally:
            engine.dispose()


def test_every_committed_game_comes_back_from_a_chain_of_base_backups(
    school: School,
) -> None:
    first = school.base_after(timedelta())
    assert first.kind == plan.FULL
    with school.kept():
        for number in range(3):
            school.write(number)
    second = school.base_after(plan.INCREMENTAL_EVERY)
    assert (second.kind, second.after) == (plan.INCREMENTAL, first.name)
    assert second.bytes < first.bytes
    with school.kept():
        school.write(3)
    assert school.restored() == [0, 1, 2, 3]


def test_a_point_in_time_is_restored_and_one_after_the_end_refused(school: School) -> None:
    school.base_after(timedelta())
    with school.kept():
        school.write(1)
        with school.engine.connect() as connection:
            then = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        school.write(2)
    assert school.restored(then) == [1]
    assert school.restored() == [1, 2]
    with pytest.raises(CannotStart, match="nothing was written after"):
        school.restored(datetime.now(UTC) + timedelta(hours=1))
    with pytest.raises(CannotStart, match="goes back to"):
        school.restored(then - timedelta(days=1))


def test_after_a_gap_a_new_series_begins_with_a_base_backup(school: School) -> None:
    school.base_after(timedelta())
    with school.engine.connect() as connection:
        asked = "SELECT active FROM pg_replication_slots WHERE slot_name = %s"
        wait_until(
            lambda: connection.exec_driver_sql(asked, (STANDBY,)).scalar_one() is False,
            "the database notices that nobody receives",
            PATIENCE_S,
        )
        connection.exec_driver_sql(f"SELECT pg_drop_replication_slot('{STANDBY}')")
    school.ahead = timedelta(minutes=1)
    with school.kept() as heard:
        wait_until(lambda: heard.bases, "a base backup of the new series", PATIENCE_S)
        school.write(7)
    assert [base.kind for base in heard.bases] == [plan.FULL]
    assert len(school.folder.series()) == 2
    assert school.restored() == [7]


def test_a_file_for_which_the_disk_had_no_room_does_not_stop_the_standby(school: School) -> None:
    school.base_after(timedelta())
    with school.kept():
        school.write(1)
        school.begin_wal_file()
        school.write(2)
    (series,) = school.folder.series()
    (begun,) = series.wal.glob("*.partial")
    begun.write_bytes(bytes(4 << 20))  # what a full disk leaves of a new file
    with school.kept():
        school.write(3)
    assert school.restored() == [1, 2, 3]


def test_the_folder_says_which_secret_the_database_needs(
    school: School, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mark() -> str | None:
        return secret_marks.at(school.folder.path, None)

    with school.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE installation (is_it boolean PRIMARY KEY DEFAULT true, secret_mark text, "
            "since timestamptz)"
        )
    with school.kept():
        pass
    assert mark() is None, "there is none yet"
    ours = HmacSecrets("s" * 32).mark()
    secret_mark.keep(school.engine, ours)
    with school.kept():
        wait_until(lambda: mark() == ours, "the mark is noted", PATIENCE_S)

    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("NEUROPLAY_HOME", str(school.home.parent / "restored"))
    monkeypatch.setenv("NEUROPLAY_SECRET", "t" * 32)
    restore = ("db", "restore", str(school.folder.path), "--yes")
    refused = run(*restore)
    assert refused.code == 1
    assert "belongs to another secret" in refused.err
    assert "--other-secret" in refused.err
    assert not (school.home.parent / "restored").exists()
    for allowed in (("--other-secret",), ("--to", "2020-01-01")):
        assert "belongs to another secret" not in run(*restore, *allowed).err
    monkeypatch.setenv("NEUROPLAY_SECRET", "s" * 32)
    assert "belongs to another secret" not in run(*restore, "--to", "2020-01-01").err


def test_wal_that_is_missing_in_between_is_noticed(school: School) -> None:
    school.base_after(timedelta())
    with school.kept():
        for number in range(3):
            school.write(number)
            school.begin_wal_file()
        school.write(3)
    (series,) = school.folder.series()
    source = recovery.find_source(school.folder, None)
    assert source.gap_after is None
    os.unlink(series.wal / source.wal[2])
    assert recovery.find_source(school.folder, None).gap_after == source.wal[1]


def test_a_damaged_base_backup_is_refused_and_the_home_stays_empty(school: School) -> None:
    base = school.base_after(timedelta())
    (series,) = school.folder.series()
    with (series.base / base.name / "global" / "pg_control").open("r+b") as file:
        file.write(b"damaged")
    with pytest.raises(CannotStart, match="damaged"):
        school.restored()
    assert not (school.home.parent / "restored" / "postgres" / "data").exists()


def test_a_wait_for_the_standby_is_ended_and_nothing_else(school: School) -> None:
    connection = psycopg2.connect(host=str(school.server.socket_dir), user="neuroplay")
    connection.autocommit = True
    pid = connection.get_backend_pid()
    assert not end_wait(school.engine, pid)
    ended: list[bool] = []

    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = on; INSERT INTO games VALUES (9)")
        ended.append(True)

    thread = threading.Thread(target=write)
    thread.start()
    wait_until(lambda: end_wait(school.engine, pid), "the session waits")
    thread.join(10)
    assert ended == [True]
    connection.close()
    assert games(school.server.url) == [9]


def test_a_server_goes_on_without_the_standby_that_it_had(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o711)

    def facts_with(standby: bool | None) -> Facts:
        with EmbeddedPostgres(home, home / "run", standby=standby).running() as url:
            engine = make_engine(url)
            try:
                if standby:
                    Primary(engine).renew_slot()
                return Primary(engine).facts()
            finally:
                engine.dispose()

    assert facts_with(True).slot == "reserved"
    assert facts_with(None).slot == "reserved"  # a command, such as a backup
    dropped = facts_with(False)
    assert (dropped.wal_level, dropped.slot) == ("replica", None)
    assert facts_with(False).wal_level == "minimal"


def test_a_restored_database_goes_on_in_the_folder_and_the_one_from_before_is_refused(
    school: School,
) -> None:
    school.base_after(timedelta())
    with school.kept():
        school.write(1)
    assert school.restored() == [1]
    home = school.home.parent / "restored"
    with EmbeddedPostgres(home, home / "run", standby=True).running() as url:
        engine = make_engine(url)
        restored = School(
            home=home,
            server=EmbeddedPostgres(home, home / "run"),
            engine=engine,
            folder=school.folder,
        )
        restored.ahead = timedelta(minutes=1)
        with restored.kept() as heard:
            wait_until(lambda: heard.bases, "a base backup of the restored one", PATIENCE_S)
            restored.write(2)
        engine.dispose()
    assert [one.timeline for one in school.folder.series()] == [1, 2]
    assert school.restored() == [1, 2]

    heard = Heard()
    keeper = Keeper(
        school.folder,
        Primary(school.engine),
        Programs(school.server.bin, school.engine),
        heard,
        keep=2,
    )
    thread = threading.Thread(target=keeper.run)
    thread.start()
    wait_until(lambda: heard.errors, "the one from before is refused")
    keeper.stop()
    thread.join()
    assert "this one is from before" in heard.errors[0]
    assert heard.series == []
