"""The Celery client: the one place that names tasks and says how a broker is spoken to.

The worker registers the tasks under these names; the API only sends them by name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from celery import Celery

    from neuroplay.config import Settings

DRAIN_TASK = "neuroplay.drain_inbox"
VERIFY_TASK = "neuroplay.verify_sessions"
QUEUE = "neuroplay"

LAST = 9
"""Priority of a task that waits while the queue holds any other; the default is the first."""

WAKE_UP_EXPIRES_S = 60.0
"""A wake-up that nobody took in this time is dropped: by then the sweep has run. Machines whose
clocks differ by less than this understand each other."""

SOCKET_TIMEOUT_S = 0.5
"""Of who must not wait: a process that answers requests."""

WORKER_TIMEOUT_S = 5.0
"""Of workers and beat, where nobody waits: a server that accepts and says nothing."""


def broker_options(settings: Settings) -> dict[str, Any]:
    """Celery configuration that sender and worker share."""
    return {
        "broker_url": settings.effective_redis_url,
        "broker_transport": "neuroplay.infra.broker:Transport",
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # A server that takes no writes may take them again.
        "broker_channel_error_retry": True,
        "broker_transport_options": {
            "socket_timeout": WORKER_TIMEOUT_S,
            "socket_connect_timeout": WORKER_TIMEOUT_S,
        },
        "task_ignore_result": True,
        "task_default_queue": QUEUE,
        "task_serializer": "json",
        "accept_content": ["json"],
    }


def make_sender(settings: Settings) -> Callable[[], None]:
    """A function that asks the workers to drain the inbox.

    It raises where the broker does not answer in half a second, and never retries: the sweep
    makes up for a lost wake-up. Celery is imported at the first call, off every start-up path.
    """
    client: Celery | None = None

    def send() -> None:
        nonlocal client
        if client is None:
            from celery import Celery

            client = Celery("neuroplay-sender", set_as_current=False)
            client.conf.update(
                broker_options(settings),
                broker_connection_timeout=SOCKET_TIMEOUT_S,
                broker_connection_max_retries=0,
                broker_transport_options={
                    "socket_timeout": SOCKET_TIMEOUT_S,
                    "socket_connect_timeout": SOCKET_TIMEOUT_S,
                    "max_retries": 0,
                },
            )
        client.send_task(DRAIN_TASK, expires=WAKE_UP_EXPIRES_S, retry=False)

    return send
