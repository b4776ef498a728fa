"""Reads `.env`, if only this user and root can write it.

The file sets databases, secrets and folders, so whoever writes it controls what a command does.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neuroplay.core.errors import SettingsError

NAME = ".env"
LONGEST_BYTES = 1 << 20

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_env_file() -> dict[str, str]:
    """The variables of `.env` in the current folder. Raises SettingsError."""
    path = find_env_file()
    if path is None:
        return {}
    from dotenv import dotenv_values

    found = dotenv_values(path, encoding="utf-8-sig")
    return {name.upper(): value for name, value in found.items() if value is not None}


def find_env_file() -> Path | None:
    """The path of `.env` in the current folder; None if there is none. Raises SettingsError if
    other users own it or can write it, or if it is not UTF-8 text."""
    try:
        path = Path.cwd() / NAME
        if not path.is_file():
            return None
        _check_places(path)
        _check_text(path)
    except FileNotFoundError:  # the current folder was deleted
        return None
    except PermissionError as error:
        raise _refused(
            Path(error.filename or NAME), "cannot be read by this user", f"Run: chmod u+r {NAME}"
        ) from None
    return path


def _check_places(path: Path) -> None:
    """Check the file, links to it, and all folders above: their owners can change what is read."""
    for place in dict.fromkeys((path, path.resolve())):
        for part in (place, *place.parents):
            _check(part)


def _check(part: Path) -> None:
    from neuroplay.users import user_name

    found = part.lstat()
    if found.st_uid not in (os.geteuid(), 0):
        owner = user_name(found.st_uid)
        raise _refused(
            part,
            f"belongs to {owner}, so its settings cannot be trusted",
            "Run the command from another folder, or set the variables in the environment",
        )
    if stat.S_ISLNK(found.st_mode):
        return
    others = bool(found.st_mode & stat.S_IWOTH)
    group = bool(found.st_mode & stat.S_IWGRP)
    if stat.S_ISDIR(found.st_mode):
        sticky = bool(found.st_mode & stat.S_ISVTX)  # other users cannot replace files in it
        writable = not sticky and (others or (group and not _is_private_group(found)))
    else:
        writable = others or group
    if writable:
        raise _refused(part, "can be written by other users", f"Run: chmod go-w {quote(str(part))}")


def _is_private_group(found: os.stat_result) -> bool:
    """Whether the owner is the only member of the group, as with the private groups that many
    systems create for each user."""
    import grp
    import pwd

    try:
        owner, group = pwd.getpwuid(found.st_uid), grp.getgrgid(found.st_gid)
    except KeyError:
        return False
    return (
        found.st_uid != 0
        and owner.pw_gid == group.gr_gid
        and owner.pw_name == group.gr_name
        and set(group.gr_mem) <= {owner.pw_name}
    )


def _check_text(path: Path) -> None:
    with path.open("rb") as file:
        content = file.read(LONGEST_BYTES + 1)
    if len(content) > LONGEST_BYTES:
        raise _refused(path, "is larger than 1 MiB", "Keep only settings in it")
    if content.startswith(_UTF_16):
        raise _refused(path, "is UTF-16, as PowerShell's > writes it", "Save it as UTF-8")
    for number, line in _lines(content):
        try:
            if "\0" in line.decode("utf-8"):
                raise _refused(path, f"has line {number} with a zero byte", "Rewrite that line")
        except UnicodeDecodeError:
            raise _refused(
                path, f"is not UTF-8, see its line {number}", "Save the file as UTF-8"
            ) from None


def _lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    return enumerate(content.split(b"\n"), start=1)


def _refused(part: Path, why: str, fix: str) -> SettingsError:
    from neuroplay.core.errors import SettingsError

    file = Path.cwd() / NAME
    what = f"{file}: its folder {part} {why}" if part.is_dir() else f"{part}, which {why}"
    return SettingsError(f"cannot read settings from {what}", hint=fix)
