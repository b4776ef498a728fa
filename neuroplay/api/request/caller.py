"""The current request's container, principal and client address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from neuroplay.api.request.call import Network, current
from neuroplay.core.entities.principal import SomePrincipal
from neuroplay.core.errors import Refused

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container


def container() -> Container:
    """The container of the application that answers the current request."""
    return current().container


def signed_in(role: type[SomePrincipal]) -> SomePrincipal:
    """The principal of the request's bearer token, which must be of `role`; `Principal` is any.
    Raises Refused with `unauthorized`, `token_revoked` or `student_erased`."""
    scheme, _, token = current().header("AUTHORIZATION").partition(" ")
    if scheme.lower() != "bearer":
        raise Refused("Sign in first: the request has no token.", code="unauthorized")
    principal = container().authenticate.execute(token.strip())
    if not isinstance(principal, role):
        # As without a token, since the only way on is the same: to sign in.
        raise Refused(
            f"Sign in as a {role.kind}: the token is of another role.", code="unauthorized"
        )
    return principal


def caller_address() -> str:
    """The nearest address that is not a trusted proxy. Only for logs about attacks."""
    call = current()
    return nearest_untrusted([*call.header("X_FORWARDED_FOR").split(","), call.peer], call.proxies)


def nearest_untrusted(hops: Iterable[str], trusted: Sequence[Network]) -> str:
    """The last of `hops` that is not `trusted`; hops before it could be forged. If all are trusted,
    the first; `unknown` if there is no valid address."""
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
    """Parse addresses or networks (10.0.0.0/8), which the settings have validated."""
    return [ip_network(name, strict=False) for name in names]
