"""Modules of NeuroPlay that have other names in older commits."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any


def product(*names: str) -> Any:
    """Import the first of these modules that the measured code has. Newest name first."""
    return importlib.import_module(next(filter(_is_there, names), names[0]))


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # its package is missing, too
        return False
