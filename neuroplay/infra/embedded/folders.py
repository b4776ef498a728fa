"""Folders of a home and its sockets: made with the right owner and mode, checked before use."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import stat
from contextlib import suppress
from pathlib import Path
from shlex import quote

from neuroplay.disk import why_full
from neuroplay.home import RUN, elsewhere, fits
from neuroplay.infra.embedded import SERVERS
from neuroplay.infra.embedded.accounts import Account
from neuroplay.infra.supervision.errors import CannotStart
from neuroplay.users import user_name

LOCK, SECRET, OPS_TOKEN = "serve.lock", "secret", "ops.token"

PARTS = ("logs", *SERVERS, "state", "run")
"""The folders of a home that its account owns; beside them are the lock, the secret and, where
root serves, `programs`."""


def make_home(home: Path) -> None:
    """Make `home`, or check that it is ours to write in. An existing folder keeps its mode: it
    may have been there for something else, and what is secret in it is closed on its own."""
    try:
        if not home.is_dir():
            # As root, the account walks through it; nobody lists it.
            home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
            if os.geteuid() == 0:
                home.chmod(0o711)  # whatever the umask
        probe = home / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise not_writable(home, error) from None


def check_owner(home: Path) -> None:
    """Raise CannotStart where `home` is another user's: files of ours among theirs would lock them
    out. Nothing is changed."""
    us = os.geteuid()
    try:
        owner = home.stat().st_uid
    except OSError:
        return  # to be made, or to be told by make_home
    if owner not in (us, 0):
        raise another_users(home, owner)
    if us == 0:
        _check_alone(home)
        return
    for part in (home, *(home / name for name in (LOCK, SECRET, OPS_TOKEN, *PARTS))):
        if part != home and (found := _owner(part)) not in (us, None):
            if owner == 0:
                raise another_users(home, 0)
            raise CannotStart(
                f"{part} belongs to {user_name(int(found or 0))}, not to {user_name(us)}: another "
                "user served this home",
                hint=f"Give it back: sudo chown -R {user_name(us)} {quote(str(home))}",
            )


def _check_alone(home: Path) -> None:
    """Raise CannotStart where others may put a link into the home, which root would follow."""
    found = home.stat()
    if found.st_mode & stat.S_IWOTH or (found.st_mode & stat.S_IWGRP and found.st_gid != 0):
        raise CannotStart(
            f"other users may write in the home {home}, and root serves no such home",
            hint=f"Run: chmod go-w {quote(str(home))}, or set NEUROPLAY_HOME to a folder of its "
            "own",
        )


def another_users(home: Path, owner: int) -> CannotStart:
    """What to type instead."""
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
    """Whose the things in `home` are: its owner's, or where root serves the account's."""
    found = home.stat()
    if found.st_uid == 0:
        for part in (home / "postgres" / "data", home / "redis", home / "logs"):
            with suppress(OSError):
                found = part.stat()
                break
    return Account(uid=found.st_uid, gid=found.st_gid, other=found.st_uid != os.geteuid())


def strangers(home: Path, account: Account) -> list[Path]:
    """What in `home` belongs to somebody else than `account`, where root serves or root; the lock
    and the programs there are root's."""
    fine = {None, account.uid} | ({0} if _owner(home) == 0 else set())
    found = []
    for part in (home / name for name in (LOCK, SECRET, OPS_TOKEN, *PARTS)):
        inside = [
            Path(where, entry)
            for where, below, files in os.walk(part)
            for entry in (*below, *files)
        ]
        found += [place for place in (part, *inside) if _owner(place) not in fine]
    return found


def give_parts_to(account: Account, home: Path) -> None:
    """As root: make the parts of `home` and have `account` own all that is in them; an older
    release left some of it to root.

    Whoever may write in there may have put anything there: links are not followed, and what has
    a second name elsewhere stays as it is.
    """
    try:
        for name in PARTS[:-1]:  # the folder of sockets may lie elsewhere: see place_runtime
            part = (home / name).resolve()
            part.mkdir(mode=0o700, exist_ok=True)
            for _, _, files, inside in os.fwalk(part):
                for entry in (".", *files):
                    _give(account, entry, inside)
        for name in (SECRET, OPS_TOKEN):
            give(account, home / name)
    except OSError as error:
        raise CannotStart(
            f"{home} cannot be given to the user {account.name}: "
            f"{(error.strerror or str(error)).lower()}",
            hint="Start NeuroPlay as another user than root, or set NEUROPLAY_HOME",
        ) from None


def give(account: Account, file: Path) -> None:
    """As root: have `account` own a file that root made, in a folder of root's; nothing where it
    is missing."""
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
            return  # a link, or a socket of a run that was killed
        try:
            found = os.fstat(held)
            if stat.S_ISDIR(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_nlink == 1):
                os.fchown(held, account.uid, account.gid)
        finally:
            os.close(held)


def not_writable(folder: Path, error: OSError) -> CannotStart:
    """The reason why a folder cannot be used, in one line."""
    if error.errno == errno.ENOSPC:
        return disk_full(folder)
    why = (error.strerror or str(error)).lower()
    return CannotStart(
        f"the home {folder} is not writable: {why}",
        hint="Set NEUROPLAY_HOME to a folder that you own, or correct its owner and permissions",
    )


def check_disk(folder: Path) -> None:
    """Raise CannotStart where the disk is full."""
    if why_full(folder):
        raise disk_full(folder)


def disk_full(folder: Path) -> CannotStart:
    free = shutil.disk_usage(_existing(folder)).free
    return CannotStart(
        why_full(folder) or f"the disk is full: {free // 1_000_000} MB are free at {folder}",
        hint="Free some space, or set NEUROPLAY_HOME to a folder on another disk",
    )


def need_space(folder: Path, needed_bytes: int) -> None:
    """Raise CannotStart where less than `needed_bytes` can be written in `folder`."""
    free = shutil.disk_usage(_existing(folder)).free
    if free < needed_bytes:
        raise CannotStart(
            f"the disk is almost full: {free // 1_000_000} MB are free at {folder}, "
            f"{needed_bytes // 1_000_000} MB are needed",
            hint="Free some space, or set NEUROPLAY_HOME to a folder on another disk",
        )


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())


def make_runtime(folder: Path, account: Account) -> None:
    """Make the folder of the sockets, or check that nobody else made it first.

    It may lie in a folder that everyone writes in: a link or another owner is refused.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise CannotStart(
            f"the folder {folder} for sockets cannot be made: {(error.strerror or '').lower()}",
            hint=f"Correct the permissions of {folder.parent}",
        ) from None
    try:
        owner = os.fstat(held).st_uid
        if owner not in (os.geteuid(), account.uid):
            raise CannotStart(
                f"the folder {folder} for sockets belongs to another user (uid {owner})",
                hint="Run as that user, or have it removed",
            )
        _own(held, account)
    finally:
        os.close(held)


def place_runtime(home: Path, account: Account) -> Path:
    """Make the folder of the sockets of `home` where sockets can be, and leave the link to it that
    `neuroplay.home.runtime_dir` reads. Raises CannotStart."""
    inside = home.resolve() / RUN
    if inside.is_symlink():
        inside.unlink()
    if fits(inside):
        make_runtime(inside, account)
        if _takes_sockets(inside):
            return inside
    outside = elsewhere(home)
    make_runtime(outside, account)
    with suppress(OSError):  # a file system without links: found by its length alone
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
    """A folder that only `account` (and root) can enter, made where missing."""
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
