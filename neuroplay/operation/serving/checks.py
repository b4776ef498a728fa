"""Checks before anything is started: limits, secret, servers, HTTPS, address and ports."""

from __future__ import annotations

import errno
import os
import re
import resource
import socket
import ssl
import stat
from contextlib import suppress
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from neuroplay.addresses import is_loopback
from neuroplay.infra.supervision.errors import CannotStart

if TYPE_CHECKING:
    from neuroplay.config import Settings


MINIMUMS = (
    # name, limit, minimum, option of ulimit, recommended value
    ("open files", resource.RLIMIT_NOFILE, 512, "n", "4096"),
    ("processes", resource.RLIMIT_NPROC, 128, "u", "1024"),
    ("bytes in a file", resource.RLIMIT_FSIZE, 1 << 30, "f", "unlimited"),
    ("bytes of addresses", resource.RLIMIT_AS, 2 << 30, "v", "unlimited"),
)
"""Below these minimums, some process of NeuroPlay would fail later with a misleading message."""


MOUNTS = Path("/proc/self/mountinfo")
"""The mounts that this process sees, one per line; spaces in paths are written as \\040."""

IN_MEMORY = ("tmpfs", "ramfs")


def check_limits() -> None:
    """Raise CannotStart if a resource limit is too low or /proc is missing. Raises the soft limit
    of open files if necessary."""
    for what, limit, least, letter, advice in MINIMUMS:
        soft, hard = resource.getrlimit(limit)
        # The soft limit of open files is raised below.
        allowed = hard if limit == resource.RLIMIT_NOFILE else soft
        exempt = limit == resource.RLIMIT_NPROC and os.geteuid() == 0
        if allowed != resource.RLIM_INFINITY and allowed < least and not exempt:
            raise CannotStart(
                f"the limit for {what} is {allowed} (ulimit -{letter}), but NeuroPlay "
                f"needs at least {least}",
                hint=f"Run: ulimit -{letter} {advice}, or raise the limit of the service",
            )
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < MINIMUMS[0][2]:
        resource.setrlimit(resource.RLIMIT_NOFILE, (MINIMUMS[0][2], hard))
    if not os.path.exists("/proc/self/stat"):
        raise CannotStart(
            "/proc is not mounted, and NeuroPlay needs it to find its processes",
            hint="Run: mount -t proc proc /proc",
        )


def check_secret(settings: Settings) -> None:
    """Raise SettingsError if a secret is required and missing. With an embedded database and no
    setting, the start creates one."""
    from neuroplay.infra.secrets import load_secret

    if settings.secret or settings.secret_file is not None or not settings.embedded_database:
        load_secret(settings)


def check_pieces(settings: Settings, only: str | None) -> None:
    """Raise CannotStart if a piece that runs alone would use embedded servers: the other machines
    do not use those."""
    embedded = {"DATABASE_URL": settings.embedded_database, "REDIS_URL": settings.embedded_redis}
    missing = [name for name, is_embedded in embedded.items() if is_embedded]
    if only is not None and missing:
        raise CannotStart(
            f"--only {only} needs the servers of other machines, and "
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set",
            hint="Set them as on the other machines, or run serve without --only",
        )


def check_outside(settings: Settings) -> None:
    """Raise CannotStart if the database would be the embedded one, which only `serve` starts."""
    if settings.embedded_database:
        raise CannotStart(
            "this role needs a database outside of the container, and DATABASE_URL is not set",
            hint="Set it as for the other roles. Without a role, a container migrates its own "
            "database when it starts",
        )


def check_volume(settings: Settings, mounts: Path = MOUNTS) -> None:
    """Raise CannotStart if a container would keep the embedded database inside itself or in memory,
    where it would end with the container. `mounts` is a list of mounts as in MOUNTS."""
    if settings.embedded_database and not _outlasts_container(settings.home, mounts.read_text()):
        raise CannotStart(
            f"there is neither a volume at {settings.home} nor DATABASE_URL, so all games would be "
            "lost with this container",
            hint=f"Add a volume: --volume neuroplay:{settings.home}, or set DATABASE_URL and "
            "REDIS_URL to servers outside",
        )


def _outlasts_container(folder: Path, mounts: str) -> bool:
    """Whether a folder is on a volume: below a mount on a disk that is not the root."""
    kinds = {}
    for line in mounts.splitlines():
        mount, _, source = line.partition(" - ")
        place = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), mount.split()[4])
        kinds[Path(place)] = source.split()[0]
    holding = next(place for place in (folder, *folder.parents) if place in kinds)
    return holding != Path("/") and kinds[holding] not in IN_MEMORY


def key_mode_warning(settings: Settings) -> str:
    """A warning if all users of this machine can read the TLS key, else ''."""
    key = settings.tls_key
    if key is None or not key.stat().st_mode & stat.S_IROTH:
        return ""
    return f"Every user on this machine can read the TLS key. Run: chmod o-r {quote(str(key))}"


def check_https(settings: Settings, *, insecure: bool) -> str:
    """Raise CannotStart if tablets could not use HTTPS, unless `insecure`; returns a warning, or
    ''."""
    secure = settings.tls_cert is not None or settings.public_url.startswith("https://")
    # In a container all addresses are listened on, and the public one is where they are published.
    if secure or settings.serves_loopback or is_loopback(settings.public_url):
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
    """Raise CannotStart if certificate and key cannot be read, or do not belong together."""
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


def certificate_problem(settings: Settings) -> tuple[str, str] | None:
    """Why browsers would reject the certificate at the address on the cards, and what to do; None
    if they would accept it, or if they do not meet it: without TLS, behind a proxy, on loopback."""
    cert, key = settings.tls_cert, settings.tls_key
    if not (cert and key) or settings.trusted_proxies or is_loopback(settings.url):
        return None
    host = urlsplit(settings.url).hostname or ""
    try:
        _handshake(cert, key, host)
    except ssl.SSLCertVerificationError as error:
        if "mismatch" not in error.verify_message:
            why = error.verify_message
            return f"Tablets will not open {settings.url}: {why}", "Renew it, or set the clock"
        named = _handshake(cert, key, None).get("subjectAltName", ())
        names = [str(name) for kind, name in named if kind in ("DNS", "IP Address")]
        return (
            f"Tablets will not open {settings.url}: the certificate is made out to "
            f"{', '.join(names) or 'no host'}",
            "Set NEUROPLAY_PUBLIC_URL to https://NAME:PORT with a name that it has",
        )
    return None


def _handshake(cert: Path, key: Path, host: str | None) -> dict[str, Any]:
    """The certificate as a client that trusts it receives it. With `host`, the client also checks
    that name. Raises SSLCertVerificationError."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    browser = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    browser.load_verify_locations(cert)
    browser.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    browser.check_hostname, browser.hostname_checks_common_name = host is not None, False
    to_server, to_browser = ssl.MemoryBIO(), ssl.MemoryBIO()
    browser_end = browser.wrap_bio(to_browser, to_server, server_hostname=host)
    server_end = server.wrap_bio(to_server, to_browser, server_side=True)
    for end in (browser_end, server_end) * 3:
        with suppress(ssl.SSLWantReadError):
            end.do_handshake()
    return browser_end.getpeercert() or {}


def check_port(host: str, port: int) -> str:
    """The numeric address to listen on. Raises CannotStart if that is not possible."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        raise CannotStart(
            f"{host} is not an address of this machine",
            hint="Use an IP address such as 0.0.0.0 for --host",
        ) from None
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as probe:
        # As servers do, so that old connections in TIME_WAIT do not matter.
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
    """' by NAME (pid N)' if this user can find out, else ''."""
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
