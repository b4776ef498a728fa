"""Drains the inbox when a worker receives no tasks.

Wake-ups and beat's sweeps arrive through the broker. If the broker or beat is down, or all of a
worker's processes are stuck, no tasks arrive. The worker's main process then drains the inbox
itself until one does. If other workers take all tasks of a quiet queue, that finds no items that
have waited, and logs nothing.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.monitoring.monitoring import track_errors
from neuroplay.worker.schedule import SWEEP_EVERY_S

if TYPE_CHECKING:
    from neuroplay.config import Settings
    from neuroplay.worker.tasks import Drained

SILENCE_S = 1.5 * SWEEP_EVERY_S
"""Without a task for this long, a sweep must have been missed."""

LOOK_EVERY_S = 1.0

STOP_PATIENCE_S = 2.0
"""How long a stopping worker waits for the batch in progress."""

log = get_logger(__name__)


class OwnSweep:
    """Calls `drain` while no task has been received for `silence_s` seconds. If it finds items that
    have waited as long, sweeps are missing, which is logged once.

    Forks wait while it drains: a child would inherit locks that are never released in it.
    """

    def __init__(
        self,
        drain: Callable[[], Drained],
        *,
        silence_s: float = SILENCE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._drain = track_errors("worker")(drain)
        self._silence_s, self._clock = silence_s, clock
        self._last_task_at = clock()
        self._reported = False
        self._draining = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="own-sweep")

    def task_received(self, **_: Any) -> None:
        """Handler of Celery's signal of that name."""
        self._last_task_at = self._clock()
        if self._reported:
            self._reported = False
            log.info("receiving tasks again")

    def check(self) -> bool:
        """Drain a batch if no tasks arrive; returns whether more items are due. Never raises."""
        if self._clock() - self._last_task_at < self._silence_s:
            return False
        try:
            with self._draining:
                drained = self._drain()
        except Exception as error:  # noqa: BLE001 - track_errors reported it; the next check retries
            log.warning("inbox not drained", reason=type(error).__name__)
            return False
        if drained.waited_s >= self._silence_s and not self._reported:
            self._reported = True
            log.warning("no tasks received; the worker drains the inbox by itself")
        return drained.left

    def start(self) -> None:
        """Call once per process: the fork hooks cannot be removed."""
        os.register_at_fork(
            before=self._draining.acquire,
            after_in_parent=self._draining.release,
            after_in_child=self._draining.release,
        )
        self._last_task_at = self._clock()
        self._thread.start()

    def stop(self) -> None:
        """Wait for the batch in progress, at most STOP_PATIENCE_S."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(STOP_PATIENCE_S)

    def _run(self) -> None:
        more = False
        while not self._stopped.wait(0 if more else LOOK_EVERY_S):
            more = self.check()


def own_sweep(settings: Settings) -> OwnSweep:
    """The sweep for this process's worker; the caller starts and stops it."""
    from celery.signals import task_received

    from neuroplay.bootstrap import build
    from neuroplay.worker.tasks import drain_for

    container = build(settings)
    sweep = OwnSweep(lambda: drain_for(container, budget_s=0))
    task_received.connect(sweep.task_received, weak=False)
    return sweep
