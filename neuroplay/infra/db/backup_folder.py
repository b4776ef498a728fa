"""A folder of backups that are named after their time, so that the oldest can be removed."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from neuroplay.infra.db.backup import checksum_file
from neuroplay.whole_files import sync_folder

_NAME = re.compile(r"neuroplay-\d{4}-\d{2}-\d{2}T\d{6}Z\.dump(\.age)?")


def new_in(folder: Path, now: datetime, *, sealed: bool) -> Path:
    """The file for a backup that begins `now` (UTC)."""
    return folder / f"neuroplay-{now:%Y-%m-%dT%H%M%SZ}.dump{'.age' if sealed else ''}"


def backups_in(folder: Path) -> list[Path]:
    """The files that are named as by `new_in`, oldest first. Raises OSError."""
    return sorted(one for one in folder.iterdir() if _NAME.fullmatch(one.name) and one.is_file())


def remove_old(written: Path, *, keep: int) -> list[Path]:
    """Remove all but `keep` of the backups in the folder of `written`, oldest first, with their
    checksums. Returns the removed files. Raises OSError.

    `written` stays even if the clock was set back and its name is therefore the oldest.
    """
    others = [one for one in backups_in(written.parent) if one != written]
    old = others[: max(len(others) - (keep - 1), 0)]
    for one in old:
        one.unlink(missing_ok=True)
        checksum_file(one).unlink(missing_ok=True)
    sync_folder(written.parent)
    return old
