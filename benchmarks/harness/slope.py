"""Linear regression of samples, to measure growth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Slope:
    """The slope of a line, per unit of the first axis, and its standard error."""

    value: float
    standard_error: float


def slope(samples: Sequence[tuple[float, float]]) -> Slope:
    """The least-squares slope of (place, value) pairs.

    The error assumes independent deviations from the line; it is nan with fewer than three samples.
    Raises ValueError with fewer than two places.
    """
    count = len(samples)
    if len({place for place, _ in samples}) < 2:
        raise ValueError("a slope needs samples at two places at least")
    centre = math.fsum(place for place, _ in samples) / count
    level = math.fsum(value for _, value in samples) / count
    spread = math.fsum((place - centre) ** 2 for place, _ in samples)
    rise = math.fsum((place - centre) * (value - level) for place, value in samples) / spread
    if count < 3:
        return Slope(value=rise, standard_error=math.nan)
    left = math.fsum((value - level - rise * (place - centre)) ** 2 for place, value in samples)
    return Slope(value=rise, standard_error=math.sqrt(left / (count - 2) / spread))


def steady(samples: Sequence[tuple[float, float]], *, after: float) -> list[tuple[float, float]]:
    """The samples after the share `after` of the range of places."""
    if not samples:
        return []
    first, last = samples[0][0], samples[-1][0]
    return [one for one in samples if one[0] >= first + (last - first) * after]
