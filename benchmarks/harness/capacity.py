"""Predicts how many requests a second an installation can answer, from what one request costs.

The model has one rule: programs answer no more than their cores have time for, and the tier that
is exhausted first decides. It knows no contention for caches, locks or memory between cores, so it
is an upper bound; docs/scaling.md says how far it was checked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

USE = 0.8
"""Share of the processor time that may be used. Beyond it queues grow fast, and load tests fail."""


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What a request costs, its share of the workers' later work included."""

    cpu_s: Mapping[str, float]
    """Seconds of processor time, by program."""

    log_bytes: float = 0.0
    """Written to PostgreSQL's log (WAL)."""

    def of(self, programs: Sequence[str]) -> float:
        """Seconds of processor time of these programs together."""
        return sum(self.cpu_s.get(program, 0.0) for program in programs)


@dataclass(frozen=True, kw_only=True)
class Tier:
    """Hosts of the same kind, which share their programs' work evenly."""

    name: str
    programs: tuple[str, ...]
    cores: int
    """Of each host."""

    hosts: int = 1


@dataclass(frozen=True, kw_only=True)
class Prediction:
    per_second: float
    limit: str
    """The name of the tier that is exhausted first, or `log`."""

    api_processes: int
    """As many as the API's work fills, each with one core, as Python uses no more."""


def predicted(
    costs: Costs,
    tiers: Sequence[Tier],
    *,
    log_bytes_per_s: float | None = None,
    use: float = USE,
) -> Prediction:
    """The most requests a second. `log_bytes_per_s` is what the log's disk can write; None: enough.

    Raises ValueError if a program that costs something runs on no host, or on several tiers.
    """
    run = [program for tier in tiers for program in tier.programs]
    for program, cost in costs.cpu_s.items():
        if cost > 0 and run.count(program) != 1:
            raise ValueError(f"{program} must run on one tier, not on {run.count(program)}")
    limits = {
        tier.name: tier.hosts * tier.cores * use / cost
        for tier in tiers
        if (cost := costs.of(tier.programs)) > 0
    }
    if log_bytes_per_s is not None and costs.log_bytes:
        limits["log"] = log_bytes_per_s / costs.log_bytes
    limit = min(limits, key=lambda name: limits[name])
    return Prediction(
        per_second=limits[limit],
        limit=limit,
        api_processes=max(1, math.ceil(limits[limit] * costs.of(("api",)) / use - 1e-9)),
    )
