"""The speed of a machine, so that runs on different machines can be compared, and a slow machine is
told from a slow NeuroPlay."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from loadprofiles.profiles import Profile

PROCESSORS = 2
"""For which profiles are made."""

BARE_FOR_ONE = 3.6
"""Requests to the bare endpoint that a machine can answer in the time in which it answers one of a
profile, the share of the load generator on the same two processors included. Measured once: two
processors that answered 3,038 bare requests a second came to their limit in `spike` at 842
(docs/performance.md). Students were dearer then, so a somewhat slower machine may do. A machine is
fast enough for a profile if its bare endpoint answers so many for each request of the profile."""

REQUESTS_OF_A_RETURN = 4
"""The app, the backlog, the home page and a leaderboard."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Speed:
    """What was measured before the run; None: not measured."""

    calibrated_s: float = 0.0
    bare_rps: float | None = None
    """Requests a second to GET /health/live, which asks no store, on 8 connections without pauses;
    only of a server on the generator's machine."""

    bare_ms: float | None = None
    """Median time of one such request, one after another."""

    fsyncs_per_s: float | None = None
    """Writes of 8 KiB to the database's disk, each complete before the next."""

    python_steps_per_s: float | None = None
    """Steps of a loop in Python in a second of processor time, on the generator's machine."""

    processors: float | None = None
    """That the server may use, as it says."""

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def of_two_processors(self) -> float | None:
        """`bare_rps`; with less than two processors, their share of it. The bare endpoint keeps one
        process busy, and a profile also needs PostgreSQL and workers."""
        if self.bare_rps is None or self.processors is None:
            return None
        return self.bare_rps * min(self.processors / PROCESSORS, 1.0)


UNKNOWN = Speed()


def offered_rps(profile: Profile, users: int) -> float:
    """Requests a second that so many students would make of a server that answers at once: one in
    each turn, or, if tablets come back, all within that time."""
    if profile.comes_back_within_s is not None:
        return users * REQUESTS_OF_A_RETURN / profile.comes_back_within_s
    low, high = profile.think_s
    return users / ((low + high) / 2)


def needed_rps(profile: Profile, users: int) -> float:
    """What `of_two_processors` has to be for a profile."""
    return offered_rps(profile, users) * BARE_FOR_ONE
