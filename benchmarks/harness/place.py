"""Selects the code to measure: this tree's, or another one's (`benchmarks.harness.baseline`).

All processes of a measurement, including this one, find it by PYTHONPATH, which has priority over
installed packages.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The tree with these benchmarks."""

PACKAGES = ("neuroplay", "cli", "loadprofiles")

BUILT_PAGE = Path("neuroplay", "api", "pwa_dist")
"""The built PWA, which also has the rules by which rounds are verified."""

CODE = "NEUROPLAY_BENCH_CODE"
"""Environment variable: the folder whose PACKAGES are measured, if it is not ROOT."""

OWN_PYTHON = "NEUROPLAY_BENCH_PYTHON"
"""Environment variable: the Python that runs ROOT's own load generator."""


class NotBuiltError(Exception):
    """The code to measure has no built PWA."""


def code() -> Path:
    return Path(os.environ.get(CODE) or ROOT)


def check_built() -> None:
    """Raises NotBuiltError. Without the app, what is measured is not what a school runs."""
    if not (code() / BUILT_PAGE / "index.html").is_file():
        raise NotBuiltError(f"the app has not been built in {code()}; run there: make build")


def pin() -> None:
    """Make all processes that are started from now on run ROOT's code, whatever the environment has
    installed. Does nothing in a baseline's process, which has its own search path."""
    if CODE not in os.environ:
        os.environ["PYTHONPATH"] = before(str(ROOT), os.environ.get("PYTHONPATH", ""))


def client(environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Command and environment of ROOT's own `neuroplay` for a system with this environment, so that
    the load is the same for all code that is measured."""
    own = {**environment, "PYTHONPATH": str(ROOT)}
    python = own.pop(OWN_PYTHON, sys.executable)
    own.pop(CODE, None)
    return [python, "-P", "-m", "cli"], own


def before(first: str, rest: str) -> str:
    """A search path with `first` in front, and only there."""
    parts = [part for part in rest.split(os.pathsep) if part and part != first]
    return os.pathsep.join([first, *parts])
