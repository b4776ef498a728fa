"""The adult who is signed in, and protection of changes against forged requests.

A browser sends the cookie by itself, so a change must prove that our page asked for it: with the
sign-in's own token in a header, which no other site can read or set.
"""

from __future__ import annotations

from hmac import compare_digest
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import request

from neuroplay.api.request.caller import caller_address, container
from neuroplay.api.request.errors import RequestError
from neuroplay.core.entities.adult import AdultPrincipal
from neuroplay.core.errors import Refused
from neuroplay.core.use_cases.adult_session import AdultSession, signed_out

CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def cookie_name() -> str:
    """With the prefix a browser accepts it only from HTTPS, and for this host alone."""
    return "__Host-np_adult" if container().settings.over_tls else "np_adult"


def browser_cookie() -> str:
    """Names the cookie by which a browser is known in which the adult was signed in before."""
    return f"{cookie_name()}_browser"


ORDINARY = 1.0
"""What a request costs that is quick to answer, as those that a page repeats."""
HEAVY = 20.0
"""What a request costs that reads or writes much, or that is not meant to be tried again and again,
as an erasure, whose nickname has to be typed."""


def signed_in_adult(*, cost: float = ORDINARY) -> AdultPrincipal:
    """The adult of the request's cookie. A method that changes something must also carry the
    sign-in's CSRF token, and a body that it has must be JSON.

    Raises Refused with `unauthorized` (401), `csrf` (403) or `too_many_requests` (429),
    RequestError(415).
    """
    return adult_session(cost=cost).principal


def adult_session(*, cost: float = ORDINARY) -> AdultSession:
    """As `signed_in_adult`, with what belongs to the sign-in."""
    token = request.cookies.get(cookie_name(), "")
    if not token:
        raise signed_out()
    session = container().authenticate_adult.execute(token)
    if request.method not in SAFE_METHODS:
        require_own_page()
        given = request.headers.get(CSRF_HEADER, "")
        if not compare_digest(given.encode(), session.csrf.encode()):
            raise Refused("The page is too old for this. Load it again.", code="csrf")
    wait_s = container().adult_asks.ask(session.principal.adult_id, cost)
    if wait_s:
        raise Refused(
            "This account asks for too much at once. Wait a moment.",
            code="too_many_requests",
            retry_after_s=wait_s,
        )
    return session


def require_own_page() -> None:
    """Refuse a change that another site's page asks for, and a body that a form could send."""
    if request.content_length and request.mimetype != "application/json":
        raise RequestError(415, "unsupported_media_type", "The body must be application/json.")
    site = request.headers.get("Sec-Fetch-Site")
    own = _is_own_origin(request.headers.get("Origin")) if site is None else site == "same-origin"
    if not own:
        raise Refused("Another site's page asked for this.", code="csrf")


def require_private_line() -> None:
    """Refuse a passphrase or link that came over the internet in the clear."""
    if container().settings.over_tls:
        return
    try:
        is_near = not ip_address(caller_address()).is_global
    except ValueError:
        is_near = False
    if not is_near:
        raise Refused(
            "Adults sign in over HTTPS only, except on the school's own network. Whoever runs the "
            "server sets NEUROPLAY_PUBLIC_URL or NEUROPLAY_TLS_CERT.",
            code="needs_https",
        )


def _is_own_origin(origin: str | None) -> bool:
    """Whether a page of this server sent the request, for browsers without Sec-Fetch-Site: they are
    old, or on plain HTTP. Programs send no origin, and have no cookie to misuse."""
    if origin is None:
        return True
    host = urlsplit(origin).netloc
    return host != "" and host in (request.host, urlsplit(container().settings.public_url).netloc)
