"""Makes workers stop quickly.

Celery's event loop notices a signal when its poll returns, up to a second later. A pool process
waits up to half a minute until its last results are read, by a loop that may already have ended,
and then a second for its farewell to be read; the main process looks for both twice a second.
Nothing depends on them: a drain has committed, or its items are due again.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from typing import Any

LAST_RESULTS_TRIES = 5
"""Tenths of a second that a pool process waits for its results to be read."""


LOOK_EVERY_S = 0.02
"""How often a stopping worker looks whether a pool process has ended."""


def connect_quick_stop() -> None:
    """Shorten these waits in every worker of this process."""
    from celery.signals import worker_init, worker_process_shutdown, worker_ready

    worker_init.connect(_wait_less, weak=False)
    worker_process_shutdown.connect(_end_now, weak=False)
    worker_ready.connect(_wake_on_signals, weak=False)


def _wait_less(**_: Any) -> None:
    from billiard import pool  # type: ignore[import-untyped, unused-ignore]
    from celery.concurrency import asynpool

    pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = LAST_RESULTS_TRIES
    asynpool.sleep = lambda seconds: time.sleep(min(seconds, LOOK_EVERY_S))


def _end_now(exitcode: int, **_: Any) -> None:
    """End a pool process that is done. The main process sees that it has ended."""
    os._exit(exitcode)


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
