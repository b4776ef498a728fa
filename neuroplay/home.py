"""Where NeuroPlay's data and sockets are. Kept apart from the settings, which take longer to
import than `neuroplay status` may take to answer."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

ROOT_HOME = Path("/var/lib/neuroplay")


def default_home() -> Path:
    """Where data lives when NEUROPLAY_HOME is unset. Raises SettingsError."""
    if os.geteuid() == 0:
        return ROOT_HOME
    from platformdirs import user_data_path

    try:
        return user_data_path("neuroplay")
    except RuntimeError:
        from neuroplay.core.errors import SettingsError

        raise SettingsError(
            f"the user with uid {os.geteuid()} has no home folder: HOME is "
            f"{os.environ.get('HOME') or 'unset'}, and the system does not know the user",
            hint="Set NEUROPLAY_HOME to a folder for NeuroPlay's data",
        ) from None


RUN = "run"
"""In a home: the folder of its sockets, or a link to where that is."""

LONGEST_SOCKET_PATH = 107
LONGEST_NAME = len("/control.sock.4194304")
"""As the supervisor binds its socket before it moves it into place."""


def runtime_dir(home: Path) -> Path:
    """The folder for the unix sockets of this home, the same for every user that asks.

    It lies in the home: cleaners of /tmp do not come there, and it outlives a login session. A
    socket's path ends at 107 bytes, and stands in URLs: where the home's is too long or too odd
    for that, or its file system takes no sockets, `serve` puts the folder elsewhere and leaves a
    link to it.
    """
    inside = home.resolve() / RUN
    try:
        return Path(os.readlink(inside))
    except OSError:
        return inside if fits(inside) else elsewhere(home)


def fits(folder: Path) -> bool:
    """Whether a socket's path in `folder` is short enough, and can stand in a URL as it is."""
    short = len(os.fsencode(folder)) + LONGEST_NAME <= LONGEST_SOCKET_PATH
    return short and re.fullmatch(r"[\w./+@-]+", str(folder), re.ASCII) is not None


def elsewhere(home: Path) -> Path:
    """A short folder that no cleaner visits, for a home that cannot hold sockets itself."""
    import socket

    here = f"{socket.gethostname()}:{home.resolve()}"  # a user's own folder may be on many machines
    mark = hashlib.sha256(os.fsencode(here)).hexdigest()[:10]
    if os.geteuid() == 0:
        return Path("/run") / f"neuroplay-{mark}"
    folder = _state_folder()
    if folder is not None and fits(folder / mark):
        return folder / mark
    # The folder is made 0700, its owner is checked before use, and the supervisor keeps it young.
    return Path("/tmp") / f"neuroplay-{os.geteuid()}-{mark}"  # noqa: S108


def _state_folder() -> Path | None:
    """Where this user's programs keep what outlives a session, None where the user has no home;
    by the system's list, since HOME may differ from one command to the next."""
    import pwd

    try:
        own = Path(pwd.getpwuid(os.geteuid()).pw_dir)
        ours = own.is_dir() and own.stat().st_uid == os.geteuid() and os.access(own, os.W_OK)
    except (KeyError, OSError):
        return None
    return own / ".local" / "state" / "neuroplay" if ours and own != Path("/") else None


def control_socket(runtime: Path) -> Path:
    """Where the supervisor of a runtime folder answers."""
    return runtime / "control.sock"
