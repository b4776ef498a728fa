"""The operator's page: the summary of `neuroplay metrics`, live.

Whoever shows the operator's token may see it. The page holds no figures: a token can be typed
into it. Where NEUROPLAY_OPS_TOKEN is not set it is there for a browser on this very machine.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app
from werkzeug.exceptions import NotFound

from neuroplay.api.contract.wire import json_answer
from neuroplay.api.page.pwa import built_file
from neuroplay.api.request.caller import container
from neuroplay.api.routes.metrics import is_here, must_see_figures, shows_token
from neuroplay.infra.monitoring.monitoring import metrics_endpoint
from neuroplay.metrics_summary import Samples, Window

WINDOW = "neuroplay_ops"
WINDOW_S = 15.0

blueprint = Blueprint("ops", __name__, url_prefix="/ops")


@blueprint.record_once
def _remember_looks(state: object) -> None:
    state.app.extensions[WINDOW] = Window(WINDOW_S)  # type: ignore[attr-defined]


@blueprint.get("")
def page() -> Response:
    if not container().settings.ops_token and not is_here():
        raise NotFound
    return built_file("ops.html")


@blueprint.get("/figures")
def figures() -> Response:
    """What the page draws; a JSON document."""
    if container().settings.ops_token:
        must_see_figures()
    elif not shows_token():
        raise NotFound  # a stranger need not know that there is anything
    body, _, _ = metrics_endpoint("", container().figures)
    window: Window = current_app.extensions[WINDOW]
    return json_answer(window.add(Samples.parse(body.decode())))
