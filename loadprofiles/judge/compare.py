"""Compares two runs: which figures changed by more than noise.

The noise of a figure is estimated from the runs themselves: the steady time is divided into slices,
and the variance of their means shows how much the figure varies by itself. The failure rate is
compared as a binomial proportion. Lost sessions are never noise.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Word = Literal["better", "worse", "same", "unknown"]

SLICES = 10
LEAST: Mapping[str, tuple[float, float]] = {
    "rps": (0.02, 0.5),
    "p50_ms": (0.05, 0.2),
    "p95_ms": (0.05, 0.5),
    "p99_ms": (0.1, 1.0),
    "queue": (0.1, 10.0),
    "cpu": (0.03, 0.01),
    "memory": (0.03, 0.01),
}
"""(relative, absolute) change of each figure below which it counts as the same, since clocks and
timers do not resolve less."""

MORE_IS_BETTER = frozenset({"rps"})
SURE = 3.0
"""Standard errors that a change must exceed."""

SAME = ("profile", "users", "chaos")
"""Keys that must be equal for two runs to be comparable."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One figure in both runs. Only a difference of more than `noise` is a change."""

    name: str
    before: float | None
    after: float | None
    noise: float | None
    change: Word


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The change of each figure between two result documents. Raises ValueError if they cannot be
    compared."""
    for name in SAME:
        first, second = before.get(name), after.get(name)
        if first != second:
            raise ValueError(f"the runs differ: {name} is {first} and {second}")
    for which, run in (("first", before), ("second", after)):
        if run.get("verdict") == "void":
            raise ValueError(f"the {which} is void: it is not a valid measurement")
    return [
        *(_compare_slices(name, _slices(before, name), _slices(after, name)) for name in LEAST),
        _failures(before["figures"], after["figures"]),
        *(
            _change(name, before["figures"].get(name), after["figures"].get(name), 0.0)
            for name in ("lost", "counted_twice")
        ),
    ]


def _compare_slices(name: str, before: Sequence[float], after: Sequence[float]) -> Change:
    if len(before) < 2 or len(after) < 2:
        return Change(name=name, before=None, after=None, noise=None, change="unknown")
    low, high = statistics.fmean(before), statistics.fmean(after)
    share, least = LEAST[name]
    noise = max(SURE * _standard_error(before, after), share * max(abs(low), abs(high)), least)
    return _change(name, low, high, noise)


def _standard_error(before: Sequence[float], after: Sequence[float]) -> float:
    """The standard error of the difference of the means."""
    variances = (statistics.variance(one) / len(one) for one in (before, after))
    return math.sqrt(sum(variances))


def _slices(run: Mapping[str, Any], name: str) -> list[float]:
    """The figure's mean in each slice of the steady time."""
    ramp = run["ramp_s"]
    if ramp is None:
        return []
    steady = (row.get(name) for row in run["timeline"] if row["t"] > ramp)
    values = [value for value in steady if value is not None]
    size = max(len(values) // SLICES, 1)
    pieces: Sequence[Sequence[float]] = [
        values[start : start + size] for start in range(0, len(values) - size + 1, size)
    ]
    return [statistics.fmean(piece) for piece in pieces]


def _failures(before: Mapping[str, Any], after: Mapping[str, Any]) -> Change:
    name = "failure_rate"
    first, second = before.get(name), after.get(name)
    if not before.get("requests") or not after.get("requests") or first is None or second is None:
        return _change(name, first, second, None)
    counts = before["requests"], after["requests"]
    share = (first * counts[0] + second * counts[1]) / sum(counts)
    error = math.sqrt(max(share * (1 - share), 0.0) * sum(1 / count for count in counts))
    return _change(name, first, second, SURE * error)


def _change(name: str, before: float | None, after: float | None, noise: float | None) -> Change:
    word: Word
    if before is None or after is None or noise is None:
        word = "unknown"
    elif abs(after - before) <= noise:
        word = "same"
    else:
        word = "better" if (after > before) == (name in MORE_IS_BETTER) else "worse"
    return Change(name=name, before=before, after=after, noise=noise, change=word)
