"""What can be known to be wrong before anything is started: limits, secret, servers, address,
https, ports."""

from __future__ import annotations

import errno
import os
import resource
import socket
import ssl
import stat
from contextlib import suppress
from shlex import quote
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from neuroplay.infra.supervision.errors import CannotStart

if TYPE_CHECKING:
    from pathlib import Path

    from neuroplay.config import Settings


LEAST = (
    # what, limit, the least of it, ulimit's letter, what to set
    ("open files", resource.RLIMIT_NOFILE, 512, "n", "4096"),
    ("processes", resource.RLIMIT_NPROC, 128, "u", "1024"),
    ("bytes in a file", resource.RLIMIT_FSIZE, 1 << 30, "f", "unlimited"),
    ("bytes of addresses", resource.RLIMIT_AS, 2 << 30, "v", "unlimited"),
)
"""Below this some process of NeuroPlay fails, sooner or later, and says something else."""


def check_limits() -> None:
    """Raise CannotStart where the system lets this process have too little of something."""
    for what, limit, least, letter, advice in LEAST:
        soft, hard = resource.getrlimit(limit)
        allowed = hard if limit == resource.RLIMIT_NOFILE else soft  # its soft one is raised below
        exempt = limit == resource.RLIMIT_NPROC and os.geteuid() == 0
        if allowed != resource.RLIM_INFINITY and allowed < least and not exempt:
            raise CannotStart(
                f"the limit for {what} is {allowed} (ulimit -{letter}), but NeuroPlay "
                f"needs at least {least}",
                hint=f"Run: ulimit -{letter} {advice}, or raise the limit of the service",
            )
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < LEAST[0][2]:
        resource.setrlimit(resource.RLIMIT_NOFILE, (LEAST[0][2], hard))
    if not os.path.exists("/proc/self/stat"):
        raise CannotStart(
            "/proc is not mounted, and NeuroPlay needs it to find its processes",
            hint="Run: mount -t proc proc /proc",
        )


def check_secret(settings: Settings) -> None:
    """Raise SettingsError where the secret should be there already, and is not."""
    from neuroplay.infra.secrets import load_secret

    if settings.secret or settings.secret_file is not None or not settings.embedded_database:
        load_secret(settings)


def check_pieces(settings: Settings, only: str | None) -> None:
    """Raise CannotStart where a piece that runs alone would have servers of its own: nothing of
    what the other machines do would ever come to it."""
    embedded = {"DATABASE_URL": settings.embedded_database, "REDIS_URL": settings.embedded_redis}
    missing = [name for name, is_embedded in embedded.items() if is_embedded]
    if only is not None and missing:
        raise CannotStart(
            f"--only {only} needs the servers of other machines, and "
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set",
            hint="Set them as on the other machines, or run serve without --only",
        )


def key_that_others_read(settings: Settings) -> str:
    """A warning where everybody on this machine can read the TLS key, or ''."""
    key = settings.tls_key
    if key is None or not key.stat().st_mode & stat.S_IROTH:
        return ""
    return f"Every user on this machine can read the TLS key. Run: chmod o-r {quote(str(key))}"


def check_https(settings: Settings, *, insecure: bool) -> str:
    """Raise CannotStart where tablets would get no https; returns a warning, or ''."""
    secure = settings.tls_cert is not None or settings.public_url.startswith("https://")
    if secure or settings.serves_loopback:
        return ""
    if insecure:
        return (
            f"Without https, tablets on {settings.host}:{settings.port} can play online only: "
            "browsers refuse offline play there"
        )
    raise CannotStart(
        f"{settings.host} is a public address without HTTPS, where browsers refuse offline play",
        hint="Add --tls-cert and --tls-key, or set NEUROPLAY_PUBLIC_URL to the HTTPS address of a "
        "proxy, or add --insecure",
    )


def check_certificate(settings: Settings) -> None:
    """Raise CannotStart where certificate and key cannot be read, or do not belong together."""
    if settings.tls_cert is None and settings.tls_key is None:
        return
    if settings.tls_cert is None or settings.tls_key is None:
        missing = "NEUROPLAY_TLS_CERT" if settings.tls_cert is None else "NEUROPLAY_TLS_KEY"
        raise CannotStart(
            f"HTTPS needs a certificate and its key, but {missing} is not set",
            hint="Add both --tls-cert and --tls-key",
        )
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            settings.tls_cert, settings.tls_key, password=lambda: ""
        )
    except ssl.SSLError as error:
        why = (error.reason or str(error)).replace("_", " ").lower()
        raise CannotStart(
            f"the certificate {settings.tls_cert} cannot be used with {settings.tls_key}: {why}",
            hint="Use a PEM certificate chain and its PEM key without a password",
        ) from None
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise CannotStart(
            f"the certificate {settings.tls_cert} or the key {settings.tls_key} cannot be read: "
            f"{why}",
            hint="Check the paths and their permissions",
        ) from None


def doubt_of_certificate(settings: Settings) -> tuple[str, str] | None:
    """Why browsers would not believe the certificate at the address that cards open, and what to
    do; None where they would. What a proxy in front shows is not known."""
    from neuroplay.addresses import is_loopback

    cert, key = settings.tls_cert, settings.tls_key
    if not (cert and key) or settings.trusted_proxies or is_loopback(settings.url):
        return None
    host = urlsplit(settings.url).hostname or ""
    try:
        _shake_hands(cert, key, host)
    except ssl.SSLCertVerificationError as error:
        if "mismatch" not in error.verify_message:
            why = error.verify_message
            return f"Tablets will not open {settings.url}: {why}", "Renew it, or set the clock"
        named = _shake_hands(cert, key, None).get("subjectAltName", ())
        names = [str(name) for kind, name in named if kind in ("DNS", "IP Address")]
        return (
            f"Tablets will not open {settings.url}: the certificate is made out to "
            f"{', '.join(names) or 'no host'}",
            "Set NEUROPLAY_PUBLIC_URL to https://NAME:PORT with a name that it has",
        )
    return None


def _shake_hands(cert: Path, key: Path, host: str | None) -> dict[str, Any]:
    """The certificate as a browser that trusts it finds it, at `host` where one is named. Raises
    SSLCertVerificationError."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    browser = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    browser.load_verify_locations(cert)
    browser.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    browser.check_hostname, browser.hostname_checks_common_name = host is not None, False
    to, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    seen = browser.wrap_bio(back, to, server_hostname=host)
    shown = server.wrap_bio(to, back, server_side=True)
    for end in (seen, shown) * 3:
        with suppress(ssl.SSLWantReadError):
            end.do_handshake()
    return seen.getpeercert() or {}


def check_port(host: str, port: int) -> str:
    """The numeric address to listen on. Raises CannotStart where that cannot be done."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        raise CannotStart(
            f"{host} is not an address of this machine",
            hint="Use an IP address such as 0.0.0.0 for --host",
        ) from None
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as probe:
        # As servers do: connections of an earlier run that linger are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            raise _unusable(host, port, error) from None
    return str(address[0])


def _unusable(host: str, port: int, error: OSError) -> CannotStart:
    if error.errno == errno.EADDRINUSE:
        return CannotStart(
            f"port {port} is taken{_by_whom(port)}",
            hint=f"Choose another: neuroplay serve --port {port + 1 if port < 65535 else 5000}",
        )
    if error.errno == errno.EACCES:
        return CannotStart(
            f"port {port} is reserved for root",
            hint="Choose a port above 1023: neuroplay serve --port 8080",
        )
    if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        return CannotStart(
            f"{host} is not an address of this machine",
            hint="Use one of its addresses for --host, or 0.0.0.0 for all",
        )
    return CannotStart(
        f"cannot listen on {host}:{port}: {(error.strerror or str(error)).lower()}",
        hint="Choose another --host or --port",
    )


def _by_whom(port: int) -> str:
    """' by NAME (pid N)' where this user may know it, else ''."""
    import psutil

    try:
        for connection in psutil.net_connections("tcp"):
            if (
                connection.status == psutil.CONN_LISTEN
                and connection.laddr
                and connection.laddr.port == port
                and connection.pid
            ):
                return f" by {psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except (psutil.Error, OSError):
        pass
    return ""
