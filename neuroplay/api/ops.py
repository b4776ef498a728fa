"""The operator's page: the picture of `neuroplay metrics`, live.

Whoever shows the operator's token may see it; without one, only a browser on this very machine.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import NotFound

from neuroplay.api.caller import container
from neuroplay.api.metrics import must_see_figures
from neuroplay.api.pwa import built_file
from neuroplay.api.wire import json_answer
from neuroplay.infra.monitoring.monitoring import metrics_endpoint
from neuroplay.infra.monitoring.picture import Samples, Window

WINDOW = "neuroplay_ops"
WINDOW_S = 15.0

blueprint = Blueprint("ops", __name__, url_prefix="/ops")


@blueprint.record_once
def _remember_looks(state: object) -> None:
    state.app.extensions[WINDOW] = Window(WINDOW_S)  # type: ignore[attr-defined]


@blueprint.get("")
def page() -> Response:
    """The page holds no figures: a token can be typed into it."""
    if not container().settings.ops_token:
        _must_be_here()
    return built_file("ops.html")


@blueprint.get("/figures")
def figures() -> Response:
    """What the page draws; a JSON document."""
    if container().settings.ops_token:
        must_see_figures()
    else:
        _must_be_here()
    body, _, _ = metrics_endpoint("", container().figures)
    looks: Window = current_app.extensions[WINDOW]
    return json_answer(looks.look(Samples.parse(body.decode())))


def _must_be_here() -> None:
    """Raise NotFound unless the browser runs on this machine and asked for this machine: a proxy's
    requests come from here too, and so do those of a page that had its name point here."""
    here = (
        container().settings.serves_loopback
        and _is_loopback(request.remote_addr or "")
        and not request.headers.get("X-Forwarded-For")
        and not request.headers.get("Forwarded")
        and _is_loopback(urlsplit(f"//{request.host}").hostname or "")
    )
    if not here:
        raise NotFound


def _is_loopback(name: str) -> bool:
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
