"""Detects a full disk, the cause behind many different errors."""

from __future__ import annotations

import os
from pathlib import Path

FULL_BYTES = 16 << 20
"""Size of PostgreSQL's WAL files. With less free space, sign-ins begin to fail."""


def nearest_existing(folder: Path) -> Path:
    """`folder`, or the nearest of its parents that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def why_full(folder: Path) -> str:
    """`the disk is full: ...` if there is no space left for `folder`, else an empty string."""
    place = nearest_existing(folder)
    found = os.statvfs(place)
    free = found.f_bavail * found.f_frsize
    if free < FULL_BYTES:
        return f"the disk is full: {free // 1_000_000} MB are free at {place}"
    if found.f_files and not found.f_favail:
        return f"the disk is full: no more files can be created at {place}"
    return ""
