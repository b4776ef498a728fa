"""Record every request: its id, one log line and two metrics.

Routes are recorded by their template, never by the path: log lines and labels must not contain
anything that a client wrote.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from structlog.contextvars import bind_contextvars

from neuroplay.api.request.call import Call, begin, current
from neuroplay.api.request.request_id import HEADER
from neuroplay.infra.monitoring.logging import get_logger
from neuroplay.infra.monitoring.metrics import (
    API_REQUESTS_TOTAL,
    API_RESPONSE_TIME,
    UNMATCHED,
    known_method,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

QUIET_ROUTES = ("/health", "/metrics", "/ops/figures")

MOST_SERIES = 2048
"""Series whose objects are cached; there are fewer."""

log = get_logger(__name__)


def observe_requests(app: Flask) -> None:
    """Register the hooks for requests that Flask dispatches. Call it before other hooks are
    registered, so that their time is measured too."""

    def before() -> None:
        observed(app, request.environ)

    def after(response: Response) -> Response:
        call = current()
        ended(call, _endpoint(response.status_code), response.status_code)
        response.headers[HEADER] = call.request_id
        return response

    app.before_request(before)
    app.after_request(after)


def observed(app: Flask, environ: WSGIEnvironment) -> Call:
    """Begin to answer a request, which `ended` records."""
    call = begin(app, environ)
    bind_contextvars(request_id=call.request_id)
    return call


def ended(call: Call, endpoint: str, status: int) -> None:
    """Record the request `call`, which was answered with `status`. `endpoint` is its route."""
    seconds = time.perf_counter() - call.began
    method = known_method(call.method)
    count, observe = _series(method, endpoint, status)
    count()
    observe(seconds)
    write = log.debug if endpoint.startswith(QUIET_ROUTES) else log.info
    write(
        "request",
        method=method,
        route=endpoint,
        status=status,
        duration_ms=round(seconds * 1000, 2),
        **call.log_fields,
    )


def add_to_log(**fields: object) -> None:
    """Set further fields of the request's log line. Only our own ids and numbers are allowed."""
    current().log_fields = fields


@lru_cache(MOST_SERIES)
def _series(
    method: str, endpoint: str, status: int
) -> tuple[Callable[[], None], Callable[[float], None]]:
    """How a request is counted, and its time observed."""
    return (
        API_REQUESTS_TOTAL.labels(method, endpoint, status).inc,
        API_RESPONSE_TIME.labels(endpoint).observe,
    )


def _endpoint(status: int) -> str:
    rule = request.url_rule
    if rule is None or (status == 404 and request.blueprint == "pwa"):
        return UNMATCHED
    return rule.rule
