"""Run the API in several processes: python -m neuroplay.api.server"""

from __future__ import annotations

import os
import resource
import signal
import socket
import ssl
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neuroplay.api.contract.document import Api
    from neuroplay.api.door.limits import Limits
    from neuroplay.api.door.record import Record
    from neuroplay.config import Settings

STOP_PATIENCE_S = 5
"""How long requests may take to finish before a process is killed."""

OPEN_FILES = 65_536
"""The wanted limit of open files for each process."""

FILES_KEPT = 256
"""Open files reserved for PostgreSQL, Redis, logs and metrics; the rest is for clients."""

SWITCH_INTERVAL_S = 0.02
"""How often a waiting thread requests Python's global lock. With the default of 5 ms, 32 waiting
threads do little else. Requests release the lock at every database trip anyway, within 1 ms."""


def tune_interpreter() -> None:
    """Reduce garbage collections, and wake-ups of threads that wait for Python's lock."""
    from neuroplay.infra.garbage import collect_rarely

    sys.setswitchinterval(SWITCH_INTERVAL_S)
    collect_rarely()


def serve(app: Api, settings: Settings) -> int:
    """Listen and answer requests until SIGTERM, in this process or, if more than one is wanted, in
    several that it starts. Returns the exit code."""
    from neuroplay.api.door.processes import Processes, listen
    from neuroplay.api.door.record import Record
    from neuroplay.api.request.call import CONTAINER
    from neuroplay.infra.supervision.watch import heartbeat_of

    listener = listen(settings.host, settings.port)
    saturation = app.extensions[CONTAINER].saturation  # made before the fork, so that all share it
    tls = tls_of(settings)

    def work(place: int) -> None:
        tune_interpreter()
        answer(app, settings, listener, tls, Record(saturation), place)

    count = settings.api_workers
    if count == 1:  # the supervisor restarts it, as this process would
        work(0)
        return 0
    # The processes have the heartbeats 0 to count - 1, their master has the next one.
    master = heartbeat_of(count)
    return Processes(count, work, patience_s=STOP_PATIENCE_S, heartbeat=master).run()


def answer(
    app: Api,
    settings: Settings,
    listener: socket.socket,
    tls: ssl.SSLContext | None,
    record: Record,
    place: int,
) -> None:
    """Answer requests in one process, number `place`, until SIGTERM."""
    from neuroplay.api.door.front import Front
    from neuroplay.api.request.caller import read_networks
    from neuroplay.infra.supervision.watch import heartbeat_of

    front = Front(
        app,
        [listener],
        threads=settings.api_threads,
        limits=limits_of(settings),
        record=record,
        heartbeat=heartbeat_of(place),
        tls=tls,
        trusted=read_networks(settings.trusted_proxies),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: front.stop())
    front.run(STOP_PATIENCE_S)


def limits_of(settings: Settings) -> Limits:
    """The limits of one process, with connections for which there are enough open files."""
    from neuroplay.api.door.limits import Limits

    return Limits(
        connections=min(settings.api_connections_held, max(open_files() - FILES_KEPT, 16)),
        held_per_address=settings.api_connections_per_address,
        burst_s=settings.api_wait,
        standing_s=settings.api_wait / 2,
    )


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """The TLS context; None without a certificate. Raises OSError.

    TLS 1.2 is allowed because school tablets are old. HTTP/1.1 only.
    """
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(settings.tls_cert, settings.tls_key)
    return context


def allow_many_connections() -> None:
    """Raise the limit of open files, which is often 1024 in a login shell."""
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
    configure_logging()  # defaults until create_app reads the settings, which may be invalid
    log_crashes("neuroplay.api")
    app = create_app()  # while the database starts
    wait_for_gate(os.environ.get(GATE))
    sys.exit(serve(app, load_settings()))


if __name__ == "__main__":
    main()
