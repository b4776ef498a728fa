"""Serve the files of the built PWA, and its start page at all addresses of the app."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.exceptions import NotFound
from werkzeug.routing import PathConverter

from neuroplay.api.page.built_files import Files

FILES = "neuroplay_pwa"
BUILT = Path(__file__).parents[1] / "pwa_dist"
START_PAGE = "index.html"
A_YEAR_S = 365 * 24 * 60 * 60

NOT_BUILT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>NeuroPlay</title></head>
<body>
<h1>The app has not been built yet</h1>
<p>The server runs, but the folder with the app is missing. In the folder of the source, run:</p>
<pre>make build</pre>
<p>Then load this page again.</p>
</body>
</html>
"""

blueprint = Blueprint("pwa", __name__)


class AppPath(PathConverter):
    """Any path except those of the server, whose 404 and 405 must remain."""

    regex = r"(?!(?:api|docs|health|metrics|openapi\.json|ops|teacher)(?:/|$))[^/].*?"


def register_pwa(app: Flask, folder: Path = BUILT) -> None:
    app.url_map.converters["app_path"] = AppPath
    app.extensions[FILES] = Files(folder)
    app.register_blueprint(blueprint)


@blueprint.get("/")
def start_page() -> Response:
    return _page()


@blueprint.get("/sw.js")
def service_worker() -> Response:
    response = built_file("sw.js")
    response.headers["Service-Worker-Allowed"] = "/"
    return response


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    return built_file("manifest.webmanifest")


@blueprint.get("/assets/<path:name>", defaults={"folder": "assets"})
@blueprint.get("/teacher-assets/<path:name>", defaults={"folder": "teacher-assets"})
def asset(folder: str, name: str) -> Response:
    """A file whose name contains its hash, so that it never changes."""
    response = built_file(f"{folder}/{name}")
    del response.cache_control.no_cache
    response.cache_control.public = True
    response.cache_control.immutable = True
    response.cache_control.max_age = A_YEAR_S
    return response


@blueprint.get("/<app_path:name>")
def app_file(name: str) -> Response:
    """A file of the build, or the start page for a navigation within the app."""
    if "." not in name.rsplit("/", 1)[-1] and _is_navigation():
        return _page()
    return built_file(name)


def _is_navigation() -> bool:
    accepted = request.accept_mimetypes
    return accepted["text/html"] > 0 and "text/html" in request.headers.get("Accept", "")


def _page() -> Response:
    try:
        return built_file(START_PAGE)
    except NotFound:
        return Response(NOT_BUILT, 503, mimetype="text/html")


def built_file(name: str) -> Response:
    """A file of the build, compressed if possible, which browsers revalidate at each use. Raises
    NotFound."""
    files: Files = current_app.extensions[FILES]
    file = files.find(name, request.accept_encodings)
    if file is None:
        raise NotFound
    response = Response(file.body, mimetype=file.mimetype)
    response.set_etag(file.etag)
    response.last_modified = file.modified
    response.cache_control.no_cache = True
    if file.encoding:
        response.headers["Content-Encoding"] = file.encoding
    response.vary.add("Accept-Encoding")
    response.make_conditional(request, accept_ranges=True, complete_length=len(file.body))
    return response
