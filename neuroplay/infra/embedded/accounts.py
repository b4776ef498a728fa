"""Whose processes the embedded PostgreSQL's are: it refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from neuroplay.infra.supervision.errors import CannotStart

ACCOUNT = "neuroplay"
UNPRIVILEGED = ("nobody",)


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """A user to run as; `other` says that it is not the one that runs now."""

    uid: int
    gid: int
    other: bool

    def may_enter(self, folder: Path) -> bool:
        """Whether this user can reach into `folder`, judged by mode bits from the root down."""
        return all(self._passes(place) for place in (folder, *folder.parents))

    def _passes(self, folder: Path) -> bool:
        try:
            found = folder.stat()
        except FileNotFoundError:
            return True  # to be made, by us
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid == self.gid:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)


def postgres_account(data: Path) -> Account:
    """The user that PostgreSQL runs as: this one, or as root the owner of `data`, or else the
    system user `neuroplay`, which is made where it is missing, or else `nobody`."""
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid(), other=False)
    if data.is_dir() and (owner := data.stat()).st_uid != 0:
        return Account(uid=owner.st_uid, gid=owner.st_gid, other=True)
    _make_system_user()
    for name in (ACCOUNT, *UNPRIVILEGED):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        if user.pw_uid != 0:
            return Account(uid=user.pw_uid, gid=user.pw_gid, other=True)
    raise CannotStart(
        "PostgreSQL does not run as root, and there is no other user to run it",
        hint=f"Make one: useradd --system --no-create-home {ACCOUNT}",
    )


def _make_system_user() -> None:
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        pass
    else:
        return
    nologin = shutil.which("nologin", path="/usr/sbin:/sbin:/usr/bin") or "/bin/false"
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return
    subprocess.run(
        [
            useradd,
            "--system",
            "--user-group",
            "--no-create-home",
            "--home-dir",
            "/nonexistent",
            "--shell",
            nologin,
            ACCOUNT,
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=30,
    )
