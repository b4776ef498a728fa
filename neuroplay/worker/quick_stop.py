"""Makes workers stop quickly.

Celery's event loop notices a signal when its poll returns, up to a second later. A pool process
waits up to half a minute until its last results are read, by a loop that may already have ended.
Nothing depends on these results: a drain has committed, or its items are due again.
"""

from __future__ import annotations

import contextlib
import signal
import socket
from typing import Any

LAST_RESULTS_TRIES = 5
"""Tenths of a second that a pool process waits for its results to be read."""


def connect_quick_stop() -> None:
    """Shorten both waits in every worker of this process."""
    from celery.signals import worker_init, worker_ready

    worker_init.connect(_wait_less, weak=False)
    worker_ready.connect(_wake_on_signals, weak=False)


def _wait_less(**_: Any) -> None:
    from billiard import pool  # type: ignore[import-untyped, unused-ignore]

    pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = LAST_RESULTS_TRIES


def _wake_on_signals(sender: Any, **_: Any) -> None:
    hub = getattr(sender, "hub", None)
    if hub is None:
        return
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)

    def drain(writer: socket.socket = writer) -> None:  # keeps the writer open
        del writer
        with contextlib.suppress(BlockingIOError):
            reader.recv(4096)

    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    hub.add_reader(reader, drain)
