"""Headers that tell a browser to trust nothing but ourselves."""

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
"""For the PWA and its service worker (whose own fetches obey the header of its script)."""

DOCS_POLICY = APP_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
"""The viewer of the API's document writes style attributes; it runs no inline script."""

DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""For what is no page."""

ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    (
        "Permissions-Policy",
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), "
        "microphone=(), midi=(), payment=(), serial=(), usb=()",
    ),
)

POLICIES = {"pwa": APP_POLICY, "docs": DOCS_POLICY, "ops": APP_POLICY}

UNLESS_SAID = (
    ("Content-Security-Policy", DATA_POLICY),
    ("Cache-Control", "no-store"),
)


TLS_ONLY = ("Strict-Transport-Security", "max-age=31536000")
"""A browser that came by https once never asks by http again; it passes over this where it came by
http, or where it does not trust the certificate."""


def add_security_headers(app: Flask, *, over_tls: bool) -> None:
    """`over_tls`: browsers reach this server by https."""
    app.after_request(_name_policy)
    # Beneath Flask, whose headers are looked at one by one and twice: these are the same for all.
    app.wsgi_app = _with_headers(app.wsgi_app, (*ALWAYS, TLS_ONLY) if over_tls else ALWAYS)  # type: ignore[method-assign,assignment]


def _name_policy(response: Response) -> Response:
    policy = POLICIES.get(request.blueprint or "")
    if policy is not None:
        response.headers["Content-Security-Policy"] = policy
    return response


def _with_headers(
    application: WSGIApplication, always: Iterable[tuple[str, str]]
) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            said = {name for name, _ in headers}
            headers.extend(always)
            headers.extend(pair for pair in UNLESS_SAID if pair[0] not in said)
            return start_response(status, headers, *exc_info)

        return application(environ, start)

    return answer
