"""What becomes of Valkey's file that Valkey cannot read: it is set aside, and kept.

A power cut leaves a torn end, a disk an empty or a wrong file. Redis holds no truth (ADR 12), so
that nothing which children did hangs on it, and NeuroPlay goes on with an empty one.
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
"""How many of them are kept, the newest."""

NOT_BY_DAMAGE = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)


def may_be_damaged(status: int) -> bool:
    """Whether a Valkey that ended so, soon after its start, may have met a file that it cannot
    read; `status` is what waitpid gave."""
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status) not in NOT_BY_DAMAGE
    return os.WEXITSTATUS(status) != 0


def rescue(data: Path, status: int) -> str:
    """After such an end: what was done so that the next start may go better, '' where nothing
    was."""
    moved = set_aside(data) if may_be_damaged(status) else None
    return f"redis did not start: its file may be damaged, and is kept as {moved}" * bool(moved)


def set_aside(data: Path) -> Path | None:
    """Move the append-only file in the folder `data` away; returns where it is now, None where
    there was none, or none that could be moved."""
    target = data / f"{ASIDE}{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    try:
        (data / FOLDER).rename(target)
    except OSError:
        return None
    for older in aside(data)[:-KEPT]:
        shutil.rmtree(older, ignore_errors=True)
    return target


def aside(data: Path) -> list[Path]:
    """What was set aside, oldest first."""
    return sorted(data.glob(f"{ASIDE}*"))
