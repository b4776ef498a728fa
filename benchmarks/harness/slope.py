"""A line through samples by least squares, so that 'flat' is a number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Slope:
    """What the line rises in one unit of the first axis, and the standard error of that."""

    value: float
    standard_error: float


def slope(samples: Sequence[tuple[float, float]]) -> Slope:
    """Of (place, value) pairs. The error supposes that the samples' deviations from the line know
    nothing of each other; it is nan with fewer than three. Raises ValueError where no line is
    given: fewer than two places."""
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
    """The samples whose place lies beyond the share `after` of the way from first to last."""
    if not samples:
        return []
    first, last = samples[0][0], samples[-1][0]
    return [one for one in samples if one[0] >= first + (last - first) * after]
