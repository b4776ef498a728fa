"""What changed between two runs, beyond noise.

Noise is taken from the runs themselves: a run's steady time is cut into slices, and the spread of
a figure over them says how much it moves by itself. A share of failures is as uncertain as so many
tosses of a coin. A lost session is never noise.
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
"""A change of less than this share, or than this much, is never worth a word: a clock and a timer
are not finer."""

MORE_IS_BETTER = frozenset({"rps"})
SURE = 3.0
"""So many standard errors are beyond noise."""

SAME = ("profile", "users", "chaos")
"""What two runs have in common that can be compared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One figure in both runs. `noise` is what a difference must exceed to count."""

    name: str
    before: float | None
    after: float | None
    noise: float | None
    change: Word


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Figure by figure. Raises ValueError where the two cannot be compared."""
    for name in SAME:
        first, second = before.get(name), after.get(name)
        if first != second:
            raise ValueError(f"they are of different runs: {name} is {first} and {second}")
    for which, run in (("first", before), ("second", after)):
        if run.get("verdict") == "void":
            raise ValueError(f"the {which} is void: it is not a valid measurement")
    return [
        *(_moving(name, _slices(before, name), _slices(after, name)) for name in LEAST),
        _failures(before["figures"], after["figures"]),
        *(
            _change(name, before["figures"].get(name), after["figures"].get(name), 0.0)
            for name in ("lost", "counted_twice")
        ),
    ]


def _moving(name: str, before: Sequence[float], after: Sequence[float]) -> Change:
    """A figure that moves by itself."""
    if len(before) < 2 or len(after) < 2:
        return Change(name=name, before=None, after=None, noise=None, change="unknown")
    low, high = statistics.fmean(before), statistics.fmean(after)
    share, least = LEAST[name]
    noise = max(SURE * _error(before, after), share * max(abs(low), abs(high)), least)
    return _change(name, low, high, noise)


def _error(before: Sequence[float], after: Sequence[float]) -> float:
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
