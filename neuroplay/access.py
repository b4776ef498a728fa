"""Access to operators' figures, by a token.

The token is NEUROPLAY_OPS_TOKEN, or else the one that `serve` created in the home, which commands
of the same user read. The address of a request is no reason to trust it: behind a proxy that adds
no header, every request seems to come from this machine.
"""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neuroplay.config import Settings

OWN = "ops.token"
"""The file in the home that contains the token created by `serve`."""


def operators_token(settings: Settings) -> str:
    """The token; empty if there is none. Raises OSError."""
    return settings.ops_token or own_token(settings.home)


def own_token(home: Path) -> str:
    """The token that `serve` created in `home`; empty if there is none. Raises OSError."""
    try:
        return (home / OWN).read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return ""


def may_see(authorization: str | None, token: str) -> bool:
    """Whether an Authorization header contains `token`. An empty `token` allows all requests."""
    if not token:
        return True
    scheme, _, given = (authorization or "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(
        given.strip().encode(), token.encode()
    )
