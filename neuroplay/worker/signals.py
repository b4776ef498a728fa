"""What a worker does beside its tasks: logs in our form, a heartbeat that health can count, and a
look at the inbox when nobody sends it there."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from neuroplay.infra.monitoring.logging import configure_logging, get_logger
from neuroplay.infra.monitoring.sentry import init_sentry
from neuroplay.worker.own_sweep import connect_own_sweep
from neuroplay.worker.quick_stop import connect_quick_stop

if TYPE_CHECKING:
    from neuroplay.config import Settings

HEARTBEAT_EVERY_S = 5.0

LAST_BEAT_S = 1.5
"""How long a worker that stops waits to say so."""


def connect_signals(settings: Settings) -> None:
    """Attach logging, error reports and the heartbeat to this process's worker or beat."""
    from celery.signals import beat_init, setup_logging, worker_init, worker_ready, worker_shutdown

    stopped = threading.Event()
    beating: list[threading.Thread] = []

    def configure(**_: Any) -> None:
        configure_logging(settings.log_level)

    def report_errors(**_: Any) -> None:
        init_sentry()

    def open_worker_port(**_: Any) -> None:
        _open_port(settings, settings.worker_metrics_port)

    def open_beat_port(**_: Any) -> None:
        _open_port(settings, settings.beat_metrics_port)

    def start_heartbeat(sender: Any, **_: Any) -> None:
        processes = int(getattr(sender.pool, "num_processes", 1) or 1)
        thread = threading.Thread(
            target=_beat_until, args=(stopped, settings, processes), daemon=True, name="heartbeat"
        )
        thread.start()
        beating.append(thread)

    def stop_heartbeat(**_: Any) -> None:
        stopped.set()
        for thread in beating:
            thread.join(LAST_BEAT_S)

    setup_logging.connect(configure, weak=False)
    worker_init.connect(report_errors, weak=False)
    beat_init.connect(report_errors, weak=False)
    beat_init.connect(open_beat_port, weak=False)
    worker_ready.connect(open_worker_port, weak=False)
    worker_ready.connect(start_heartbeat, weak=False)
    worker_shutdown.connect(stop_heartbeat, weak=False)
    connect_own_sweep(settings)
    connect_quick_stop()


def _open_port(settings: Settings, port: int | None) -> None:
    if port is not None:
        from neuroplay.bootstrap import build
        from neuroplay.infra.monitoring.metrics_port import serve_metrics

        figures = build(settings).figures
        serve_metrics(settings.host, port, token=settings.ops_token, figures=figures)


def _beat_until(stopped: threading.Event, settings: Settings, processes: int) -> None:
    from neuroplay.bootstrap import build

    log = get_logger(__name__)
    name = f"{socket.gethostname()}:{os.getpid()}"
    container = build(settings)
    failing = False
    while True:
        try:
            container.worker_heartbeat(name, processes)
            failing = False
        except Exception as error:  # noqa: BLE001 - a dead Redis must not end the heartbeat
            if not failing:
                log.warning("heartbeat not written", reason=type(error).__name__)
            failing = True
        if stopped.wait(HEARTBEAT_EVERY_S):
            break
    with suppress(Exception):
        container.worker_heartbeat(name, 0)
    container.close()
