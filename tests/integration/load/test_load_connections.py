"""The load generator's connections, with descriptors of any number."""

from __future__ import annotations

import fcntl
import resource
import socket
from collections.abc import Iterator

import pytest
from geventhttpclient.connectionpool import ConnectionPool

from loadprofiles.reach.keep_alive import is_open, keep_connections

BEYOND_SELECT = 1500


@pytest.fixture(params=[0, BEYOND_SELECT], ids=["low number", "beyond select"])
def line(request: pytest.FixtureRequest) -> Iterator[tuple[socket.socket, socket.socket]]:
    """The ends of the client and of the server."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4 * BEYOND_SELECT, hard), hard))
    first, server = socket.socketpair()
    client = socket.socket(fileno=fcntl.fcntl(first, fcntl.F_DUPFD_CLOEXEC, request.param))
    first.close()
    try:
        with client, server:
            yield client, server
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_an_idle_connection_is_kept(line: tuple[socket.socket, socket.socket]) -> None:
    client, _ = line
    assert is_open(POOL, client)


def test_one_that_the_server_closed_is_not(line: tuple[socket.socket, socket.socket]) -> None:
    client, server = line
    server.close()
    assert not is_open(POOL, client)


def test_one_with_something_that_nobody_asked_for_is_not(
    line: tuple[socket.socket, socket.socket],
) -> None:
    client, server = line
    server.sendall(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
    assert not is_open(POOL, client)


def test_one_that_we_closed_is_not(line: tuple[socket.socket, socket.socket]) -> None:
    client, _ = line
    client.close()
    assert not is_open(POOL, client)
    assert not is_open(POOL, None)


def test_the_client_asks_this(
    monkeypatch: pytest.MonkeyPatch, line: tuple[socket.socket, socket.socket]
) -> None:
    client, _ = line
    monkeypatch.setattr(ConnectionPool, "_is_socket_alive", ConnectionPool._is_socket_alive)
    keep_connections()
    pool = ConnectionPool("127.0.0.1", 1, "127.0.0.1", 1, size=1)
    pool._semaphore.acquire()
    pool.return_socket(client)
    assert pool.get_socket() is client


POOL = ConnectionPool("127.0.0.1", 1, "127.0.0.1", 1)
