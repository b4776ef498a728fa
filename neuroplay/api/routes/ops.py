"""The operations page: the summary of `neuroplay metrics`, live.

The page itself contains no figures, and asks for the operator's token to load them. If
NEUROPLAY_OPS_TOKEN is not set, it exists only for a browser on this machine.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app
from werkzeug.exceptions import NotFound

from neuroplay.api.contract.wire import json_answer
from neuroplay.api.page.pwa import built_file
from neuroplay.api.request.caller import container
from neuroplay.api.routes.metrics import has_operators_token, is_local, require_operator
from neuroplay.infra.monitoring.monitoring import metrics_endpoint
from neuroplay.metrics_summary import Samples, Window

WINDOW = "neuroplay_ops"
WINDOW_S = 15.0

blueprint = Blueprint("ops", __name__, url_prefix="/ops")


@blueprint.record_once
def _add_window(state: object) -> None:
    state.app.extensions[WINDOW] = Window(WINDOW_S)  # type: ignore[attr-defined]


@blueprint.get("")
def page() -> Response:
    if not container().settings.ops_token and not is_local():
        raise NotFound
    return built_file("ops.html")


@blueprint.get("/figures")
def figures() -> Response:
    """The figures for the page, as JSON."""
    if container().settings.ops_token:
        require_operator()
    elif not has_operators_token():
        raise NotFound  # do not reveal that the page exists
    body, _, _ = metrics_endpoint("", container().figures)
    window: Window = current_app.extensions[WINDOW]
    return json_answer(window.add(Samples.parse(body.decode())))
