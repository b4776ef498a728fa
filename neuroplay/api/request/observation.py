"""What is noted of every request: its id, one line in the log, and two metrics.

A route is named by its template, never by its path: neither a line nor a label holds anything that
a client wrote.
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
    """Must be the first to hook into `app`: what follows is then part of the measured time."""
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
    say = log.debug if endpoint.startswith(QUIET_ROUTES) else log.info
    say(
        "request",
        method=method,
        route=endpoint,
        status=status,
        duration_ms=round(seconds * 1000, 2),
        **g.get("noted", {}),
    )
    return response


def note_in_log(**what: object) -> None:
    """Have the request's own log line say more; ids and numbers of ours only."""
    g.noted = what


def _endpoint(status: int) -> str:
    rule = request.url_rule
    if rule is None or (status == 404 and request.blueprint == "pwa"):
        return UNMATCHED
    return rule.rule
