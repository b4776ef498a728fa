"""How commands reach the system: through the composition root, or over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.errors import cannot, usage_error

if TYPE_CHECKING:
    import ssl

    from neuroplay.bootstrap import Container
    from neuroplay.config import Settings

ANSWER_TIMEOUT_S = 10.0


@contextmanager
def system() -> Iterator[Container]:
    """The use cases on the real stores; connections are given back at the end."""
    from neuroplay.bootstrap import build
    from neuroplay.config import load_settings

    container = build(load_settings(), patient=True)
    try:
        yield container
    finally:
        container.close()


def local_url(settings: Settings) -> str:
    """Where the API of this machine listens, whatever address is printed on cards: as the running
    `serve` of this home says, whose options may differ from the settings, or as these have it."""
    from cli.serving.place import Place

    place = Place(home=settings.home, runtime=settings.runtime_dir)
    return place.local_url() or settings.local_url


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a server answered; `status` is the HTTP status, whatever it is."""

    url: str
    status: int
    text: str


def get(path: str, *, host: str | None = None, timeout_s: float = ANSWER_TIMEOUT_S) -> Answer:
    """GET `path` from the server at `host`, or from the one that the settings name.

    Raises CommandError with exit code 3 where there is no answer, 2 where `host` is no URL.
    """
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

    from neuroplay.config import load_settings

    settings = load_settings()
    base = (host or local_url(settings)).rstrip("/")
    if not base.startswith(("http://", "https://")):
        raise usage_error(f"{base} is no URL", hint="Write it as https://HOST:PORT")
    if host:
        opener = build_opener()
    else:  # a proxy knows nothing of this machine's own loopback
        opener = build_opener(ProxyHandler({}), HTTPSHandler(context=_trust(settings)))
    headers = {"Accept": "*/*"}
    if settings.ops_token:
        headers["Authorization"] = f"Bearer {settings.ops_token}"
    request = Request(f"{base}{path}", headers=headers)  # noqa: S310 - http(s), see above
    try:
        with opener.open(request, timeout=timeout_s) as response:
            return Answer(url=base, status=response.status, text=_read(response))
    except HTTPError as error:
        with error:
            return Answer(url=base, status=error.code, text=_read(error))
    except (OSError, HTTPException, ValueError) as error:
        raise cannot(
            f"no answer from {base}: {why(error)}",
            hint="Check the address" if host else "Is NeuroPlay running? Run: neuroplay serve",
        ) from error


def _trust(settings: Settings) -> ssl.SSLContext:
    """Trust the machine's authorities and the very certificate that this machine serves, whose
    name need not be that of the loopback."""
    import ssl

    context = ssl.create_default_context()
    if settings.tls_cert is not None and settings.tls_cert.is_file():
        context.check_hostname = False
        context.load_verify_locations(settings.tls_cert)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _read(response: object) -> str:
    body: bytes = response.read()  # type: ignore[attr-defined]
    return body.decode("utf-8", errors="replace")


def why(error: Exception) -> str:
    """Why there was no answer."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return "it did not answer in time"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror.lower()
    return str(reason) or type(error).__name__
