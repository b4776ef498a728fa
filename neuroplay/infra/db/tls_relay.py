"""A TLS relay for PostgreSQL clients without TLS.

The embedded pg_dump and psql were built without TLS. If psycopg2's own connection is encrypted,
they connect to this relay through a socket in a private folder. The relay connects to the server
with TLS and verifies certificates as libpq does for the same sslmode.
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
"""Asks the server for TLS; it answers S if it supports TLS."""

PORT = 5432
"""Only part of the socket's name."""

SASL = 10
"""Type of an authentication request that lists SASL mechanisms."""

LARGEST_GREETING = 64 << 10
"""Bytes of a message before authentication."""

ANSWER_TIMEOUT_S = 20.0
CHUNK = 1 << 18


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """The server to connect to; `host` is the name expected in its certificate."""

    host: str
    address: str
    port: int
    context: ssl.SSLContext


def libpq_context(asked: Mapping[str, str]) -> ssl.SSLContext:
    """The TLS context that matches libpq's behaviour for these connection parameters.

    Reads the same files and PG... variables. Raises OSError or ssl.SSLError if a certificate cannot
    be read.
    """
    mode = _asked(asked, "sslmode") or "prefer"
    root = _asked(asked, "sslrootcert")
    if root == "system":
        mode = "verify-full"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    authority = Path(root or _default("root.crt"))
    if root == "system":
        context.load_default_certs()
    elif authority.exists():
        context.load_verify_locations(authority)
        if mode == "require":  # as libpq does if there is a root certificate
            mode = "verify-ca"
    if mode in ("verify-ca", "verify-full"):
        context.check_hostname = mode == "verify-full"
        context.verify_mode = ssl.CERT_REQUIRED
    revoked = Path(_asked(asked, "sslcrl") or _default("root.crl"))
    if context.verify_mode is ssl.CERT_REQUIRED and revoked.exists():
        context.load_verify_locations(revoked)
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN
    own = Path(_asked(asked, "sslcert") or _default("postgresql.crt"))
    if own.exists():
        key = _asked(asked, "sslkey") or _default("postgresql.key")
        context.load_cert_chain(own, key, password=asked.get("sslpassword", ""))
    return context


def _asked(asked: Mapping[str, str], name: str) -> str:
    return asked.get(name) or os.environ.get(f"PG{name.upper()}", "")


def _default(name: str) -> str:
    return str(Path("~/.postgresql").expanduser() / name)


@contextmanager
def relay(server: Server) -> Iterator[Path]:
    """Relay for as long as the block runs; yields the folder of the client's socket."""
    with tempfile.TemporaryDirectory(prefix="neuroplay-tls-") as folder:
        path = Path(folder) / f".s.PGSQL.{PORT}"
        with serving(
            lambda: asyncio.start_unix_server(lambda *client: _relay(server, *client), path)
        ):
            yield Path(folder)


@contextmanager
def serving(start: Callable[[], Coroutine[Any, Any, asyncio.Server]]) -> Iterator[asyncio.Server]:
    """Run the server that `start` creates for as long as the block runs.

    Its event loop has its own thread, since the caller's thread may run another loop.
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
    connections = [task for task in asyncio.all_tasks() if task is not own]
    for task in connections:
        task.cancel()
    await asyncio.gather(*connections, return_exceptions=True)
    await asyncio.sleep(0)  # lets the transports close


async def _relay(
    server: Server, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter
) -> None:
    """Relay one client's connection. An error ends it; the client reports the loss."""
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            server_in, server_out = await _open(server)
    except (OSError, EOFError, TimeoutError):
        client_out.close()
        return
    try:
        await asyncio.gather(_copy(client_in, server_out), _respond(server_in, client_out))
    except (OSError, EOFError, asyncio.CancelledError):
        pass
    finally:
        client_out.close()
        server_out.transport.abort()  # both sides have ended


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


async def _respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy the server's messages to the client.

    Messages up to the authentication request are parsed, to remove channel binding: a client
    without TLS refuses a server that offers it.
    """
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
    """The body of an authentication request, without the SASL mechanisms that need client TLS."""
    if int.from_bytes(body[:4]) != SASL:
        return body
    names = [name for name in body[4:].split(b"\0") if name and not name.endswith(b"-PLUS")]
    return body[:4] + b"".join(name + b"\0" for name in names) + b"\0"


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
    writer.close()
