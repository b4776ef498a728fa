"""Wakes workers from a thread of its own, so that no request waits for Redis."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from neuroplay.infra.plain_structlog import structlog

log = structlog.get_logger(__name__)


class WakeUpThread:
    """A WakeUp. A call sets an event; one thread per process then calls `send`, at most
    `per_second` times a second. If `send` fails, the sweep finds the items.

    The thread starts at the first call, and again in a process that was forked since.
    """

    def __init__(self, send: Callable[[], None], *, per_second: float = 4.0) -> None:
        self._send = send
        self._pause_s = 1 / per_second
        self._asked = threading.Event()
        self._starting = threading.Lock()
        self._pid = 0
        self.failures = 0

    def __call__(self) -> None:
        self._asked.set()
        if self._pid != os.getpid():
            with self._starting:
                if self._pid != os.getpid():
                    threading.Thread(target=self._run, daemon=True, name="wake-up").start()
                    self._pid = os.getpid()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._asked.wait()
            self._asked.clear()
            try:
                self._send()
                self.failures = 0
            except Exception as error:  # noqa: BLE001 - the sweep makes up for any failure
                self.failures += 1
                if self.failures == 1:
                    log.warning("worker not woken", reason=type(error).__name__)
            pause.wait(self._pause_s)
