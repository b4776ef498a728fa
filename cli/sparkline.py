"""Figures over time as a row of blocks."""

from __future__ import annotations

from collections.abc import Iterable

SPARKS = "▁▂▃▄▅▆▇█"


def sparkline(values: Iterable[float]) -> str:
    """A block a value, from nothing to the highest of them."""
    values = list(values)
    highest = max(values, default=0.0)
    if highest <= 0:
        return SPARKS[0] * len(values)
    top = len(SPARKS) - 1
    return "".join(SPARKS[round(max(value, 0.0) / highest * top)] for value in values)
