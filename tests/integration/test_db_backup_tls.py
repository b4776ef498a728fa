"""Backups of a database that is reached by TLS alone: the bundled pg_dump and psql have none."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy.engine import make_url

from neuroplay.infra.db.tls_relay import SSL_REQUEST
from tests.certificates import Pair, self_signed
from tests.command_line import run

__all__ = ["run"]


@contextmanager
def only_by_tls(pair: Pair, socket: Path) -> Iterator[int]:
    """A port that speaks TLS before PostgreSQL's `socket`, and nothing without."""
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
            near_in, near_out = await asyncio.open_unix_connection(socket)
            try:
                await asyncio.gather(copy(reader, near_out), copy(near_in, writer))
            finally:
                near_out.close()
        except (OSError, ssl.SSLError):
            pass
        finally:
            writer.transport.abort()

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(front, "127.0.0.1", 0))
    thread = Thread(target=loop.run_forever)
    thread.start()

    async def end() -> None:
        server.close()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await asyncio.sleep(0)

    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


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
    assert run("class", "erase", "3A", "--yes").code == 0
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
