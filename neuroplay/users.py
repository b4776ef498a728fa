"""Names of the machine's users."""

from __future__ import annotations

import pwd


def user_name(uid: int) -> str:
    """The name of a user; `#UID`, which sudo accepts, if there is none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"
