"""The operator, as recorded in the audit."""

from __future__ import annotations

import os


def operator() -> str:
    """The user name of the person at the command line; under sudo, the one who called it."""
    behind = os.environ.get("SUDO_USER")
    if behind and os.geteuid() == 0:
        return behind
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
