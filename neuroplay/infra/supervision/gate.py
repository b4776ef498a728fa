"""A file that must exist before the API listens and a worker takes tasks. Until then the database
may not be migrated; both programs use the time to import their modules."""

from __future__ import annotations

import time
from pathlib import Path

GATE = "NEUROPLAY_GATE"
"""Environment variable with the file's path."""

POLL_S = 0.01


def wait_for_gate(path: str | None) -> None:
    """Wait until the file exists; without a path, return at once."""
    while path and not Path(path).exists():
        time.sleep(POLL_S)
