"""The certificates that a command trusts. None is accepted unverified.

This machine's own server is recognised by its exact certificate, whatever the name in it, since
none is for 127.0.0.1. Other servers are verified as in a browser, or with --cacert.
"""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from cli.output.errors import cannot, reason, usage_error
from neuroplay.whole_files import read_whole

if TYPE_CHECKING:
    from neuroplay.config import Settings

CaCert = Annotated[
    Path | None,
    typer.Option(
        "--cacert",
        metavar="FILE",
        help="PEM certificate or CA to trust for HTTPS instead of the system's.",
    ),
]

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


LARGEST_CERTIFICATE = 1 << 20


def trust(settings: Settings, *, local: bool, cacert: Path | None = None) -> ssl.SSLContext:
    """The TLS context for this machine's own server (`local`) or for another one.

    Raises CommandError with exit code 2 if `cacert` is not a certificate, 3 if the server's own
    cannot be read.
    """
    if local and cacert is None and settings.tls_cert is not None:
        return _exact_certificate(settings.tls_cert)
    try:
        context = ssl.create_default_context(cafile=None if cacert is None else str(cacert))
    except ssl.SSLError:
        raise usage_error(
            f"--cacert: {cacert} contains no PEM certificate",
            hint="A PEM file begins with -----BEGIN",
        ) from None
    except OSError as error:
        raise usage_error(f"--cacert: {cacert} cannot be read: {reason(error)}") from None
    if cacert is not None:
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # it may not be a CA's
    context.check_hostname = not local
    return context


def for_a_generator(
    settings: Settings, *, local: bool, cacert: Path | None, beside: Path
) -> list[str]:
    """Options for a load generator to trust the same. Writes the certificate to the folder `beside`
    if necessary."""
    if local and cacert is None and settings.tls_cert is not None:
        cacert = beside / "server.pem"
        cacert.write_text(_first_certificate(settings.tls_cert))
    words = [] if cacert is None else ["--cacert", str(cacert.resolve())]
    return [*words, "--any-name"] if local else words


def _first_certificate(file: Path) -> str:
    found = _CERTIFICATE.search(read_whole(file, LARGEST_CERTIFICATE))
    return found[0] if found else ""


def _exact_certificate(file: Path) -> ssl.SSLContext:
    """Trust only the server's own certificate, the first in its file."""
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False  # the exact certificate is required instead
        context.load_verify_locations(cadata=_first_certificate(file))
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    except (OSError, ValueError, ssl.SSLError) as error:
        raise cannot(
            f"cannot read this NeuroPlay's certificate {file}: {reason(error)}",
            hint="Run as the user who runs NeuroPlay, or add --cacert FILE",
        ) from None
    return context


def is_local(host: str, local_url: str) -> bool:
    """Whether a URL is that of this machine's own server, at any name of the loopback."""
    try:
        asked, own = urlsplit(host), urlsplit(local_url)
        same = (asked.scheme, _port(asked.port, asked.scheme)) == (
            own.scheme,
            _port(own.port, own.scheme),
        )
    except ValueError:
        return False
    return same and asked.hostname in _LOOPBACK and own.hostname in _LOOPBACK


def _port(port: int | None, scheme: str) -> int:
    return port or (443 if scheme == "https" else 80)


def mistrust(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """The cause, if a certificate was not trusted; otherwise None."""
    reason = getattr(error, "reason", error)
    return reason if isinstance(reason, ssl.SSLCertVerificationError) else None


def advice(error: ssl.SSLCertVerificationError, *, local: bool) -> str:
    """What to do about a certificate that is not trusted."""
    if "mismatch" in error.verify_message.lower():
        return "Use --host with the name in its certificate"
    if "expired" in error.verify_message or "not yet valid" in error.verify_message:
        return "Renew its certificate, or correct the clock"
    if local:
        return "Has its certificate file changed? Run: neuroplay restart api"
    return "Add --cacert FILE with its certificate or its CA"
