"""Beat as a thread of a worker, where one machine runs both; a process of its own takes 15 MB."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.monitoring.sentry import report_crash

if TYPE_CHECKING:
    from celery import Celery

log = get_logger(__name__)


def add_beat(app: Celery, scheduler: str) -> None:
    """Have the worker of this process also send the tasks of the schedule."""
    from celery.beat import Service
    from celery.bootsteps import StartStopStep

    class Beat(StartStopStep):  # type: ignore[misc, unused-ignore]
        requires = ("celery.worker.components:Pool",)

        def __init__(self, parent: Any, **options: Any) -> None:
            super().__init__(parent, **options)
            self._service = Service(app, scheduler_cls=scheduler, remote_control=False)

        def start(self, parent: Any) -> None:
            del parent
            threading.Thread(target=_send, args=(self._service,), daemon=True, name="beat").start()

        def stop(self, parent: Any) -> None:
            """Does not wait for the thread, which may sleep for seconds."""
            del parent
            self._service.stop()

        terminate = stop

    app.steps["worker"].add(Beat)


def _send(service: Any) -> None:
    """Send tasks until the service is stopped. An error ends the process, as it ends beat's own, so
    that the supervisor starts it again: without beat a worker does half of its work."""
    try:
        service.start()
    except Exception as error:
        log.exception("beat ended")
        report_crash(error, "beat")
        os._exit(1)
