"""The user that NeuroPlay's processes run as: the current user, or as root another account."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from neuroplay.infra.supervision import child
from neuroplay.infra.supervision.errors import CannotStart
from neuroplay.users import user_name

ACCOUNT = "neuroplay"
AS_SYSTEM_USER = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """A user to run as; `other` is whether it differs from the current user."""

    uid: int
    gid: int
    other: bool

    @property
    def name(self) -> str:
        return user_name(self.uid)

    def may_enter(self, folder: Path) -> bool:
        """Whether the mode bits of `folder` and its parents let this user enter it."""
        return all(self._passes(place) for place in (folder, *folder.parents))

    def _passes(self, folder: Path) -> bool:
        try:
            found = folder.stat()
        except FileNotFoundError:
            return True  # we are going to create it
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid == self.gid:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)

    def cannot_read(self, places: Iterable[Path]) -> list[Path]:
        """Those of `places` that this user cannot read, or as a folder enter and list. A child
        process tries it as that user, so permissions, groups and access lists all count. Raises
        CannotStart."""
        checked = list(places)
        reader, writer = os.pipe()
        with child.end_signals_blocked():
            pid = os.fork()
            if pid == 0:
                try:
                    child.become(self.uid, self.gid, groups=self.groups)
                    for number, place in enumerate(checked):
                        if not _can_read(place):
                            os.write(writer, f"{number}\n".encode())
                    os.write(writer, b"done")
                finally:
                    os._exit(0)
        os.close(writer)
        with os.fdopen(reader, encoding="ascii") as result:
            *unreadable, last = result.read().split("\n")
        os.waitpid(pid, 0)
        if last != "done":
            raise cannot_become(self)
        return [checked[int(number)] for number in unreadable]

    @property
    def groups(self) -> list[int]:
        """The ids of all groups of this user, from the system's user database."""
        try:
            return os.getgrouplist(pwd.getpwuid(self.uid).pw_name, self.gid)
        except KeyError:
            return [self.gid]

    def become(self, privileges: Iterable[str]) -> None:
        """Change this process to this user for good, keeping `privileges`. Raises CannotStart."""
        try:
            child.become(self.uid, self.gid, groups=self.groups, privileges=tuple(privileges))
        except OSError:
            raise cannot_become(self) from None
        # The user may not enter root's home folder.
        os.environ.update(HOME="/", USER=self.name, LOGNAME=self.name)


def _can_read(place: Path) -> bool:
    wanted = os.R_OK | os.X_OK if os.path.isdir(place) else os.R_OK
    return os.access(place, wanted, effective_ids=True)


def cannot_become(account: Account) -> CannotStart:
    return CannotStart(
        f"NeuroPlay does not run as root, and cannot switch to the user {account.name}",
        hint="Start it as a user other than root (in a container: with --user)",
    )


def service_account(home: Path) -> Account:
    """The user that all programs of `home` run as: the current user; as root the owner of its
    database, else the system user `neuroplay`, which is created if it is missing, else `nobody`.
    Raises CannotStart."""
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid(), other=False)
    for part in (home / "postgres" / "data", home / "redis"):
        if part.is_dir() and (owner := part.stat()).st_uid != 0:
            return Account(uid=owner.st_uid, gid=owner.st_gid, other=True)
    _make_system_user()
    for name in (ACCOUNT, "nobody"):
        user = _user(name)
        if user is not None and user.pw_uid != 0:
            return Account(uid=user.pw_uid, gid=user.pw_gid, other=True)
    raise CannotStart(
        "NeuroPlay does not run as root, and there is no other user to run as",
        hint=f"Create one: useradd --system --no-create-home {ACCOUNT}",
    )


def installation() -> list[Path]:
    """The files and folders that a user must be able to read to run this Python and NeuroPlay."""
    python = Path(sys.executable)
    roots = [python, python.resolve(), Path(sys.base_prefix)]
    for entry in map(Path, sys.path):
        roots.append(entry)
        if entry.is_dir():
            roots += entry.iterdir()
    return [place for place in dict.fromkeys(roots) if place.exists()]


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _make_system_user() -> None:
    if _user(ACCOUNT) is not None:
        return
    nologin = shutil.which("nologin", path="/usr/sbin:/sbin:/usr/bin") or "/bin/false"
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return
    subprocess.run(
        [useradd, *AS_SYSTEM_USER, "--shell", nologin, ACCOUNT],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=30,
    )
