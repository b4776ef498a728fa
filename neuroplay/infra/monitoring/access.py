"""Who may see figures."""

from __future__ import annotations

import hmac


def may_see(authorization: str | None, token: str) -> bool:
    """Whether an Authorization header shows `token`; everybody may see where there is none."""
    if not token:
        return True
    scheme, _, shown = (authorization or "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(
        shown.strip().encode(), token.encode()
    )
