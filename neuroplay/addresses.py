"""Validates the addresses in settings, and finds the one of this machine."""

from __future__ import annotations

import re
import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

EXAMPLE = "https://play.school.example"

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_PORT = re.compile(r"[0-9]{1,5}", re.ASCII)
LONGEST_HOST = 253

ALL_ADDRESSES = {"0.0.0.0": socket.AF_INET, "::": socket.AF_INET6}  # noqa: S104
_ELSEWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Addresses reserved for documentation. Nothing is sent to them; they only select a route."""


def public_url(text: str) -> str:
    """`text` as scheme://host[:port], in lower case and ASCII. Raises ValueError with the reason if
    cards cannot use it."""
    if re.search(r"[\s\x00-\x1f\x7f-\x9f\\]", text):
        raise ValueError(
            f"{text!r} contains a space or another character that is not allowed in an address"
        )
    scheme, colon, rest = text.partition("://")
    if not colon or scheme.lower() not in ("http", "https"):
        raise ValueError(f"{text!r} must start with https:// (or http://), as {EXAMPLE}")
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no address: {str(error).lower()}") from None
    if "@" in rest:
        raise ValueError(
            "it contains a user name, which everybody could read on the cards"
        )  # and may hold a password
    if "?" in rest or "#" in rest:
        raise ValueError(f"{text!r} has more than an address: omit the part from ? or #")
    if parts.path not in ("", "/"):
        raise ValueError(
            f"{text!r} has a path, and the app works at the root of an address only: "
            f"give it a name of its own, as {EXAMPLE}"
        )
    host, port = _host_and_port(text, parts.netloc)
    return f"{scheme.lower()}://{host}" + (f":{port}" if port else "")


def _host_and_port(text: str, netloc: str) -> tuple[str, int | None]:
    if netloc.startswith("["):
        name, bracket, after = netloc[1:].partition("]")
        host = f"[{_ip_address(text, name)}]" if bracket and ":" in name else ""
    else:
        name, colon, number = netloc.partition(":")
        host, after = _host_name(text, name), colon + number
    if not host or (after and not after.startswith(":")):
        raise ValueError(f"{text!r} has no host")
    if not after:
        return host, None
    if not _PORT.fullmatch(after[1:]) or not 1 <= int(after[1:]) <= 65535:
        raise ValueError(f"{text!r} has an invalid port: use 1 to 65535")
    return host, int(after[1:])


def _host_name(text: str, name: str) -> str:
    name = name.removesuffix(".")
    if not name:
        raise ValueError(f"{text!r} has no host")
    try:
        plain = name.encode("idna").decode().lower()
    except UnicodeError:
        raise ValueError(f"{text!r}: invalid host name {name!r}") from None
    labels = plain.split(".")
    if labels[-1].isdigit() or labels[-1].startswith("0x"):  # browsers read a number as IPv4
        return _ip_address(text, plain)
    if len(plain) > LONGEST_HOST or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError(f"{text!r}: invalid host name {name!r}")
    return plain


def _ip_address(text: str, name: str) -> str:
    try:
        address = ip_address(name)
    except ValueError:
        raise ValueError(f"{text!r}: {name!r} is not an IP address") from None
    everybody = address.is_multicast or str(address) == "255.255.255.255"
    if address.is_unspecified or everybody or "%" in name:
        raise ValueError(f"{text!r}: {name!r} cannot be reached from another machine")
    return str(address)


def listening_host(text: str) -> str:
    """`text` as a host to listen on, without brackets. Raises ValueError with the reason."""
    host = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if "://" in host or "/" in host:
        raise ValueError(f"{text!r} is not a host: write only an address, such as 0.0.0.0")
    if not host or re.search(r"[\s\x00-\x1f\x7f]", host):
        raise ValueError(f"{text!r} is not a host")
    if host.count(":") == 1:
        raise ValueError(f"{text!r} contains a port: set NEUROPLAY_PORT instead")
    return host


def passkey_origin(url: str) -> str:
    """The origin of a public_url, as browsers write it, if they take passkeys there; else ''. They
    do where nobody can listen, and for a name: an address in numbers is nobody's for long."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_own = host == "localhost" or host.endswith(".localhost")
    if not host or (parts.scheme != "https" and not is_own):
        return ""
    try:
        ip_address(host)
    except ValueError:
        usual = {"https": 443, "http": 80}[parts.scheme]
        port = "" if parts.port in (None, usual) else f":{parts.port}"
        return f"{parts.scheme}://{host}{port}"
    return ""


def address_of_this_machine(listens_on: str) -> str | None:
    """The address of this machine, for a server that listens on all addresses. None if it listens
    on a single one, or if there is no network."""
    family = ALL_ADDRESSES.get(listens_on)
    if family is None:
        return None
    # IPv4 first: a server on :: usually accepts it, too, and it is what schools use.
    for one in (socket.AF_INET, family):
        try:
            with socket.socket(one, socket.SOCK_DGRAM) as probe:
                probe.connect((_ELSEWHERE[one], 9))
                found = str(probe.getsockname()[0])
        except OSError:
            continue
        if not ip_address(found.partition("%")[0]).is_unspecified:
            return found
    return None


def is_loopback(url: str) -> bool:
    """Whether a URL refers to the machine on which it is opened."""
    host = urlsplit(url).hostname or ""
    return is_loopback_host(host) or host.endswith(".localhost")


def is_loopback_host(host: str) -> bool:
    """Whether a host is `localhost` or a loopback address."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
