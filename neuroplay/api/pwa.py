"""The app itself: files of the built PWA, and its start page for every address of the app's own."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, request, send_file
from werkzeug.exceptions import NotFound
from werkzeug.routing import PathConverter
from werkzeug.security import safe_join

FOLDER = "neuroplay_pwa"
BUILT = Path(__file__).parent / "pwa_dist"
START_PAGE = "index.html"
A_YEAR_S = 365 * 24 * 60 * 60

MIMETYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".wav": "audio/wav",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""Not the machine's own table: that differs from one machine to the next."""

ENCODINGS = (("br", ".br"), ("gzip", ".gz"))

NOT_BUILT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>NeuroPlay</title></head>
<body>
<h1>The app is not built yet</h1>
<p>The server runs, but the folder with the app is missing. In the folder of the source, run:</p>
<pre>make build</pre>
<p>Then load this page again.</p>
</body>
</html>
"""

blueprint = Blueprint("pwa", __name__)


class AppPath(PathConverter):
    """Any path that is not the server's own: those keep their 404 and 405."""

    regex = r"(?!(?:api|docs|health|metrics|openapi\.json|ops)(?:/|$))[^/].*?"


def register_pwa(app: Flask, folder: Path = BUILT) -> None:
    app.url_map.converters["app_path"] = AppPath
    app.extensions[FOLDER] = folder
    app.register_blueprint(blueprint)


@blueprint.get("/")
def start_page() -> Response:
    return _page()


@blueprint.get("/sw.js")
def service_worker() -> Response:
    response = _file("sw.js")
    response.headers["Service-Worker-Allowed"] = "/"
    return response


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    return _file("manifest.webmanifest")


@blueprint.get("/assets/<path:name>")
def asset(name: str) -> Response:
    """Files whose names hold their hash: they never change."""
    response = _file(f"assets/{name}")
    del response.cache_control.no_cache
    response.cache_control.public = True
    response.cache_control.immutable = True
    response.cache_control.max_age = A_YEAR_S
    return response


@blueprint.get("/<app_path:name>")
def app_file(name: str) -> Response:
    """A file of the build, or the start page where a person navigates within the app."""
    if "." not in name.rsplit("/", 1)[-1] and _is_navigation():
        return _page()
    return _file(name)


def _is_navigation() -> bool:
    accepted = request.accept_mimetypes
    return accepted["text/html"] > 0 and "text/html" in request.headers.get("Accept", "")


def _page() -> Response:
    folder: Path = current_app.extensions[FOLDER]
    if not (folder / START_PAGE).is_file():
        return Response(NOT_BUILT, 503, mimetype="text/html")
    return _file(START_PAGE)


def built_file(name: str) -> Response:
    """A file of the build that is no part of the app; NotFound where there is none."""
    return _file(name)


def _file(name: str) -> Response:
    """The file, compressed where the client can take it and the build made it; revalidated at each
    use."""
    folder: Path = current_app.extensions[FOLDER]
    path = safe_join(str(folder), name)
    if path is None or "\x00" in path or not Path(path).is_file():
        raise NotFound
    encoding, stored = _stored(path)
    mimetype = MIMETYPES.get(Path(path).suffix, "application/octet-stream")
    response = send_file(stored, mimetype=mimetype, conditional=True)
    response.cache_control.no_cache = True
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.vary.add("Accept-Encoding")
    return response


def _stored(path: str) -> tuple[str | None, str]:
    for encoding, suffix in ENCODINGS:
        if request.accept_encodings[encoding] > 0 and Path(path + suffix).is_file():
            return encoding, path + suffix
    return None, path
