"""Security headers, which restrict a browser to content from this server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

APP_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""For the PWA and its service worker, whose fetches obey the policy of its script."""

DOCS_POLICY = APP_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
"""For the API's documentation: its viewer writes style attributes, but has no inline script."""

DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""For responses that are not pages."""

ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    (
        "Permissions-Policy",
        # The page reads the QR codes of cards with the camera.
        "accelerometer=(), camera=(self), display-capture=(), geolocation=(), gyroscope=(), "
        "hid=(), microphone=(), midi=(), payment=(), serial=(), usb=()",
    ),
)

POLICIES = {"pwa": APP_POLICY, "docs": DOCS_POLICY, "ops": APP_POLICY, "teacher": APP_POLICY}

DEFAULTS = (
    ("Content-Security-Policy", DATA_POLICY),
    ("Cache-Control", "no-store"),
)
"""Headers of responses that do not set them."""

TLS_ONLY = ("Strict-Transport-Security", "max-age=31536000")
"""After one request over HTTPS a browser no longer uses HTTP. It ignores the header over HTTP, and
if it does not trust the certificate."""


def add_security_headers(app: Flask, *, over_tls: bool) -> None:
    """Add the headers to all responses of `app`. `over_tls`: browsers use HTTPS."""
    app.after_request(_add_policy)
    # As WSGI middleware, for speed: Flask would check each of these constant headers twice.
    app.wsgi_app = _with_headers(app.wsgi_app, (*ALWAYS, TLS_ONLY) if over_tls else ALWAYS)  # type: ignore[method-assign,assignment]


def _add_policy(response: Response) -> Response:
    policy = POLICIES.get(request.blueprint or "")
    if policy is not None:
        response.headers["Content-Security-Policy"] = policy
    return response


def _with_headers(
    application: WSGIApplication, always: Iterable[tuple[str, str]]
) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            present = {name for name, _ in headers}
            headers.extend(always)
            headers.extend(pair for pair in DEFAULTS if pair[0] not in present)
            return start_response(status, headers, *exc_info)

        return application(environ, start)

    return answer
