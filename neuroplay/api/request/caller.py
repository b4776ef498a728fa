"""Who asks: the system that answers, the token's principal, and the address behind proxies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from flask import current_app, request

from neuroplay.core.entities.student import Principal
from neuroplay.core.errors import Refused

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container

CONTAINER = "neuroplay"
PROXIES = "neuroplay_proxies"

Network = IPv4Network | IPv6Network


def container() -> Container:
    """The system that the present application serves."""
    system: Container = current_app.extensions[CONTAINER]
    return system


def signed_in() -> Principal:
    """Who the request's bearer token speaks for. Raises Refused: `unauthorized`, `token_revoked`,
    `student_erased`."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Refused("Sign in first: the request has no token.", code="unauthorized")
    return container().authenticate.execute(token.strip())


def caller_address() -> str:
    """For logs about attacks only: the nearest address that is no proxy of ours."""
    networks: Sequence[Network] = current_app.extensions[PROXIES]
    return nearest_stranger(
        [*request.headers.get("X-Forwarded-For", "").split(","), request.remote_addr or ""],
        networks,
    )


def nearest_stranger(hops: Iterable[str], trusted: Sequence[Network]) -> str:
    """The last of `hops` that is not `trusted`; what lies before it could be made up."""
    nearest = "unknown"
    for hop in reversed([hop.strip() for hop in hops]):
        try:
            address = ip_address(hop)
        except ValueError:
            break
        nearest = str(address)
        if not any(address in network for network in trusted):
            break
    return nearest


def read_networks(names: Iterable[str]) -> list[Network]:
    """Addresses or networks (10.0.0.0/8), which the settings have checked."""
    return [ip_network(name, strict=False) for name in names]
