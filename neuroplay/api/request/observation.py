"""Record every request: its id, one log line and two metrics.

Routes are recorded by their template, never by the path: log lines and labels must not contain
anything that a client wrote.
"""

from __future__ import annotations

import time

from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from neuroplay.api.request.request_id import HEADER, request_id_from
from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.monitoring.metrics import (
    API_REQUESTS_TOTAL,
    API_RESPONSE_TIME,
    UNMATCHED,
    known_method,
)

QUIET_ROUTES = ("/health", "/metrics", "/ops/figures")

log = get_logger(__name__)


def observe_requests(app: Flask) -> None:
    """Register the hooks. Call it before other hooks are registered, so that their time is
    measured too."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.started = time.perf_counter()
    g.request_id = request_id_from(request.headers.get(HEADER))
    clear_contextvars()
    bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    seconds = time.perf_counter() - g.started
    status = response.status_code
    endpoint = _endpoint(status)
    method = known_method(request.method)
    API_REQUESTS_TOTAL.labels(method, endpoint, status).inc()
    API_RESPONSE_TIME.labels(endpoint).observe(seconds)
    response.headers[HEADER] = g.request_id
    write = log.debug if endpoint.startswith(QUIET_ROUTES) else log.info
    write(
        "request",
        method=method,
        route=endpoint,
        status=status,
        duration_ms=round(seconds * 1000, 2),
        **g.get("log_fields", {}),
    )
    return response


def add_to_log(**fields: object) -> None:
    """Set further fields of the request's log line. Only our own ids and numbers are allowed."""
    g.log_fields = fields


def _endpoint(status: int) -> str:
    rule = request.url_rule
    if rule is None or (status == 404 and request.blueprint == "pwa"):
        return UNMATCHED
    return rule.rule
