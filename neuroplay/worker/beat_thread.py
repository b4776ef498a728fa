"""Beat as a thread of a worker, where one machine runs both; a process of its own takes 15 MB."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.monitoring.sentry import report_crash

if TYPE_CHECKING:
    from celery import Celery

log = get_logger(__name__)

AGAIN_S = 5.0
"""After an error of beat."""


def add_beat(app: Celery, scheduler: str) -> None:
    """Have the worker of this process also send the tasks of the schedule."""
    from celery.beat import Service
    from celery.bootsteps import StartStopStep

    class Beat(StartStopStep):  # type: ignore[misc, unused-ignore]
        requires = ("celery.worker.components:Pool",)

        def __init__(self, parent: Any, **options: Any) -> None:
            super().__init__(parent, **options)
            self._stopped = threading.Event()
            self._service: Service | None = None

        def start(self, parent: Any) -> None:
            del parent
            threading.Thread(target=self._send, daemon=True, name="beat").start()

        def stop(self, parent: Any) -> None:
            """Does not wait for the thread, which may sleep for seconds."""
            del parent
            self._stopped.set()
            if self._service is not None:
                self._service.stop()

        terminate = stop

        def _send(self) -> None:
            """Send tasks until the worker stops. After an error, such as Redis being away for an
            hour, it begins again: without beat a worker does half of its work."""
            while not self._stopped.is_set():
                self._service = Service(app, scheduler_cls=scheduler, remote_control=False)
                try:
                    self._service.start()
                except Exception as error:
                    log.exception("beat ended", again_in_s=AGAIN_S)
                    report_crash(error, "beat")
                self._stopped.wait(AGAIN_S)

    app.steps["worker"].add(Beat)
