"""For Prometheus."""

from __future__ import annotations

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from neuroplay.api.caller import container
from neuroplay.api.document import problems
from neuroplay.core.errors import Refused
from neuroplay.infra.monitoring.access import may_see
from neuroplay.infra.monitoring.monitoring import metrics_endpoint

blueprint = APIBlueprint("metrics", __name__, abp_tags=[Tag(name="Operation")])


@blueprint.get(
    "/metrics",
    summary="All processes of this machine, and the whole system's figures",
    operation_id="readMetrics",
    responses={
        200: {
            "description": "Prometheus's text format, or OpenMetrics by Accept",
            "content": {
                "text/plain": {"schema": {"type": "string"}},
                "application/openmetrics-text": {"schema": {"type": "string"}},
            },
        },
        **problems(401),
    },
)
def metrics() -> Response:
    must_see_figures()
    body, status, headers = metrics_endpoint(request.headers.get("Accept", ""), container().figures)
    return Response(body, status, headers)


def must_see_figures() -> None:
    """Raise Refused (401) where the system has a token and the request does not show it."""
    if not may_see(request.headers.get("Authorization"), container().settings.ops_token):
        raise Refused("Show the operator's token.", code="unauthorized")
