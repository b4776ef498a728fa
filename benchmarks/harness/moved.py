"""Modules of the product that have another name in older commits."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any


def product(*names: str) -> Any:
    """The first of these modules that the measured code has; newest name first."""
    return importlib.import_module(next(filter(_is_there, names), names[0]))


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # its package is missing, too
        return False
