"""Starts, finds, watches and stops processes, whatever programs they run; leaves none behind.
Imports no other part of infra; embedded, monitoring and operation import it."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

STOPPED, STARTING, RUNNING = "STOPPED", "STARTING", "RUNNING"
BACKOFF, STOPPING, DEAF = "BACKOFF", "STOPPING", "DEAF"
"""States of a program. BACKOFF: it died soon after its start, and waits for the next. DEAF: it
runs and does not answer."""

METRICS, LENT = "metrics", "lent"
"""Folders of one run in the runtime folder: what processes count, and copies of files that only
root may read."""

RUN_FILES = ("gate", "control.sock*", "redis.sock", METRICS, LENT)


def clear(runtime_dir: Path) -> None:
    """Remove what one run leaves in the runtime folder."""
    for place in runtime_dir.glob("*"):
        if not any(map(place.match, RUN_FILES)):
            continue
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place, ignore_errors=True)
        else:
            place.unlink(missing_ok=True)


def remove_empty(runtime_dir: Path) -> None:
    """Remove the runtime folder and those in it, where nothing is left in them."""
    for place in (*runtime_dir.glob("*"), runtime_dir):
        with suppress(OSError):
            place.rmdir()
