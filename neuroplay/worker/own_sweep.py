"""A worker that hears nothing looks by itself.

Wake-ups and beat's sweeps come over the broker. Where that is down, hangs or refuses, where beat is
away, or where all of a worker's processes are stuck, no task comes in; the worker's main process
then drains the inbox on its own until one does. With other workers at the same queue it is quiet,
too, while there is little to do: its look then finds nothing that has waited, and says nothing.
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
"""Without a task for this long, a sweep was missed."""

LOOK_EVERY_S = 1.0

STOP_PATIENCE_S = 2.0
"""How long a worker that stops waits for the batch that is being drained."""

log = get_logger(__name__)


class OwnSweep:
    """Calls `drain` whenever no task came for `silence_s`. Where that finds what has waited for as
    long, no sweep came: that is told once.

    No process is forked while it drains: a child would inherit locks that nobody there opens.
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
        self._heard_at = clock()
        self._alone = False
        self._draining = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="own-sweep")

    def hear(self, **_: Any) -> None:
        """A task came in."""
        self._heard_at = self._clock()
        if self._alone:
            self._alone = False
            log.info("tasks come in again")

    def look(self) -> bool:
        """Drain a batch if it is silent; returns whether more is due at once. Never raises."""
        if self._clock() - self._heard_at < self._silence_s:
            return False
        try:
            with self._draining:
                drained = self._drain()
        except Exception as error:  # noqa: BLE001 - it was reported, and is tried again
            log.warning("inbox not drained", reason=type(error).__name__)
            return False
        if drained.waited_s >= self._silence_s and not self._alone:
            self._alone = True
            log.warning("no task comes in; the worker drains the inbox on its own")
        return drained.left

    def start(self) -> None:
        """Once a process: the hook around forks stays as long as that."""
        os.register_at_fork(
            before=self._draining.acquire,
            after_in_parent=self._draining.release,
            after_in_child=self._draining.release,
        )
        self._heard_at = self._clock()
        self._thread.start()

    def stop(self) -> None:
        """Return when nothing is being drained any more, or after STOP_PATIENCE_S."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(STOP_PATIENCE_S)

    def _run(self) -> None:
        more = False
        while not self._stopped.wait(0 if more else LOOK_EVERY_S):
            more = self.look()


def own_sweep(settings: Settings) -> OwnSweep:
    """The sweep of this process's worker, which has to be started and stopped."""
    from celery.signals import task_received

    from neuroplay.bootstrap import build
    from neuroplay.worker.tasks import drain_for

    container = build(settings)
    sweep = OwnSweep(lambda: drain_for(container, budget_s=0))
    task_received.connect(sweep.hear, weak=False)
    return sweep
