"""Checks before a run that the server responds and knows the students.

Connects as the students will, without a proxy, and verifies the certificate before it sends a card.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cli.output.errors import CommandError, cannot
from cli.server.reach import no_answer, why

if TYPE_CHECKING:
    from ssl import SSLContext

    from loadprofiles.play.roster import Card

ANSWER_TIMEOUT_S = 10.0
LONGEST_BYTES = 1 << 16
UNKNOWN = 401


def check_that_it_answers(host: str, *, is_local: bool, believed: SSLContext) -> None:
    """Raises CommandError with exit code 3 if there is no response, or another program's."""
    try:
        status = status_of(f"{host}/health/live", believed)
    except OSError as error:
        raise no_answer(host, error, local=is_local) from None
    if status != 200:
        raise cannot(f"{host} does not answer as NeuroPlay does: HTTP {status}")


def check_that_it_knows(host: str, card: Card, *, made_here: bool, believed: SSLContext) -> None:
    """Raises CommandError with exit code 3 if a student of the load class cannot sign in."""
    from uuid import uuid4

    try:
        status = status_of(
            f"{host}/api/v1/sign-in", believed, {**card._asdict(), "device_id": str(uuid4())}
        )
    except OSError as error:
        raise cannot(f"no answer from {host}: {why(error)}") from None
    if status == 200:
        return
    if status != UNKNOWN:
        raise cannot(f"no student of the load class can sign in at {host}: HTTP {status}")
    raise _unknown(host, made_here=made_here)


def _unknown(host: str, *, made_here: bool) -> CommandError:
    if made_here:
        return cannot(
            f"{host} does not know the load class created here",
            hint="Create one there and pass it with --roster: neuroplay loadtest roster --help",
        )
    return cannot(
        f"{host} does not know the students of --roster",
        hint="Was their class erased? Create one: neuroplay loadtest roster FILE --students N",
    )


def status_of(url: str, believed: SSLContext, document: dict[str, str] | None = None) -> int:
    """Make a request; returns the HTTP status. Raises OSError if there is no response, CommandError
    with exit code 3 if it is a redirect, which a student would not follow, or no JSON document."""
    from http.client import HTTPException
    from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, Request

    request = Request(  # noqa: S310 - http(s), see cli.loading.order
        url,
        data=None if document is None else json.dumps(document).encode(),
        headers={"Content-Type": "application/json"},
    )
    opener = OpenerDirector()  # follows no redirects, and knows no proxies
    for handler in (HTTPHandler(), HTTPSHandler(context=believed)):
        opener.add_handler(handler)
    try:
        with opener.open(request, timeout=ANSWER_TIMEOUT_S) as answer:
            status, text = int(answer.status), answer.read(LONGEST_BYTES)
            place = answer.headers.get("Location", "")
    except (HTTPException, ValueError) as error:
        raise OSError(str(error) or type(error).__name__) from error
    if 300 <= status < 400:
        raise cannot(f"{url} redirects to {place[:200]}", hint="Pass that server with --host")
    if status == 200 and not _is_document(text):
        raise cannot(
            f"{url} answers with a page that is not NeuroPlay's",
            hint="Is there a proxy or a sign-in page of the network on the way?",
        )
    return status


def _is_document(text: bytes) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
