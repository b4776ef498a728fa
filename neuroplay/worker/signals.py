"""What a worker does besides its tasks: logging, error reports, a heartbeat, metrics, and its own
sweep of the inbox. None of it waits for the broker."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from neuroplay.infra.garbage import collect_rarely
from neuroplay.infra.monitoring.logging import configure_logging, get_logger
from neuroplay.infra.monitoring.sentry import init_sentry
from neuroplay.infra.supervision.gate import GATE, wait_for_gate
from neuroplay.worker.own_sweep import own_sweep
from neuroplay.worker.quick_stop import connect_quick_stop

if TYPE_CHECKING:
    from celery import Celery

    from neuroplay.config import Settings

HEARTBEAT_EVERY_S = 5.0

LAST_BEAT_S = 1.5
"""How long a stopping worker waits for its last heartbeat, which removes it."""


def connect_signals(app: Celery, settings: Settings) -> None:
    """Connect these to the worker or beat of this process."""
    from celery.bootsteps import StartStopStep
    from celery.signals import beat_init, setup_logging, worker_init, worker_process_init

    def configure(**_: Any) -> None:
        configure_logging(settings.log_level)

    def report_errors(**_: Any) -> None:
        init_sentry()

    def wait(**_: Any) -> None:
        wait_for_gate(os.environ.get(GATE))

    def open_beat_port(**_: Any) -> None:
        _open_port(settings, settings.beat_metrics_port)

    class BesideTasks(StartStopStep):  # type: ignore[misc, unused-ignore]
        """Starts after the pool's processes, and before the connection to the broker."""

        requires = ("celery.worker.components:Pool",)

        def __init__(self, parent: Any, **options: Any) -> None:
            super().__init__(parent, **options)
            self._sweep = own_sweep(settings)
            self._stopped = threading.Event()
            self._beating: threading.Thread | None = None

        def start(self, parent: Any) -> None:
            self._sweep.start()
            _open_port(settings, settings.worker_metrics_port)
            processes = int(getattr(parent.pool, "num_processes", 1) or 1)
            self._beating = threading.Thread(
                target=_beat_until,
                args=(self._stopped, settings, processes),
                daemon=True,
                name="heartbeat",
            )
            self._beating.start()

        def stop(self, parent: Any) -> None:
            del parent
            self._stopped.set()
            self._sweep.stop()
            if self._beating is not None:
                self._beating.join(LAST_BEAT_S)

        terminate = stop

    def tune(**_: Any) -> None:
        collect_rarely()

    setup_logging.connect(configure, weak=False)
    worker_process_init.connect(tune, weak=False)
    worker_init.connect(wait, weak=False)
    worker_init.connect(report_errors, weak=False)
    beat_init.connect(wait, weak=False)
    beat_init.connect(report_errors, weak=False)
    beat_init.connect(open_beat_port, weak=False)
    app.steps["worker"].add(BesideTasks)
    connect_quick_stop()


def _open_port(settings: Settings, port: int | None) -> None:
    if port is not None:
        from neuroplay.access import operators_token
        from neuroplay.bootstrap import build
        from neuroplay.infra.monitoring.metrics_port import serve_metrics

        figures = build(settings).figures
        serve_metrics(settings.host, port, token=operators_token(settings), figures=figures)


def _beat_until(stopped: threading.Event, settings: Settings, processes: int) -> None:
    from neuroplay.bootstrap import build

    log = get_logger(__name__)
    pid = os.getpid()
    container = build(settings)
    failing = False
    while True:
        try:
            container.heartbeat.beat(pid, processes)
            failing = False
        except Exception as error:  # noqa: BLE001 - the heartbeat must survive an outage of Redis
            if not failing:
                log.warning("heartbeat not written", reason=type(error).__name__)
            failing = True
        if stopped.wait(HEARTBEAT_EVERY_S):
            break
    with suppress(Exception):
        container.heartbeat.beat(pid, 0)
    container.close()
