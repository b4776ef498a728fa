"""Starts, finds, monitors and stops processes of any program, and leaves none behind.
Imports no other part of infra; embedded, monitoring and operation import it."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

STOPPED, STARTING, RUNNING = "STOPPED", "STARTING", "RUNNING"
BACKOFF, STOPPING, DEAF = "BACKOFF", "STOPPING", "DEAF"
"""States of a program. BACKOFF: it ended soon after its start and waits for the next one. DEAF: it
is running but sends no heartbeat."""

METRICS, COPIES = "metrics", "lent"
"""Folders of one run in the runtime folder: the processes' metrics, and copies of files that only
root can read."""

RUN_FILES = ("gate", "control.sock*", "redis.sock", METRICS, COPIES)


def clear(runtime_dir: Path) -> None:
    """Remove the files that a run leaves in the runtime folder."""
    for place in runtime_dir.glob("*"):
        if not any(map(place.match, RUN_FILES)):
            continue
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place, ignore_errors=True)
        else:
            place.unlink(missing_ok=True)


def remove_empty(runtime_dir: Path) -> None:
    """Remove the runtime folder and its subfolders if they are empty."""
    for place in (*runtime_dir.glob("*"), runtime_dir):
        with suppress(OSError):
            place.rmdir()
