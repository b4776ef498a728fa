"""Where NeuroPlay's data and sockets are. Kept apart from the settings, which take longer to
import than `neuroplay status` may take to answer."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

ROOT_HOME = Path("/var/lib/neuroplay")


def default_home() -> Path:
    """Where data lives when NEUROPLAY_HOME is unset."""
    if os.geteuid() == 0:
        return ROOT_HOME
    from platformdirs import user_data_path

    return user_data_path("neuroplay")


def runtime_dir(home: Path) -> Path:
    """A short folder for the unix sockets of this home (a socket path ends at 107 bytes).

    The same home always gives the same folder, so that every command finds the servers: it does
    not hang on XDG_RUNTIME_DIR or TMPDIR, which a login session has and cron has not, and it
    outlives the session.
    """
    mark = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:10]
    if os.geteuid() == 0:
        return Path("/run") / f"neuroplay-{mark}"
    # The folder is made 0700, and its owner is checked before use.
    return Path("/tmp") / f"neuroplay-{os.geteuid()}-{mark}"  # noqa: S108


def control_socket(runtime: Path) -> Path:
    """Where the supervisor of a runtime folder speaks XML-RPC."""
    return runtime / "control.sock"
