"""What `db backup` records for tablets, and the epoch that `db restore` begins."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from neuroplay.core.entities.epoch import Epoch
from neuroplay.infra.db import coverage, migrations
from neuroplay.infra.db.engine import make_engine
from tests.command_line import run
from tests.integration.db.test_backup import installed, look

__all__ = ["installed", "look", "run"]


@pytest.fixture
def ask(look):
    return look


def epoch(ask) -> Epoch:
    ((epoch_id, safe_before),) = ask("SELECT epoch_id, safe_before FROM epoch")
    return Epoch(epoch_id=epoch_id, safe_before=safe_before)


def clock(ask) -> datetime:
    return ask("SELECT clock_timestamp()")[0][0]


def test_a_backup_covers_what_came_before_it_began_less_the_margin(run, ask):
    before = clock(ask)
    assert run("db", "backup", "a.dump").code == 0
    found = epoch(ask)
    assert found.safe_before is not None
    assert before < found.safe_before + coverage.MARGIN < clock(ask)
    assert run("db", "backup", "b.dump").code == 0
    later = epoch(ask)
    assert later.epoch_id == found.epoch_id
    assert later.safe_before > found.safe_before


def test_a_backup_that_fails_covers_nothing(run, ask):
    assert run("db", "backup", "missing/a.dump").code == 3
    assert epoch(ask).safe_before is None


def test_a_restore_begins_an_epoch_that_nothing_covers(run, ask):
    assert run("db", "backup", "a.dump").code == 0
    assert run("db", "backup", "b.dump").code == 0  # has what the first one covered
    seen = {epoch(ask).epoch_id}
    for file in ("a.dump", "b.dump", "a.dump"):
        assert run("db", "restore", file, "--yes").code == 0
        found = epoch(ask)
        assert found.safe_before is None
        seen.add(found.epoch_id)
    assert len(seen) == 4


def test_a_restore_that_fails_keeps_the_epoch(run, ask, tmp_path):
    assert run("db", "backup", "a.dump").code == 0
    was = epoch(ask)
    whole = (tmp_path / "a.dump").read_bytes()
    (tmp_path / "cut.dump").write_bytes(whole[: len(whole) * 3 // 4])
    assert run("db", "restore", "cut.dump", "--yes").code != 0
    assert epoch(ask) == was


def test_a_backup_of_an_older_schema_gets_its_epoch_by_the_migration(
    run, installed, empty_database_url, monkeypatch
):
    url = empty_database_url.replace("postgresql+psycopg2:", "postgresql:")
    monkeypatch.setenv("DATABASE_URL", url)
    older = make_engine(empty_database_url)
    migrations.upgrade(older, to="0013")
    older.dispose()
    assert run("db", "backup", "old.dump").code == 0
    assert run("db", "restore", "old.dump", "--yes").code == 0
    assert run("db", "migrate").code == 0
    migrated = make_engine(empty_database_url)
    with migrated.connect() as connection:
        found = connection.exec_driver_sql("SELECT epoch_id, safe_before FROM epoch").one()
    migrated.dispose()
    assert isinstance(found[0], UUID)
    assert found[1] is None


def test_a_schema_with_odd_signs_in_its_name_begins_an_epoch_too(run, ask, monkeypatch):
    ask("""CREATE SCHEMA "it's; one" """)
    for (table,) in ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        ask(f"""ALTER TABLE public.{table} SET SCHEMA "it's; one" """)
    ask("""ALTER ROLE CURRENT_USER SET search_path = "it's; one" """)
    try:
        assert run("db", "backup", "a.dump").code == 0
        was = epoch(ask)
        assert was.safe_before is not None
        done = run("db", "restore", "a.dump", "--yes")
        assert done.code == 0, done
        assert epoch(ask).epoch_id != was.epoch_id
    finally:
        ask("ALTER ROLE CURRENT_USER RESET search_path")


def test_after_other_means_a_new_epoch_is_begun_by_hand(run, ask):
    assert run("db", "backup", "a.dump").code == 0
    was = epoch(ask)
    ((before,),) = ask("SELECT nextval('students_student_id_seq')")
    done = run("db", "new-epoch", "--json")
    assert done.code == 0, done
    found = epoch(ask)
    assert json.loads(done.out) == {"epoch": str(found.epoch_id)}
    assert found.epoch_id != was.epoch_id
    assert found.safe_before is None
    ((after,),) = ask("SELECT nextval('students_student_id_seq')")
    assert after > before + coverage.UNUSED
    ((target,),) = ask("SELECT target FROM audit WHERE what = 'new epoch'")
    assert target == f"epoch {found.epoch_id}"


def test_coverage_never_moves_back_and_is_of_its_own_epoch(engine, open_uow):
    snapshot = coverage.before_snapshot(engine)

    def current() -> Epoch:
        with open_uow(in_steps=True) as uow:
            return uow.epochs.current()

    coverage.cover(engine, snapshot)
    covered = current().safe_before
    assert covered == snapshot.at - coverage.MARGIN
    earlier = coverage.Snapshot(epoch_id=snapshot.epoch_id, at=snapshot.at - timedelta(hours=1))
    coverage.cover(engine, earlier)
    assert current().safe_before == covered
    other = coverage.Snapshot(epoch_id=UUID(int=1), at=snapshot.at + timedelta(hours=1))
    coverage.cover(engine, other)
    assert current().safe_before == covered


def test_a_database_that_is_away_afterwards_does_not_spoil_the_backup(engine):
    snapshot = coverage.before_snapshot(engine)
    lost = make_engine("postgresql+psycopg2://nobody@127.0.0.1:1/nothing")
    coverage.cover(lost, snapshot)
    coverage.cover(lost, None)
    lost.dispose()
