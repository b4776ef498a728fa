"""Headers that tell a browser to trust nothing but ourselves."""

from __future__ import annotations

from flask import Flask, Response, request

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


def add_security_headers(app: Flask) -> None:
    app.after_request(_add)


def _add(response: Response) -> Response:
    headers = response.headers
    headers.extend(ALWAYS)
    blueprint = request.blueprint
    headers["Content-Security-Policy"] = POLICIES.get(blueprint or "", DATA_POLICY)
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    return response
