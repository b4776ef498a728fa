"""Who may see figures: who shows the operator's token.

It is NEUROPLAY_OPS_TOKEN, or else the one that `serve` made in its home: commands of the same user
read it there, and Prometheus can. Behind a proxy that says nothing of itself every request seems to
come from this very machine, so that where a request comes from is no reason to trust it.
"""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neuroplay.config import Settings

OWN = "ops.token"
"""File in the home."""


def operators_token(settings: Settings) -> str:
    """Empty where there is none: no `serve` made one. Raises OSError where it cannot be read."""
    return settings.ops_token or own_token(settings.home)


def own_token(home: Path) -> str:
    """The token that `serve` made in a home, or nothing. Raises OSError."""
    try:
        return (home / OWN).read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return ""


def may_see(authorization: str | None, token: str) -> bool:
    """Whether an Authorization header shows `token`; everybody may see where there is none."""
    if not token:
        return True
    scheme, _, shown = (authorization or "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(
        shown.strip().encode(), token.encode()
    )
