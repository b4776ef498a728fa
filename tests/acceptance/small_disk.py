"""A small file system of its own for a test, so that it can be filled."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[bool]:
    """A file system of `size`, such as 400m, at `folder`; False where this user may not mount."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "neuroplay", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)
