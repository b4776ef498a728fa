"""Access to the system: through the composition root, or over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.output.errors import CommandError, cannot, usage_error
from neuroplay.operation.running import means_another_system, settings_here

if TYPE_CHECKING:
    from pathlib import Path

    from neuroplay.bootstrap import Container
    from neuroplay.config import Settings

ANSWER_TIMEOUT_S = 10.0


@contextmanager
def system(*, patient: bool = True) -> Iterator[Container]:
    """The use cases with the real stores, closed at the end of the block. `patient` as in
    `bootstrap.build`."""
    from neuroplay.bootstrap import build

    container = build(settings_here(), patient=patient)
    try:
        yield container
    finally:
        container.close()


def local_url(settings: Settings) -> str:
    """The URL at which this machine's API listens, which may differ from the one on cards: that of
    the running `serve` of this home, whose options take precedence, else that of the settings."""
    return _published(settings, "local_url") or settings.local_url


def people_url(settings: Settings) -> tuple[str, bool]:
    """(the URL that cards open, whether it is known to be right). It is NEUROPLAY_PUBLIC_URL, else
    that of the running `serve` of this home, else a guess from the settings."""
    if settings.public_url:
        return settings.public_url, True
    running = _published(settings, "url")
    return running or settings.url, running is not None


def _published(settings: Settings, name: str) -> str | None:
    """An address of the running `serve` of this home; None if none runs, or if the settings mean
    another system."""
    from neuroplay.operation.place import Place

    place = Place(home=settings.home, runtime=settings.runtime_dir)
    found = place.published().get(name)
    return None if found is None or means_another_system(settings) else str(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A server's response with any HTTP status."""

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
    """GET `path` from the server at `host`, by default this machine's.

    Raises CommandError with exit code 3 if there is no response, 2 if `host` is not a valid URL.
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
    if local:  # a proxy cannot reach this machine's loopback
        handlers.append(ProxyHandler({}))
    opener = build_opener(*handlers)
    request = Request(f"{base}{path}", headers={"Accept": "*/*"})  # noqa: S310 - http(s), see above
    if token := ops_token(settings, local=local):
        # A redirect to another server must not carry the token.
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    try:
        with opener.open(request, timeout=timeout_s) as response:
            return Answer(url=base, status=response.status, text=_read(response))
    except HTTPError as error:
        with error:
            return Answer(url=base, status=error.code, text=_read(error))
    except (OSError, HTTPException, ValueError) as error:
        refused = no_answer(base, error, local=local)
        if local and means_another_system(settings):
            refused.hint = (
                "DATABASE_URL is not that of the running NeuroPlay; to ask that one, unset it"
            )
        raise refused from error


def check_url(text: str) -> None:
    """Raise CommandError with exit code 2 unless this is the URL of a server: http or https, a
    host, a valid port, and nothing after the path."""
    from urllib.parse import urlsplit

    hint = "Write it as https://HOST:PORT"
    try:
        parts = urlsplit(text)
        fits = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        fits = fits and "?" not in text and "#" not in text
    except ValueError:
        fits = False
    if "@" in text:  # not quoted, since it may contain a password
        raise usage_error("the server's URL contains a user name", hint=hint)
    if not fits:
        raise usage_error(f"{text} is not a URL of a server", hint=hint)


def ops_token(settings: Settings, *, local: bool) -> str:
    """The ops token for a server: for this machine's own, that of the settings or of its home. Any
    other receives only the one that is set in this shell."""
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
    """The error for a server that did not respond, with its cause and a hint."""
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
    """Why there was no response."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return "it did not answer in time"
    if "WRONG_VERSION_NUMBER" in (reason, getattr(reason, "reason", None)):
        return "it does not speak HTTPS"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror.lower()
    if isinstance(reason, ValueError):  # its text may quote the token
        return "the request is not valid HTTP"
    return str(reason) or type(error).__name__
