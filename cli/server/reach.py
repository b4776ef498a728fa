"""How commands reach the system: through the composition root, or over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.output.errors import CommandError, cannot, usage_error
from neuroplay.operation.running import settings_here

if TYPE_CHECKING:
    from pathlib import Path

    from neuroplay.bootstrap import Container
    from neuroplay.config import Settings

ANSWER_TIMEOUT_S = 10.0


@contextmanager
def system(*, patient: bool = True) -> Iterator[Container]:
    """The use cases on the real stores; connections are given back at the end. `patient` as of
    Container."""
    from neuroplay.bootstrap import build

    container = build(settings_here(), patient=patient)
    try:
        yield container
    finally:
        container.close()


def local_url(settings: Settings) -> str:
    """Where the API of this machine listens, whatever address is printed on cards: as the running
    `serve` of this home says, whose options may differ from the settings, or as these have it."""
    from neuroplay.operation.place import Place

    place = Place(home=settings.home, runtime=settings.runtime_dir)
    return place.published().get("local_url") or settings.local_url


def people_url(settings: Settings) -> tuple[str, bool]:
    """The address that cards open, and whether somebody said so: NEUROPLAY_PUBLIC_URL, or else the
    `serve` that runs on this home. Where neither does, it is where one would listen."""
    from neuroplay.operation.place import Place

    if settings.public_url:
        return settings.public_url, True
    running = Place(home=settings.home, runtime=settings.runtime_dir).published().get("url")
    return running or settings.url, running is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a server answered; `status` is the HTTP status, whatever it is."""

    url: str
    status: int
    text: str


def get(
    path: str,
    *,
    host: str | None = None,
    cacert: Path | None = None,
    timeout_s: float = ANSWER_TIMEOUT_S,
) -> Answer:
    """GET `path` from the server at `host`, or from this machine's.

    Raises CommandError with exit code 3 where there is no answer, 2 where `host` is no URL.
    """
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import BaseHandler, HTTPSHandler, ProxyHandler, Request, build_opener

    from cli.server.trust import is_local, trust

    settings = settings_here()
    own = local_url(settings)
    base = (host or own).rstrip("/")
    check_url(base)
    local = host is None or is_local(host, own)
    handlers: list[BaseHandler] = [
        HTTPSHandler(context=trust(settings, local=local, cacert=cacert))
    ]
    if local:  # a proxy knows nothing of this machine's own loopback
        handlers.append(ProxyHandler({}))
    opener = build_opener(*handlers)
    request = Request(f"{base}{path}", headers={"Accept": "*/*"})  # noqa: S310 - http(s), see above
    if token := ops_token(settings, local=local):
        # Where that server sends us on, nobody is to hear it.
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    try:
        with opener.open(request, timeout=timeout_s) as response:
            return Answer(url=base, status=response.status, text=_read(response))
    except HTTPError as error:
        with error:
            return Answer(url=base, status=error.code, text=_read(error))
    except (OSError, HTTPException, ValueError) as error:
        raise no_answer(base, error, local=local) from error


def check_url(text: str) -> None:
    """Raise CommandError with exit code 2 where this is no address of a server: http or https, a
    host, a port that can be."""
    from urllib.parse import urlsplit

    hint = "Write it as https://HOST:PORT"
    try:
        parts = urlsplit(text)
        fits = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if "@" in text:  # never sent, and not quoted: it may hold a password
        raise usage_error("the server's URL contains a user name", hint=hint)
    if not fits:
        raise usage_error(f"{text} is not a URL", hint=hint)


def ops_token(settings: Settings, *, local: bool) -> str:
    """The token that a server is shown: this machine's own gets the settings', or the one in its
    home; another one gets only what this shell was told to show."""
    from neuroplay.access import own_token
    from neuroplay.config import load_settings

    if not local:
        return load_settings().ops_token
    if settings.ops_token:
        return settings.ops_token
    try:
        return own_token(settings.home)
    except OSError:
        return ""


def no_answer(url: str, error: Exception, *, local: bool) -> CommandError:
    """The error of a server that did not answer, with its cause and what to do."""
    from cli.server.trust import advice, mistrust

    if (doubt := mistrust(error)) is not None:
        return cannot(
            f"{url} has a certificate that is not trusted: {doubt.verify_message}",
            hint=advice(doubt, local=local),
        )
    return cannot(
        f"no answer from {url}: {why(error)}",
        hint="Is NeuroPlay running? Run: neuroplay serve" if local else "Check the address",
    )


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
    if isinstance(reason, ValueError):  # it quotes what could not be sent, as a token
        return "the request cannot be expressed as HTTP"
    return str(reason) or type(error).__name__
