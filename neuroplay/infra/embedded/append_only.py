"""An append-only file that Valkey cannot read is set aside and kept.

A power failure or a disk fault can leave it truncated, empty or corrupt. Redis contains nothing
that must not be lost (ADR 12), so NeuroPlay continues with an empty file.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path

FOLDER = "appendonlydir"
ASIDE = "damaged-"

KEPT = 3
"""How many files are kept; older ones are deleted."""

NOT_BY_DAMAGE = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)


def may_be_damaged(status: int) -> bool:
    """Whether a damaged file may be why Valkey ended soon after its start; `status` is its wait
    status."""
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status) not in NOT_BY_DAMAGE
    return os.WEXITSTATUS(status) != 0


def rescue(data: Path, status: int) -> str:
    """Set a file aside that may be damaged; returns a message about it, '' if nothing was done."""
    moved = set_aside(data) if may_be_damaged(status) else None
    if moved is None:
        return ""
    return f"redis did not start; its data file may be damaged and was moved to {moved}"


def set_aside(data: Path) -> Path | None:
    """Rename the append-only file in the folder `data`; returns its new path, or None if there was
    none or it could not be renamed."""
    target = data / f"{ASIDE}{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    try:
        (data / FOLDER).rename(target)
    except OSError:
        return None
    for older in aside(data)[:-KEPT]:
        shutil.rmtree(older, ignore_errors=True)
    return target


def aside(data: Path) -> list[Path]:
    """The files that were set aside, oldest first."""
    return sorted(data.glob(f"{ASIDE}*"))
