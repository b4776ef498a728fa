"""Metrics for Prometheus, and who may see them."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, request
from flask_openapi3.models.tag import Tag

from neuroplay.access import may_see, operators_token
from neuroplay.addresses import is_loopback_host
from neuroplay.api.contract.document import ApiRoutes, problems
from neuroplay.api.request.caller import container
from neuroplay.core.errors import Refused
from neuroplay.infra.monitoring.monitoring import metrics_endpoint

PROXY_HEADERS = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")

blueprint = ApiRoutes("metrics", __name__, abp_tags=[Tag(name="Operation")])


@blueprint.get(
    "/metrics",
    summary="Figures of all processes on this machine and of the whole system",
    operation_id="readMetrics",
    responses={
        200: {
            "description": "The Prometheus text format, or OpenMetrics according to Accept",
            "content": {
                "text/plain": {"schema": {"type": "string"}},
                "application/openmetrics-text": {"schema": {"type": "string"}},
            },
        },
        **problems(401),
    },
)
def metrics() -> Response:
    require_operator()
    body, status, headers = metrics_endpoint(request.headers.get("Accept", ""), container().figures)
    return Response(body, status, headers)


def require_operator() -> None:
    """Raise Refused (401) unless the request has the operator's token.

    If no token exists, because the API was not started by `serve`, it must come from this machine.
    """
    if not has_operators_token():
        raise Refused("Send the operations token.", code="unauthorized")


def has_operators_token() -> bool:
    settings = container().settings
    try:
        token = operators_token(settings)
    except OSError:
        return False
    if not token:
        return is_local()
    return may_see(request.headers.get("Authorization"), token)


def is_local() -> bool:
    """Whether the request seems to come from this machine and to be addressed to it.

    The headers exclude requests through a local proxy, and the host name those of a page whose
    domain resolves to this machine (DNS rebinding).
    """
    return (
        not container().settings.faces_public
        and is_loopback_host(request.remote_addr or "")
        and not any(request.headers.get(name) for name in PROXY_HEADERS)
        and is_loopback_host(urlsplit(f"//{request.host}").hostname or "")
    )
