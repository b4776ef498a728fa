"""The folders of NeuroPlay's data and sockets. Separate from the settings, whose import would be
too slow for `neuroplay status`."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

ROOT_HOME = Path("/var/lib/neuroplay")


def default_home() -> Path:
    """The data folder if NEUROPLAY_HOME is unset. Raises SettingsError."""
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
"""Name in a home: the folder of its sockets, or a link to it."""

LONGEST_SOCKET_PATH = 107
LONGEST_NAME = len("/control.sock.4194304")
"""The supervisor's socket before it is renamed; the number is the highest pid."""


def runtime_dir(home: Path) -> Path:
    """The folder for the Unix sockets of this home, the same for every user.

    It is in the home, where it survives cleaners of /tmp and the end of a login session. A socket's
    path has at most 107 bytes and is part of URLs. If the home's path is unsuitable, or its file
    system does not support sockets, `serve` creates the folder elsewhere and links to it.
    """
    inside = home.resolve() / RUN
    try:
        return Path(os.readlink(inside))
    except OSError:
        return inside if fits(inside) else elsewhere(home)


def fits(folder: Path) -> bool:
    """Whether a socket's path in `folder` is short enough, and needs no escaping in a URL."""
    short = len(os.fsencode(folder)) + LONGEST_NAME <= LONGEST_SOCKET_PATH
    return short and re.fullmatch(r"[\w./+@-]+", str(folder), re.ASCII) is not None


def elsewhere(home: Path) -> Path:
    """A folder with a short path, for a home that cannot contain sockets itself."""
    import socket

    here = f"{socket.gethostname()}:{home.resolve()}"  # machines may share a user's home folder
    mark = hashlib.sha256(os.fsencode(here)).hexdigest()[:10]
    if os.geteuid() == 0:
        return Path("/run") / f"neuroplay-{mark}"
    folder = _state_folder()
    if folder is not None and fits(folder / mark):
        return folder / mark
    # The folder has mode 0700, its owner is checked before use, and the supervisor touches it so
    # that cleaners of /tmp keep it.
    return Path("/tmp") / f"neuroplay-{os.geteuid()}-{mark}"  # noqa: S108


def _state_folder() -> Path | None:
    """This user's folder for persistent state; None without a home folder of their own. Looked up
    in the user database, since HOME may differ between commands."""
    import pwd

    try:
        own = Path(pwd.getpwuid(os.geteuid()).pw_dir)
        ours = own.is_dir() and own.stat().st_uid == os.geteuid() and os.access(own, os.W_OK)
    except (KeyError, OSError):
        return None
    return own / ".local" / "state" / "neuroplay" if ours and own != Path("/") else None


def control_socket(runtime: Path) -> Path:
    """The path of the supervisor's socket."""
    return runtime / "control.sock"
