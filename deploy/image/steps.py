"""Runs a slow step with one line of progress, as `make` does; its output is shown if it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

STEP = Path(__file__).parents[2] / "make" / "step.py"


def step(
    title: str, command: Sequence[object], environment: Mapping[str, str] | None = None
) -> None:
    """Raises CalledProcessError."""
    shown = [sys.executable, str(STEP), title, *map(str, command)]
    subprocess.run(shown, env={**os.environ, **(environment or {})}, check=True)
