"""Names of the Celery tasks, and the broker's options.

The worker registers tasks under these names; the API sends them by name only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from celery import Celery

    from neuroplay.config import Settings

DRAIN_TASK = "neuroplay.drain_inbox"
VERIFY_TASK = "neuroplay.verify_sessions"
RETAIN_TASK = "neuroplay.retain"
QUEUE = "neuroplay"

LAST = 9
"""The lowest priority: such a task waits while the queue has any other."""

WAKE_UP_EXPIRES_S = 60.0
"""A wake-up that no worker took in this time is dropped: the sweep has run by then. Clocks of
different machines may differ by less than this."""

SOCKET_TIMEOUT_S = 0.5
"""In a process that serves requests, which must not wait."""

WORKER_TIMEOUT_S = 5.0
"""In workers and beat. Ends the wait for a server that accepts connections and never responds."""


def broker_options(settings: Settings) -> dict[str, Any]:
    """Celery configuration that sender and worker share."""
    return {
        "broker_url": settings.effective_redis_url,
        "broker_transport": "neuroplay.infra.broker:Transport",
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # A server that refuses writes may accept them later.
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

    It raises if the broker does not respond within SOCKET_TIMEOUT_S, and never retries: the sweep
    makes up for a lost wake-up. Celery is imported at the first call, to keep start-up fast.
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
