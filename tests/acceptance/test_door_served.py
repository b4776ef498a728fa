"""A served API under many connections, and one that hangs."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.acceptance.installation import Installation, wait_until
from tests.certificates import self_signed

pytestmark = pytest.mark.slow

SILENT = 2_048
HONEST_S = 10.0
"""Less than a slow body may take, more than a busy machine needs."""


@pytest.fixture(scope="module", params=["http", "https"])
def served(request, tmp_path_factory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("door")
    folder.chmod(0o755)
    words: tuple[str, ...] = ("--api-workers", "2", "--no-demo")
    if request.param == "https":
        pair = self_signed(folder, "127.0.0.1")
        words += ("--tls-cert", str(pair.cert), "--tls-key", str(pair.key))
    system = Installation(home=folder / "home", settings={"NEUROPLAY_API_THREADS": "8"})
    assert system.run("serve", "--detach", *words).code == 0
    system.secure = request.param == "https"  # type: ignore[attr-defined]
    yield system
    system.run("stop")


def connected(system: Installation) -> socket.socket:
    return socket.create_connection(("127.0.0.1", system.port), 10)


def live(system: Installation) -> float:
    """How long GET /health/live takes, its connection included."""
    begun = time.monotonic()
    connection = connected(system)
    if system.secure:  # type: ignore[attr-defined]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = context.wrap_socket(connection)
    with connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        answer = b""
        while part := connection.recv(4096):
            answer += part
    assert answer.startswith(b"HTTP/1.1 200 "), answer
    return time.monotonic() - begun


def test_silent_connections_and_slow_bodies_stand_in_nobodys_way(served):
    start = b"POST /api/v1/sign-in HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    slow = start + b"Content-Length: 1000\r\n\r\n{"
    silent = [connected(served) for _ in range(SILENT)]
    try:
        for one in silent[:200]:
            one.sendall(slow)
        assert live(served) < HONEST_S
        assert live(served) < HONEST_S
    finally:
        for one in silent:
            one.close()


OVER_HTTP = pytest.mark.parametrize("served", ["http"], indirect=True)
"""A heartbeat is the same whatever its process speaks to tablets."""


def api_processes(system: Installation) -> tuple[psutil.Process, list[psutil.Process]]:
    """The master, and its two processes."""
    master = psutil.Process(system.status()["api"]["pid"])
    wait_until(lambda: len(master.children()) == 2, "the API has two processes")
    return master, master.children()


@OVER_HTTP
def test_one_process_that_stands_still_is_replaced_and_status_tells_it(served):
    master, (first, second) = api_processes(served)
    os.kill(first.pid, signal.SIGSTOP)
    wait_until(lambda: served.status()["api"]["state"] == "DEAF", "status sees it")
    assert served.run("status").code == 1
    wait_until(lambda: not first.is_running(), "it is ended")
    wait_until(lambda: len(master.children()) == 2, "another one has its place")
    wait_until(lambda: served.status()["api"]["state"] == "RUNNING", "all is well")
    told = re.search(r"did not answer for (\d+) s", served.status()["api"]["reason"])
    assert told is not None
    assert int(told[1]) >= 15
    assert second.is_running()
    assert live(served) < HONEST_S


@OVER_HTTP
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "master"])
def test_an_api_that_stands_still_is_started_again(served, whole):
    master, children = api_processes(served)
    for one in (master, *(children if whole else ())):
        os.kill(one.pid, signal.SIGSTOP)
    wait_until(lambda: not master.is_running(), "it is ended")
    wait_until(lambda: served.status()["api"]["pid"] not in (None, master.pid), "it is another one")
    wait_until(lambda: served.status()["api"]["state"] == "RUNNING", "all is well")
    api_processes(served)
    assert live(served) < HONEST_S
