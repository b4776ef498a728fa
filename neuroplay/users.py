"""Users of this machine by name."""

from __future__ import annotations

import pwd


def user_name(uid: int) -> str:
    """The name of a user, or `#UID` for one that has none, as sudo takes it."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"
