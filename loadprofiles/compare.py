"""What changed between two runs, beyond noise.

Noise is taken from the runs themselves: a run's steady time is cut into slices, and the spread of
a figure over them says how much it moves by itself.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

SLICES = 10
LEAST = {"rps": 0.02, "p50_ms": 0.05, "p95_ms": 0.05, "p99_ms": 0.1, "queue": 0.1, "cpu": 0.03}
"""A change of less than this share is never worth a word: a clock and a timer are not finer."""

MORE_IS_BETTER = frozenset({"rps"})
SURE = 3.0
"""So many standard errors are beyond noise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One figure in both runs. `noise` is what a difference must exceed to count."""

    name: str
    before: float | None
    after: float | None
    noise: float | None
    change: Literal["better", "worse", "same", "unknown"]


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Figure by figure. Raises ValueError where the two cannot be compared."""
    for name in ("profile", "users"):
        if before[name] != after[name]:
            raise ValueError(
                f"they are of different runs: {name} is {before[name]} and {after[name]}"
            )
    changes = [_moving(name, before, after) for name in LEAST]
    for name in ("failure_rate", "lost", "counted_twice"):
        first, second = before["figures"][name], after["figures"][name]
        changes.append(
            Change(
                name=name,
                before=first,
                after=second,
                noise=0.0,
                change=_word(name, first, second, 0.0),
            )
        )
    return changes


def _moving(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Change:
    first, second = (_slices(run, name) for run in (before, after))
    if len(first) < 2 or len(second) < 2:
        return Change(name=name, before=None, after=None, noise=None, change="unknown")
    low, high = statistics.fmean(first), statistics.fmean(second)
    error = (
        statistics.variance(first) / len(first) + statistics.variance(second) / len(second)
    ) ** 0.5
    noise = max(SURE * error, LEAST[name] * abs(low))
    return Change(
        name=name, before=low, after=high, noise=noise, change=_word(name, low, high, noise)
    )


def _slices(run: Mapping[str, Any], name: str) -> list[float]:
    """The figure's mean in each slice of the steady time."""
    ramp = run["ramp_s"]
    if ramp is None:
        return []
    values = [row[name] for row in run["timeline"] if row["t"] > ramp and row[name] is not None]
    size = max(len(values) // SLICES, 1)
    pieces: Sequence[Sequence[float]] = [
        values[start : start + size] for start in range(0, len(values) - size + 1, size)
    ]
    return [statistics.fmean(piece) for piece in pieces]


def _word(
    name: str, before: float | None, after: float | None, noise: float
) -> Literal["better", "worse", "same", "unknown"]:
    if before is None or after is None:
        return "unknown"
    if abs(after - before) <= noise:
        return "same"
    return "better" if (after > before) == (name in MORE_IS_BETTER) else "worse"
