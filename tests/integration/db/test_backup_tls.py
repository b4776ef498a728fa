"""Backups of a database that requires TLS, which the bundled pg_dump and psql lack."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from neuroplay.infra.db.engine import make_engine
from neuroplay.infra.db.tls_relay import (
    PORT,
    SSL_REQUEST,
    Server,
    libpq_context,
    relay,
    serving,
    without_channel_binding,
)
from tests.certificates import Pair, self_signed
from tests.command_line import run

__all__ = ["run"]


@contextmanager
def only_by_tls(pair: Pair, plain: Path) -> Iterator[int]:
    """A port that speaks TLS before PostgreSQL's socket `plain`, and nothing without."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def front(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if await reader.read(8) != SSL_REQUEST:
                return
            writer.write(b"S")
            await writer.start_tls(context)
            near_in, near_out = await asyncio.open_unix_connection(plain)
            try:
                await asyncio.gather(copy(reader, near_out), copy(near_in, writer))
            finally:
                near_out.close()
        except (OSError, ssl.SSLError):
            pass
        finally:
            writer.transport.abort()

    with serving(lambda: asyncio.start_server(front, "127.0.0.1", 0)) as server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return self_signed(tmp_path, "localhost")


@pytest.fixture
def port(database_url, monkeypatch, tmp_path, pair) -> Iterator[int]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NEUROPLAY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NEUROPLAY_SECRET", "s" * 32)
    url = make_url(database_url)
    with only_by_tls(pair, Path(str(url.query["host"])) / ".s.PGSQL.5432") as found:
        yield found


def reached_by(monkeypatch: pytest.MonkeyPatch, database_url: str, port: int, words: str) -> None:
    url = make_url(database_url)
    monkeypatch.setenv(
        "DATABASE_URL", f"postgresql://{url.username}@localhost:{port}/{url.database}?{words}"
    )


@pytest.mark.parametrize(
    "words",
    [
        "sslmode=require",
        "sslmode=prefer",
        "sslmode=verify-ca&sslrootcert={cert}",
        "sslmode=verify-full&sslrootcert={cert}",
        "sslmode=require&sslrootcert={cert}&hostaddr=127.0.0.1",
        "sslmode=verify-full&sslrootcert={cert}&sslcert={cert}&sslkey={key}",
    ],
)
def test_a_database_behind_tls_is_backed_up_and_comes_back(
    run, monkeypatch, database_url, port, pair, words
):
    reached_by(monkeypatch, database_url, port, words.format(cert=pair.cert, key=pair.key))
    assert run("class", "create", "3A", "--students", "3").code == 0

    done = run("db", "backup", "a.dump", "--json")
    assert done.code == 0, done
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("TRUNCATE students CASCADE")
    engine.dispose()
    done = run("db", "restore", "a.dump", "--yes", "--json")
    assert done.code == 0, done
    assert json.loads(done.out)["students"] == 3


def test_a_certificate_of_another_name_is_refused(run, monkeypatch, database_url, port, pair):
    words = f"sslmode=verify-full&sslrootcert={pair.cert}"
    reached_by(monkeypatch, database_url, port, words)
    url = make_url(database_url)
    monkeypatch.setenv(
        "DATABASE_URL", f"postgresql://{url.username}@127.0.0.1:{port}/{url.database}?{words}"
    )

    ran = run("db", "backup", "a.dump")

    assert ran.code == 3
    assert "certificate" in ran.err
    assert not Path("a.dump").exists()


def test_a_thread_that_runs_a_loop_already_has_its_relay():
    nobody = Server(host="localhost", address="127.0.0.1", port=1, context=libpq_context({}))

    async def begin() -> bool:
        with relay(nobody) as folder:
            return (folder / f".s.PGSQL.{PORT}").is_socket()

    with ThreadPoolExecutor(1) as pool:  # the test's own thread may run a loop, too
        assert pool.submit(asyncio.run, begin()).result()


def test_a_wish_for_a_password_loses_the_ways_that_need_tls_and_no_other():
    sasl = b"\0\0\0\x0a"

    assert (
        without_channel_binding(sasl + b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0")
        == sasl + b"SCRAM-SHA-256\0\0"
    )
    for other in (b"\0\0\0\0", b"\0\0\0\x05salt", sasl + b"SCRAM-SHA-256\0\0"):
        assert without_channel_binding(other) == other


@pytest.fixture
def debians_postgres(tmp_path_factory, pair) -> Iterator[str]:
    """PostgreSQL as Debian builds it, that takes passwords over TLS alone; its URL."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        pytest.skip("no PostgreSQL of Debian's is on this machine: /usr/lib/postgresql is empty")
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    identity = {} if account is None else {"user": account.pw_uid, "group": account.pw_gid}
    with tempfile.TemporaryDirectory(prefix="nptls", dir="/tmp") as folder:
        place = Path(folder)
        for source, name in ((pair.cert, "cert"), (pair.key, "key")):
            (place / name).write_bytes(source.read_bytes())
            (place / name).chmod(0o600)
        (place / "password").write_text("topsecret")
        if account is not None:
            for one in (place, *place.iterdir()):
                os.chown(one, account.pw_uid, account.pw_gid)

        def call(program: str, *words: str) -> None:
            subprocess.run(
                [str(found[-1].with_name(program)), "-D", str(place / "data"), *words],
                check=True,
                stdout=subprocess.DEVNULL,
                cwd=place,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
                **identity,  # type: ignore[call-overload]
            )

        scram = ("--auth=scram-sha-256", f"--pwfile={place / 'password'}")
        call("initdb", "-U", "np", "-E", "UTF8", "--no-sync", *scram)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with (place / "data" / "postgresql.conf").open("a") as file:
            file.write(
                f"ssl = on\nssl_cert_file = '{place}/cert'\nssl_key_file = '{place}/key'\n"
                f"port = {port}\nunix_socket_directories = ''\nfsync = off\n"
            )
        (place / "data" / "pg_hba.conf").write_text("hostssl all all all scram-sha-256\n")
        call("pg_ctl", "-w", "-l", str(place / "log"), "start")
        try:
            yield f"postgresql://np:topsecret@localhost:{port}/postgres"
        finally:
            call("pg_ctl", "-m", "immediate", "stop")


def test_a_server_that_wants_a_password_by_tls_is_backed_up(
    run, monkeypatch, tmp_path, debians_postgres, pair
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEUROPLAY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NEUROPLAY_SECRET", "s" * 32)
    full = f"sslmode=verify-full&sslrootcert={pair.cert}"
    monkeypatch.setenv("DATABASE_URL", f"{debians_postgres}?{full}")
    assert run("db", "migrate").code == 0
    assert run("class", "create", "3A", "--students", "3").code == 0

    for words in ("sslmode=require", "sslmode=require&channel_binding=require", full, ""):
        monkeypatch.setenv("DATABASE_URL", f"{debians_postgres}?{words}")
        done = run("db", "backup", "a.dump", "--yes")
        assert done.code == 0, (words, done)
        done = run("db", "restore", "a.dump", "--yes", "--json")
        assert done.code == 0, (words, done)
        assert json.loads(done.out)["students"] == 3
