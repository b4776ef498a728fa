"""A file that must exist before the API listens and a worker takes tasks: until then the schema
may be an old one. Both load meanwhile."""

from __future__ import annotations

import time
from pathlib import Path

GATE = "NEUROPLAY_GATE"
"""Environment variable that names the file."""

POLL_S = 0.01


def wait_for_gate(path: str | None) -> None:
    """Return when the file exists; at once where none is named."""
    while path and not Path(path).exists():
        time.sleep(POLL_S)
