"""The folders of a home and of its sockets: created with the right owner and mode, and checked
before use."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import stat
from contextlib import suppress
from pathlib import Path
from shlex import quote

from neuroplay.disk import nearest_existing, why_full
from neuroplay.home import RUN, elsewhere, fits
from neuroplay.infra import erasures
from neuroplay.infra.embedded import SERVERS
from neuroplay.infra.embedded.accounts import Account
from neuroplay.infra.supervision.errors import CannotStart
from neuroplay.infra.supervision.lock import LOCK
from neuroplay.users import user_name

SECRET, OPS_TOKEN = "secret", "ops.token"
LEDGER = erasures.NAME

PARTS = ("logs", *SERVERS, "state", "run")
"""The folders of a home, all owned by its account. A home also contains the lock, the secret and
`programs`, which exists only if root serves it."""


def make_home(home: Path) -> None:
    """Create `home`, or check that it is writable. Raises CannotStart.

    An existing folder keeps its mode: it may have another purpose, and secret files have their own
    modes.
    """
    try:
        if not home.is_dir():
            # If root serves, the account must be able to enter the folder, but not to list it.
            home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
            if os.geteuid() == 0:
                home.chmod(0o711)  # regardless of the umask
        probe = home / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise not_writable(home, error) from None


def check_owner(home: Path) -> None:
    """Raise CannotStart if `home` is another user's: our files in it would lock that user out.
    Changes nothing."""
    uid = os.geteuid()
    try:
        owner = home.stat().st_uid
    except OSError:
        return  # make_home creates it, or reports the error
    if owner not in (uid, 0):
        raise served_by_another(home, owner)
    if uid == 0:
        _check_not_shared(home)
        return
    for part in (home / name for name in (LOCK, SECRET, OPS_TOKEN, LEDGER, *PARTS)):
        if (found := _owner(part)) not in (uid, None):
            if owner == 0:
                raise served_by_another(home, 0)
            raise CannotStart(
                f"{part} belongs to {user_name(int(found or 0))}, not to {user_name(uid)}, because "
                "another user served this home",
                hint=f"Run: sudo chown -R {user_name(uid)} {quote(str(home))}",
            )


def _check_not_shared(home: Path) -> None:
    """Raise CannotStart if other users could put a link into the home: root would follow it."""
    found = home.stat()
    if found.st_mode & stat.S_IWOTH or (found.st_mode & stat.S_IWGRP and found.st_gid != 0):
        raise CannotStart(
            f"other users may write in the home {home}, so root must not serve it",
            hint=f"Run: chmod go-w {quote(str(home))}, or set NEUROPLAY_HOME to a folder of its "
            "own",
        )


def served_by_another(home: Path, owner: int) -> CannotStart:
    """The error for a home of another user, with the command that works."""
    name = user_name(owner)
    sudo = "sudo" if owner == 0 else f"sudo -u '{name}'" if name[0] == "#" else f"sudo -u {name}"
    return CannotStart(
        f"the home {home} is served by {name}, and you are {user_name(os.geteuid())}",
        hint=f"Run: {sudo} env NEUROPLAY_HOME={quote(str(home))} neuroplay serve, or set "
        "NEUROPLAY_HOME to a folder of yours",
    )


def _owner(place: Path) -> int | None:
    try:
        return place.lstat().st_uid
    except OSError:
        return None


def owner_of(home: Path) -> Account:
    """The account that owns the parts of `home`: its owner's, or if root serves it, the one that
    NeuroPlay runs as."""
    found = home.stat()
    if found.st_uid == 0:
        for part in (home / "postgres" / "data", home / "redis", home / "logs"):
            with suppress(OSError):
                found = part.stat()
                break
    return Account(uid=found.st_uid, gid=found.st_gid, other=found.st_uid != os.geteuid())


def foreign_files(home: Path, account: Account) -> list[Path]:
    """The files in `home` with an owner other than `account`. If root serves the home, root may own
    files too."""
    expected = {None, account.uid} | ({0} if _owner(home) == 0 else set())
    found = []
    for part in (home / name for name in (LOCK, SECRET, OPS_TOKEN, LEDGER, *PARTS)):
        inside = [
            Path(where, entry)
            for where, below, files in os.walk(part)
            for entry in (*below, *files)
        ]
        found += [place for place in (part, *inside) if _owner(place) not in expected]
    return found


def give_parts_to(account: Account, home: Path) -> None:
    """As root: create the parts of `home`, and make `account` the owner of root's files in them,
    which an older release left there. Raises CannotStart.

    The account can create any file in these folders, so links are not followed, and files with
    several hard links are left unchanged.
    """
    try:
        for name in PARTS[:-1]:  # without `run`: see place_runtime
            part = (home / name).resolve()
            part.mkdir(mode=0o700, exist_ok=True)
            for _, _, files, inside in os.fwalk(part):
                for entry in (".", *files):
                    _give(account, entry, inside)
        erasures.make_room(home / LEDGER)
        for name in (SECRET, OPS_TOKEN, LEDGER):
            give(account, home / name)
    except OSError as error:
        raise CannotStart(
            f"the owner of {home} cannot be changed to {account.name}: "
            f"{(error.strerror or str(error)).lower()}",
            hint="Start NeuroPlay as a user other than root, or set NEUROPLAY_HOME",
        ) from None


def give(account: Account, file: Path) -> None:
    """As root: make `account` the owner of a file of root's; no effect if it does not exist."""
    inside = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _give(account, file.name, inside)
    finally:
        os.close(inside)


def _give(account: Account, entry: str, inside: int) -> None:
    with suppress(FileNotFoundError):
        if os.stat(entry, dir_fd=inside, follow_symlinks=False).st_uid != 0:
            return
        try:
            held = os.open(entry, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=inside)
        except OSError:
            return  # a link, or a socket left by a killed run
        try:
            found = os.fstat(held)
            if stat.S_ISDIR(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_nlink == 1):
                os.fchown(held, account.uid, account.gid)
        finally:
            os.close(held)


def not_writable(folder: Path, error: OSError) -> CannotStart:
    """The error for a folder in which writing failed with `error`."""
    if error.errno == errno.ENOSPC:
        return disk_full(folder)
    why = (error.strerror or str(error)).lower()
    return CannotStart(
        f"the home {folder} is not writable: {why}",
        hint="Set NEUROPLAY_HOME to a folder that you own, or correct its owner and permissions",
    )


def check_disk(folder: Path) -> None:
    """Raise CannotStart if the disk is full."""
    if why_full(folder):
        raise disk_full(folder)


def disk_full(folder: Path) -> CannotStart:
    free = shutil.disk_usage(nearest_existing(folder)).free
    return CannotStart(
        why_full(folder) or f"the disk is full: {free // 1_000_000} MB are free at {folder}",
        hint="Free some space, or set NEUROPLAY_HOME to a folder on another disk",
    )


def need_space(
    folder: Path,
    needed_bytes: int,
    *,
    hint: str = "Free some space, or set NEUROPLAY_HOME to a folder on another disk",
) -> None:
    """Raise CannotStart if the disk of `folder` has less than `needed_bytes` free."""
    free = shutil.disk_usage(nearest_existing(folder)).free
    if free < needed_bytes:
        raise CannotStart(
            f"the disk is almost full: {free // 1_000_000} MB are free at {folder}, "
            f"{needed_bytes // 1_000_000} MB are needed",
            hint=hint,
        )


def make_runtime(folder: Path, account: Account) -> None:
    """Create the folder of the sockets for `account`. Raises CannotStart.

    All users may be able to write in its parent, so a link or a folder of another owner is
    rejected.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise CannotStart(
            f"the folder {folder} for sockets cannot be created: {(error.strerror or '').lower()}",
            hint=f"Correct the permissions of {folder.parent}",
        ) from None
    try:
        owner = os.fstat(held).st_uid
        if owner not in (os.geteuid(), account.uid):
            raise CannotStart(
                f"the folder {folder} for sockets belongs to another user (uid {owner})",
                hint="Run as that user, or delete the folder",
            )
        _own(held, account)
    finally:
        os.close(held)


def place_runtime(home: Path, account: Account) -> Path:
    """Create the folder of the sockets of `home`: in the home, or elsewhere if its path is too long
    or its file system has no sockets. A link in the home, which `neuroplay.home.runtime_dir` reads,
    then points to it. Raises CannotStart."""
    inside = home.resolve() / RUN
    if inside.is_symlink():
        inside.unlink()
    if fits(inside):
        make_runtime(inside, account)
        if _takes_sockets(inside):
            return inside
    outside = elsewhere(home)
    make_runtime(outside, account)
    with suppress(OSError):  # without links, only homes with long paths find it
        shutil.rmtree(inside, ignore_errors=True)
        inside.symlink_to(outside)
    return outside


def _takes_sockets(folder: Path) -> bool:
    probe = folder / ".socket"
    with socket.socket(socket.AF_UNIX) as tried:
        try:
            probe.unlink(missing_ok=True)
            tried.bind(str(probe))
            probe.unlink()
        except OSError as error:
            return error.errno not in (errno.EOPNOTSUPP, errno.EPERM, errno.EINVAL)
    return True


def make_private(folder: Path, account: Account) -> None:
    """Create a folder, or change an existing one, so that only `account` and root can enter it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    nofollow = os.O_NOFOLLOW if os.geteuid() == 0 else 0
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | nofollow)
    try:
        _own(held, account)
    finally:
        os.close(held)


def _own(folder: int, account: Account) -> None:
    found = os.fstat(folder)
    if found.st_uid != account.uid:
        os.fchown(folder, account.uid, account.gid)
    if stat.S_IMODE(found.st_mode) != 0o700:
        os.fchmod(folder, 0o700)
