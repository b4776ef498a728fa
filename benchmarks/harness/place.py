"""Whose code is measured: this tree's, or that of another one (`benchmarks.harness.baseline`).

Every process of a measurement, this one too, finds the packages by PYTHONPATH, which stands before
what is installed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""Where these benchmarks are."""

PACKAGES = ("neuroplay", "cli", "loadprofiles")

CODE = "NEUROPLAY_BENCH_CODE"
"""Environment variable: the folder whose PACKAGES are measured, where it is not ROOT."""

OWN_PYTHON = "NEUROPLAY_BENCH_PYTHON"
"""Environment variable: the Python that runs ROOT's own load generator."""


def code() -> Path:
    return Path(os.environ.get(CODE) or ROOT)


def pin() -> None:
    """Have all processes that are started from now on run ROOT's code, whichever tree the
    environment was installed from; in a process of a baseline it is done already."""
    if CODE not in os.environ:
        os.environ["PYTHONPATH"] = before(str(ROOT), os.environ.get("PYTHONPATH", ""))


def client(environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """How ROOT's own `neuroplay` is called for a system with this environment, and with which: the
    load is the same for whatever is measured."""
    own = {**environment, "PYTHONPATH": str(ROOT)}
    python = own.pop(OWN_PYTHON, sys.executable)
    own.pop(CODE, None)
    return [python, "-P", "-m", "cli"], own


def before(first: str, rest: str) -> str:
    """A search path with `first` in front, once."""
    parts = [part for part in rest.split(os.pathsep) if part and part != first]
    return os.pathsep.join([first, *parts])
