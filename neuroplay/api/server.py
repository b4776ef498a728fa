"""The API as processes: granian's master and its workers. python -m neuroplay.api.server"""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neuroplay.config import Settings

GATE = "NEUROPLAY_GATE"
"""A file that must exist before the API listens: until then the schema may be an old one."""

BACKLOG, BACKPRESSURE = 4096, 2048
"""For 2,000 tablets at once; granian's defaults made the slowest of them wait 12 s."""

STOP_PATIENCE_S = 5
"""How long requests may take to finish before a worker is killed."""

OPEN_FILES = 65_536

GARBAGE_THRESHOLD = 10_000
"""Python's collector starts after so many new containers, some forty requests; its own 700 has it
start with every third."""

POLL_S = 0.01

SWITCH_INTERVAL_S = 0.02
"""A thread that waits for Python's lock wakes up this often to ask for it; at Python's own 5 ms,
32 of them do little else. Requests give the lock up by themselves at every trip, within 1 ms."""


_built: list[Callable[..., Any]] = []


def application() -> Callable[..., Any]:
    """The WSGI application, as a worker asks for it: built before the fork, so that workers start
    at once and share its memory; it has opened nothing yet."""
    from neuroplay.infra.supervision.child import die_with_parent

    # A worker outlives a killed master otherwise, and keeps the port.
    die_with_parent(signal.SIGTERM)
    spare_the_interpreter()
    return _built[0]


def spare_the_interpreter() -> None:
    """Fewer looks for garbage, and fewer threads that wake up only to ask for Python's lock.

    What is there from the start stays: it is not looked through again and again, and its pages
    stay shared with the process that was forked from.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)


def serve(settings: Settings) -> None:
    """Listen and answer until TERM."""
    from granian.constants import HTTPModes, Interfaces
    from granian.server import Server

    tls = settings.tls_cert is not None
    Server(
        "neuroplay.api.server:application",
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=settings.api_workers,
        blocking_threads=settings.api_threads,
        backlog=BACKLOG,
        backpressure=BACKPRESSURE,
        http=HTTPModes.auto if tls else HTTPModes.http1,
        websockets=False,
        ssl_cert=settings.tls_cert,
        ssl_key=settings.tls_key,
        ssl_protocol_min=_oldest_tls(),
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=STOP_PATIENCE_S,
        log_access=False,  # the application logs requests, without what must not be logged
    ).serve()


def _oldest_tls() -> Any:
    """School tablets are old: TLS 1.2 is taken, too."""
    from granian.constants import SSLProtocols

    return SSLProtocols.tls12


def wait_for_gate(path: str | None) -> None:
    """Return when the file exists; at once where none is named."""
    while path and not Path(path).exists():
        time.sleep(POLL_S)


def allow_many_connections() -> None:
    """Raise the number of open files from what a login shell gives (1024)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def main() -> None:
    from neuroplay.api.app import create_app
    from neuroplay.config import load_settings

    allow_many_connections()
    _built.append(create_app())  # beside the start of the database
    wait_for_gate(os.environ.get(GATE))
    serve(load_settings())


if __name__ == "__main__":
    # As the module that granian imports, not as __main__: there is one `_built`.
    from neuroplay.api import server

    server.main()
