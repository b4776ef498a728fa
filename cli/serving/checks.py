"""What can be known to be wrong before anything is started: address, https,
port."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

from neuroplay.infra.supervision.errors import CannotStart

if TYPE_CHECKING:
    from neuroplay.config import Settings


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
        f"{settings.host} is a public address without https, "
        "and browsers refuse offline play there",
        hint="Give --tls-cert and --tls-key, or set NEUROPLAY_PUBLIC_URL to the https address of a "
        "proxy, or add --insecure",
    )


def check_certificate(settings: Settings) -> None:
    """Raise CannotStart where certificate and key cannot be read, or do not belong together."""
    if settings.tls_cert is None and settings.tls_key is None:
        return
    if settings.tls_cert is None or settings.tls_key is None:
        missing = "NEUROPLAY_TLS_CERT" if settings.tls_cert is None else "NEUROPLAY_TLS_KEY"
        raise CannotStart(
            f"https needs a certificate and its key, and {missing} is not set",
            hint="Give both --tls-cert and --tls-key",
        )
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            settings.tls_cert, settings.tls_key, password=lambda: ""
        )
    except ssl.SSLError as error:
        why = (error.reason or str(error)).replace("_", " ").lower()
        raise CannotStart(
            f"the certificate {settings.tls_cert} cannot be used with {settings.tls_key}: {why}",
            hint="Give a PEM certificate chain and its PEM key, without a password",
        ) from None
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise CannotStart(
            f"the certificate {settings.tls_cert} or the key {settings.tls_key} cannot be read: "
            f"{why}",
            hint="Check the paths and their permissions",
        ) from None


def check_port(host: str, port: int) -> str:
    """The numeric address to listen on. Raises CannotStart where that cannot be done."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        raise CannotStart(
            f"{host} is no address of this machine", hint="Give --host an IP address, as 0.0.0.0"
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
            f"port {port} is for root only",
            hint="Choose one above 1023: neuroplay serve --port 8080",
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return CannotStart(
            f"{host} is no address of this machine",
            hint="Give --host one that it has, or 0.0.0.0 for all",
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
