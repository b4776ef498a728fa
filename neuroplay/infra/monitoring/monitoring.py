"""The public interface of monitoring, for the rest of the system and for scripts.

`get_health_status()` and `metrics_endpoint()` report on the system that was passed to `watch`,
unless they are given another one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from neuroplay.infra.monitoring.metrics import (
    ACHIEVEMENTS_UNLOCKED_TOTAL,
    API_REQUESTS_TOTAL,
    API_RESPONSE_TIME,
    CACHE_READS_TOTAL,
    ERRORS_TOTAL,
    GAME_PROCESSING_TIME,
    GAME_SYNCS_TOTAL,
    REDIS_OPERATION_TIME,
    SIGN_INS_TOTAL,
)
from neuroplay.infra.monitoring.sentry import init_sentry
from neuroplay.infra.monitoring.tracking import count_calls, report_error, track_errors, track_time

if TYPE_CHECKING:
    from prometheus_client.registry import Collector

    from neuroplay.infra.monitoring.health import Document

__all__ = [
    "ACHIEVEMENTS_UNLOCKED_TOTAL",
    "API_REQUESTS_TOTAL",
    "API_RESPONSE_TIME",
    "CACHE_READS_TOTAL",
    "ERRORS_TOTAL",
    "GAME_PROCESSING_TIME",
    "GAME_SYNCS_TOTAL",
    "REDIS_OPERATION_TIME",
    "SIGN_INS_TOTAL",
    "count_calls",
    "get_health_status",
    "init_sentry",
    "metrics_endpoint",
    "report_error",
    "track_errors",
    "track_time",
    "watch",
]

HealthSource = Callable[[], "Document"]

_health: HealthSource | None = None
_figures: Collector | None = None


def watch(*, health: HealthSource | None, figures: Collector | None) -> None:
    """Set the system that this process reports on."""
    global _health, _figures
    _health, _figures = health, figures


def get_health_status(health: HealthSource | None = None) -> Document:
    """{"status": "healthy" | "saturated" | "unhealthy", "checks": {"database": "ok", "redis": "ok",
    "celery": "ok (3 workers)", ...}}. Never raises, and never takes longer than the checks'
    timeout."""
    ask = health or _health
    if ask is None:
        return {"status": "unhealthy", "checks": {}}
    return ask()


def metrics_endpoint(
    accept: str = "", figures: Collector | None = None
) -> tuple[bytes, int, Mapping[str, str]]:
    """Body, status and headers of a scrape, as a Flask view may return them. `accept` is the
    request's Accept header: OpenMetrics if it requests that, else Prometheus's text format."""
    from neuroplay.infra.monitoring.backlog import CacheHitRate
    from neuroplay.infra.monitoring.exposition import Counted, exposition

    source = figures or _figures
    body, content_type = exposition(
        accept, [CacheHitRate(Counted()), *([source] if source else [])]
    )
    return body, 200, {"Content-Type": content_type}
