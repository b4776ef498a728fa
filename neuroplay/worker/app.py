"""Makes the Celery application."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from celery import Celery

    from neuroplay.config import Settings


def make_celery(settings: Settings) -> Celery:
    """A Celery application with NeuroPlay's tasks, its schedule and its signals."""
    from celery import Celery

    from neuroplay.bootstrap import broker_options, build
    from neuroplay.worker.schedule import beat_schedule
    from neuroplay.worker.signals import connect_signals
    from neuroplay.worker.tasks import register_tasks

    app = Celery("neuroplay")
    app.conf.update(
        broker_options(settings),
        # One process that does the tasks itself, or several that are forked from it.
        worker_pool="solo" if settings.task_workers == 1 else "prefork",
        # No prefetching: a worker that stops has no tasks to return, and stops at once.
        worker_prefetch_multiplier=1,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        task_acks_late=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        beat_schedule=beat_schedule(),
        timezone="UTC",
    )
    # One container per process, built at the first task, after the pool has forked.
    container = cache(lambda: build(settings))
    register_tasks(app, container)
    connect_signals(app, settings)
    return app
