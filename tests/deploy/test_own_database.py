"""The standby of a database of one's own, which comes back by PostgreSQL's own programs."""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from neuroplay.infra.standby.plan import FULL, INCREMENTAL, INCREMENTAL_EVERY
from tests.acceptance.installation import Installation, wait_until
from tests.acceptance.standing_by import set_back
from tests.deploy.conftest import said
from tests.deploy.own_database import DEBIANS, IN_WHEELS, OwnDatabase, programs

pytestmark = pytest.mark.deploy

TITLE = "a standby of a database of one's own"
FIRST_WITH_SUMMARIES = 17


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


def bases(folder: Path) -> list[str]:
    """The kinds of its base backups, the oldest first."""
    found = [json.loads(file.read_text()) for file in folder.glob("series-*/base/*.json")]
    return [one["kind"] for one in sorted(found, key=lambda one: str(one["ended"]))]


def insert(server: OwnDatabase, first: int, last: int) -> None:
    """Returns when the standby has it."""
    server.ask(f"INSERT INTO games SELECT generate_series({first}, {last})")
    (lsn,) = server.ask("SELECT pg_current_wal_flush_lsn()")[0]
    wait_until(lambda: server.copied(lsn), "the copy has it")


@pytest.mark.parametrize("release", [DEBIANS, *IN_WHEELS])
def test_it_comes_back_with_base_backups_of_each_kind_and_all_changes(
    release: str, open_folder: Path
) -> None:
    server = OwnDatabase(open_folder, programs(release))
    server.run("initdb", "-D", str(server.data), "-U", "postgres", "--auth=trust")
    folder, home = open_folder / "standby", open_folder / "home"
    settings = {"DATABASE_URL": f"postgresql://postgres@/postgres?host={server.socket}"}
    summarizes = server.major >= FIRST_WITH_SUMMARIES
    with server.serving(*(["-c", "summarize_wal=on"] if summarizes else [])) as running:
        server.ask("CREATE TABLE games (number int)")
        with standing_by(settings, home, folder):
            wait_until(lambda: bases(folder) == [FULL], "a base backup is made")
            insert(server, 1, 1000)
        set_back(folder, INCREMENTAL_EVERY)
        kinds = [FULL, INCREMENTAL if summarizes else FULL]
        with standing_by(settings, home, folder):
            wait_until(lambda: bases(folder) == kinds, "the base backup of the next day is made")
            insert(server, 1001, 2000)
        running.kill()
        running.wait(60)
    server.lose()
    refused = Installation(home=home).run("db", "restore", str(folder))
    assert refused.code == 3
    assert f"is of PostgreSQL {server.major}" in refused.err

    # As docs/recovery.md says.
    server.give(folder)
    (base,) = folder.glob("series-*/base")
    full, newest = sorted(one for one in base.iterdir() if one.is_dir())
    if summarizes:
        server.run("pg_combinebackup", str(full), str(newest), "-o", str(server.data))
    else:
        shutil.copytree(newest, server.data, dirs_exist_ok=True)
    wal = base.with_name("wal")
    with (server.data / "postgresql.auto.conf").open("a") as file:
        file.write(f"restore_command = 'cp {wal}/%f %p || cp {wal}/%f.partial %p'\n")
    (server.data / "recovery.signal").touch()
    server.give(server.data)
    with server.serving():
        assert server.ask("SELECT count(*) FROM games") == [(2000,)]
    said.setdefault(TITLE, []).append(
        f"PostgreSQL {server.major}: base backups ({', '.join(kinds)}) and all changes came back"
    )
