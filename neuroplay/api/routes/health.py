"""Health checks: health, readiness and liveness."""

from __future__ import annotations

from flask import Response
from flask_openapi3.models.tag import Tag

from neuroplay.api.contract.document import ApiRoutes
from neuroplay.api.contract.schemas import HealthStatus, Liveness, Readiness
from neuroplay.api.contract.wire import json_answer
from neuroplay.api.request.caller import container
from neuroplay.infra.monitoring.monitoring import get_health_status

blueprint = ApiRoutes("health", __name__, url_prefix="/health", abp_tags=[Tag(name="Operation")])


@blueprint.get(
    "",
    summary="Database, Redis and workers",
    operation_id="readHealth",
    responses={200: HealthStatus, 503: HealthStatus},
)
def health() -> Response:
    document = get_health_status(container().health)
    # Also 200 if saturated: a monitor that restarts it or sends it no more makes it worse.
    return json_answer(document, 503 if document["status"] == "unhealthy" else 200)


@blueprint.get(
    "/ready",
    summary="Whether requests can be served; without Redis, degraded",
    operation_id="readReadiness",
    responses={200: Readiness, 503: Readiness},
)
def ready() -> Response:
    document = container().health.ready()
    return json_answer(document, 503 if document["status"] == "not ready" else 200)


@blueprint.get(
    "/live",
    summary="Whether this process answers",
    operation_id="readLiveness",
    responses={200: Liveness},
)
def live() -> Response:
    return json_answer({"status": "alive"})
