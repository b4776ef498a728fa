"""The API as processes. python -m neuroplay.api.server"""

from __future__ import annotations

import gc
import os
import resource
import signal
import socket
import ssl
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neuroplay.api.contract.document import Api
    from neuroplay.config import Settings

STOP_PATIENCE_S = 5
"""How long requests may take to finish before a process is killed."""

OPEN_FILES = 65_536

FILES_KEPT = 256
"""Open files that are no client's: the database's, Redis's, logs, metrics."""

GARBAGE_THRESHOLD = 10_000
"""Python's collector starts after so many new containers, some forty requests; its own 700 has it
start with every third."""

SWITCH_INTERVAL_S = 0.02
"""A thread that waits for Python's lock wakes up this often to ask for it; at Python's own 5 ms,
32 of them do little else. Requests give the lock up by themselves at every trip, within 1 ms."""


def spare_the_interpreter() -> None:
    """Fewer looks for garbage, and fewer threads that wake up only to ask for Python's lock.

    What is there from the start stays: it is not looked through again and again, and its pages
    stay shared with the process that was forked from.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)


def serve(app: Api, settings: Settings) -> int:
    """Listen and answer until TERM; returns the exit code."""
    from neuroplay.api.door.processes import Processes, listen

    listener = listen(settings.host, settings.port)
    tls = tls_of(settings)

    def work(place: int) -> None:
        spare_the_interpreter()
        answer(app, settings, listener, tls, place)

    return Processes(settings.api_workers, work, patience_s=STOP_PATIENCE_S).run()


def answer(
    app: Api,
    settings: Settings,
    listener: socket.socket,
    tls: ssl.SSLContext | None,
    place: int,
) -> None:
    """One process's work."""
    from neuroplay.api.door.front import Front
    from neuroplay.api.door.limits import Limits
    from neuroplay.api.door.record import Record
    from neuroplay.api.request.caller import read_networks
    from neuroplay.infra.supervision.watch import heartbeat_of

    front = Front(
        app,
        [listener],
        threads=settings.api_threads,
        limits=Limits(
            connections=min(settings.api_connections_held, max(open_files() - FILES_KEPT, 16)),
            held_per_address=settings.api_connections_per_address,
        ),
        record=Record(),
        heartbeat=heartbeat_of(place),
        tls=tls,
        trusted=read_networks(settings.trusted_proxies),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: front.stop())
    front.run(STOP_PATIENCE_S)


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """TLS 1.2 and later (school tablets are old), HTTP/1.1 only. Raises OSError."""
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(settings.tls_cert, settings.tls_key)
    return context


def allow_many_connections() -> None:
    """Raise the number of open files from what a login shell gives (1024)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def open_files() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return OPEN_FILES if soft == resource.RLIM_INFINITY else soft


def main() -> None:
    from neuroplay.api.app import create_app
    from neuroplay.config import load_settings
    from neuroplay.infra.monitoring.logging import configure_logging, log_crashes
    from neuroplay.infra.supervision.gate import GATE, wait_for_gate

    allow_many_connections()
    configure_logging()  # until the application does: a setting may be wrong
    log_crashes("neuroplay.api")
    app = create_app()  # beside the start of the database
    wait_for_gate(os.environ.get(GATE))
    sys.exit(serve(app, load_settings()))


if __name__ == "__main__":
    main()
