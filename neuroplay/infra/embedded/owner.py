"""Who the embedded PostgreSQL runs as: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from neuroplay.core.errors import SettingsError

ACCOUNT = "neuroplay"


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """A user and group id; `me` where that is the user who runs this program."""

    uid: int
    gid: int
    me: bool

    def own(self, *paths: Path) -> None:
        """Give the paths to this owner; nothing where it is us."""
        if not self.me:
            for path in paths:
                os.chown(path, self.uid, self.gid)

    def popen_options(self) -> dict[str, object]:
        """Keyword arguments for subprocess that run a program as this owner."""
        if self.me:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def database_owner() -> Owner:
    """Ourselves; as root the system account `neuroplay`, made where it is missing, or `nobody`."""
    if os.geteuid() != 0:
        return Owner(uid=os.geteuid(), gid=os.getegid(), me=True)
    for name in (ACCOUNT, "nobody"):
        found = _account(name) or (name == ACCOUNT and _make_account()) or None
        if found:
            return Owner(uid=found.pw_uid, gid=found.pw_gid, me=False)
    raise SettingsError(
        "PostgreSQL refuses to run as root, and no other account could be made",
        code="no_account",
        hint="run `useradd --system neuroplay`, or start NeuroPlay as an ordinary user",
    )


def _account(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _make_account() -> pwd.struct_passwd | None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin")
    if useradd is None:
        return None
    nologin = "/usr/sbin/nologin" if Path("/usr/sbin/nologin").exists() else "/bin/false"
    subprocess.run(
        [useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent",
         "--shell", nologin, "--user-group", ACCOUNT],
        capture_output=True, check=False,
    )
    return _account(ACCOUNT)
