"""For Prometheus."""

from __future__ import annotations

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from neuroplay.api.caller import container
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
        }
    },
)
def metrics() -> Response:
    body, status, headers = metrics_endpoint(request.headers.get("Accept", ""), container().figures)
    return Response(body, status, headers)
