"""Figures over time as a row of blocks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

SPARKS = "▁▂▃▄▅▆▇█"
KEPT = 40
"""Values in a trend."""


def sparkline(values: Iterable[float]) -> str:
    """One block per value, scaled from 0 to the highest value."""
    values = list(values)
    highest = max(values, default=0.0)
    if highest <= 0:
        return SPARKS[0] * len(values)
    top = len(SPARKS) - 1
    return "".join(SPARKS[round(max(value, 0.0) / highest * top)] for value in values)


class Trends:
    """The latest values of each figure."""

    def __init__(self) -> None:
        self._kept: dict[str, deque[float]] = {}

    def add(self, figures: Mapping[str, float | None]) -> None:
        for name, value in figures.items():
            self._kept.setdefault(name, deque(maxlen=KEPT)).append(value or 0.0)

    def line(self, name: str, most: int = KEPT) -> str:
        """The last `most` values of a figure as blocks."""
        return sparkline(list(self._kept.get(name, ()))[-most:] if most > 0 else ())
