"""Who gives the command: what the audit says."""

from __future__ import annotations

import os


def operator() -> str:
    """The name of the person's account; behind sudo the one who used it."""
    behind = os.environ.get("SUDO_USER")
    if behind and os.geteuid() == 0:
        return behind
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
