"""Keeping processes: how a child is started, found again, and never left behind."""

from __future__ import annotations

import shutil
from pathlib import Path

READY = b"ready"
"""What the process that brings the system up tells the supervisor at the end."""

NO_ANSWER = "no answer"
"""How the reason begins of a program that runs and is deaf."""

METRICS, LENT = "metrics", "lent"
"""Folders of one run in the runtime folder: what processes count, and copies of files that only
root may read."""

RUN_FILES = (
    "gate",
    "control.sock",
    "redis.sock",
    "supervisor.pid",
    "supervisor.conf",
    "serve.json",
    LENT,
)
"""What one run leaves in the runtime folder."""


def remove(place: Path) -> None:
    """Remove a file, a socket, a link or a whole folder; nothing where it is missing."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)
