"""What was asked for on the command line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Options:
    """`runs` are counted ones. What is None is as the group has it."""

    runs: int
    run_time_s: float | None = None
    users: int | None = None
    profiles: tuple[str, ...] = ()
    """Of the group `load`; empty: all of its own."""
