"""Do the generators of a run make the same load? Each plays an equal share of the students against
one server, so what differs between them is their own: the link, or the machine."""

from __future__ import annotations

from collections.abc import Mapping

from loadprofiles.record.recorder import Histogram

SLOWER, SLOWER_MS = 3.0, 50.0
"""A generator is slow if its median is that many times the quickest one's, and so much above it."""

FEWER = 0.5
"""It did not make its load if it made less than this share of the busiest one's requests."""

LEAST_REQUESTS = 20
"""Medians of fewer say nothing."""


def unequal(steady: Mapping[str, Histogram]) -> list[str]:
    """Reasons why the run is void, from the response times in the steady time by generator."""
    most = max((len(times) for times in steady.values()), default=0)
    if most < LEAST_REQUESTS:
        return []
    medians = {
        name: times.percentile(0.5) or 0.0
        for name, times in steady.items()
        if len(times) >= LEAST_REQUESTS
    }
    quickest = min(medians.values())
    reasons = []
    for name, times in steady.items():
        median = medians.get(name, 0.0)
        if median > SLOWER * quickest and median > quickest + SLOWER_MS:
            why = f"half of its responses took over {median:.0f} ms, elsewhere {quickest:.0f} ms"
        elif len(times) < FEWER * most:
            why = f"it made {len(times)} requests, another {most}"
        else:
            continue
        reasons.append(f"the load generator on {name} has a slow link or machine: {why}")
    return reasons
