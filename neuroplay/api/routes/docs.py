"""The OpenAPI document, and a page that shows it without content from other servers."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, request, send_file

from neuroplay.api.contract.wire import json_answer

if TYPE_CHECKING:
    from neuroplay.api.contract.document import Api

blueprint = Blueprint("docs", __name__)

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>NeuroPlay API</title>
<script type="module" src="/docs/viewer.js"></script>
</head>
<body>
<rapi-doc spec-url="/openapi.json" load-fonts="false" render-style="read" theme="light"
 primary-color="#2b5cd9" show-header="false" allow-server-selection="false"
 allow-spec-url-load="false" allow-spec-file-load="false" persist-auth="false"></rapi-doc>
<noscript>This page needs JavaScript; the document itself is at /openapi.json.</noscript>
</body>
</html>
"""


@blueprint.get("/openapi.json")
def openapi() -> Response:
    document = cast("Api", current_app._get_current_object()).api_doc  # type: ignore[attr-defined]
    response = json_answer(document)
    response.cache_control.no_cache = True
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/docs")
def docs() -> Response:
    response = Response(PAGE, mimetype="text/html")
    response.cache_control.no_cache = True
    return response


@blueprint.get("/docs/viewer.js")
def viewer() -> Response:
    return send_file(viewer_file(), mimetype="text/javascript", max_age=3600)


def viewer_file() -> Path:
    """RapiDoc, from the package flask-openapi3-rapidoc."""
    spec = find_spec("flask_openapi3_rapidoc")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package flask-openapi3-rapidoc is not installed")
    return Path(spec.origin).parent / "templates" / "rapidoc" / "js" / "rapidoc-min.js"
