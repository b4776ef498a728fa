"""TLS for clients of PostgreSQL that have none.

The embedded pg_dump and psql were built without TLS. Where psycopg2's own connection is
encrypted, theirs goes through a socket in a private folder to this relay, which speaks TLS to the
server and believes what libpq would believe under the same sslmode.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
"""A client's question whether the server speaks TLS; S means that it does."""

PORT = 5432
"""It names the socket only."""

SASL = 10
"""Of an authentication request: names of mechanisms follow."""

LARGEST_GREETING = 64 << 10

ANSWER_TIMEOUT_S = 20.0
CHUNK = 1 << 18


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """Where the encrypted server is; `host` is the name that its certificate should have."""

    host: str
    address: str
    port: int
    context: ssl.SSLContext


def libpq_context(asked: Mapping[str, str]) -> ssl.SSLContext:
    """What libpq believes and shows with these parameters of a connection.

    Raises OSError, ssl.SSLError where a certificate cannot be read.
    """
    mode = _asked(asked, "sslmode") or "prefer"
    root = _asked(asked, "sslrootcert")
    if root == "system":
        mode = "verify-full"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    authority = Path(root or _usual("root.crt"))
    if root == "system":
        context.load_default_certs()
    elif authority.exists():
        context.load_verify_locations(authority)
        if mode == "require":  # as libpq: a root certificate is there to be looked at
            mode = "verify-ca"
    if mode in ("verify-ca", "verify-full"):
        context.check_hostname = mode == "verify-full"
        context.verify_mode = ssl.CERT_REQUIRED
    revoked = Path(_asked(asked, "sslcrl") or _usual("root.crl"))
    if context.verify_mode is ssl.CERT_REQUIRED and revoked.exists():
        context.load_verify_locations(revoked)
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN
    own = Path(_asked(asked, "sslcert") or _usual("postgresql.crt"))
    if own.exists():
        key = _asked(asked, "sslkey") or _usual("postgresql.key")
        context.load_cert_chain(own, key, password=asked.get("sslpassword", ""))
    return context


def _asked(asked: Mapping[str, str], name: str) -> str:
    return asked.get(name) or os.environ.get(f"PG{name.upper()}", "")


def _usual(name: str) -> str:
    return str(Path("~/.postgresql").expanduser() / name)


@contextmanager
def relay(server: Server) -> Iterator[Path]:
    """The folder of a socket that is the server's, without TLS, for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix="neuroplay-tls-") as folder:
        place = Path(folder) / f".s.PGSQL.{PORT}"
        with serving(lambda: asyncio.start_unix_server(lambda *near: _pass(server, *near), place)):
            yield Path(folder)


@contextmanager
def serving(start: Callable[[], Coroutine[Any, Any, asyncio.Server]]) -> Iterator[asyncio.Server]:
    """The server that `start` starts, for as long as the block runs.

    Its loop runs in a thread of its own from the first, for the caller's thread may run another.
    """
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        listening = asyncio.run_coroutine_threadsafe(start(), loop).result(ANSWER_TIMEOUT_S)
        try:
            yield listening
        finally:
            asyncio.run_coroutine_threadsafe(_end(listening), loop).result(ANSWER_TIMEOUT_S)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(ANSWER_TIMEOUT_S)
        loop.close()


async def _end(listening: asyncio.Server) -> None:
    listening.close()
    own = asyncio.current_task()
    passing = [task for task in asyncio.all_tasks() if task is not own]
    for task in passing:
        task.cancel()
    await asyncio.gather(*passing, return_exceptions=True)
    await asyncio.sleep(0)  # for the transports to close


async def _pass(
    server: Server, near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter
) -> None:
    """One client's connection. What fails ends it, and the client says so."""
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            far_in, far_out = await _open(server)
    except (OSError, EOFError, TimeoutError):
        near_out.close()
        return
    try:
        await asyncio.gather(_copy(near_in, far_out), _answer(far_in, near_out))
    except (OSError, EOFError, asyncio.CancelledError):
        pass
    finally:
        near_out.close()
        far_out.transport.abort()  # neither end has anything more to say


async def _open(server: Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(server.address, server.port)
    try:
        writer.write(SSL_REQUEST)
        await writer.drain()
        if await reader.readexactly(1) != b"S":
            raise ConnectionError("the server does not support TLS")
        await writer.start_tls(server.context, server_hostname=server.host)
    except BaseException:
        writer.close()
        raise
    return reader, writer


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What the server says. Up to its wish to be shown a password it is read, for the client would
    refuse a server that offers to bind that to TLS where it sees none."""
    kind = b""
    while kind not in (b"R", b"E"):
        head = await reader.readexactly(5)
        kind, size = head[:1], int.from_bytes(head[1:])
        if not 4 <= size <= LARGEST_GREETING:
            raise ConnectionError("the server speaks another protocol")
        body = await reader.readexactly(size - 4)
        if kind == b"R":
            body = without_channel_binding(body)
        writer.write(kind + (len(body) + 4).to_bytes(4) + body)
    await _copy(reader, writer)


def without_channel_binding(body: bytes) -> bytes:
    """The body of an authentication request, without the ways that need TLS at the client."""
    if int.from_bytes(body[:4]) != SASL:
        return body
    ways = [way for way in body[4:].split(b"\0") if way and not way.endswith(b"-PLUS")]
    return body[:4] + b"".join(way + b"\0" for way in ways) + b"\0"


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
    writer.close()
