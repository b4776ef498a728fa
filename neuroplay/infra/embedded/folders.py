"""Folders of a home and its sockets: made with the right owner and mode, checked before use."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from pathlib import Path

from neuroplay.infra.supervision.errors import CannotStart


def make_home(home: Path) -> None:
    """Make `home`, or check that it is ours to write in. An existing folder keeps its mode: it
    may have been there for something else, and what is secret in it is closed on its own."""
    try:
        if not home.is_dir():
            # As root, PostgreSQL's own user walks through it; nobody lists it.
            home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        probe = home / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise not_writable(home, error) from None


def not_writable(folder: Path, error: OSError) -> CannotStart:
    """The reason why a folder cannot be used, in one line."""
    if error.errno == errno.ENOSPC:
        return disk_full(folder)
    why = (error.strerror or str(error)).lower()
    return CannotStart(
        f"the home {folder} is not writable: {why}",
        hint="Set NEUROPLAY_HOME to a folder of yours, or correct its owner and permissions",
    )


def disk_full(folder: Path) -> CannotStart:
    free = shutil.disk_usage(_existing(folder)).free
    return CannotStart(
        f"the disk is full: {free // 1_000_000} MB are free at {folder}",
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


def make_runtime(folder: Path) -> None:
    """Make the folder of the sockets, or check that nobody else made it first.

    It may lie in a folder that everyone writes in: a link or another owner is refused.
    """
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        folder.mkdir(mode=mode, parents=False, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise CannotStart(
            f"the folder {folder} for sockets cannot be made: {(error.strerror or '').lower()}",
            hint=f"Correct the permissions of {folder.parent}",
        ) from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise CannotStart(
            f"the folder {folder} for sockets belongs to another user (uid {found.st_uid})",
            hint="Run as that user, or have it removed",
        )
    _close(folder, mode)


def make_private(folder: Path, *, uid: int, gid: int) -> None:
    """A folder that only `uid` (and root) can enter, made where missing."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != uid:
        os.chown(folder, uid, gid)
    _close(folder, 0o700)


def remove_empty(*places: Path) -> None:
    """Remove folders of sockets that nothing is left in; what others still use stays."""
    for place in places:
        try:
            place.rmdir()
        except OSError:
            continue


def _close(folder: Path, mode: int) -> None:
    if stat.S_IMODE(folder.stat().st_mode) != mode:
        folder.chmod(mode)
