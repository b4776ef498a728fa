"""Options of the command line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Options:
    """`runs` does not include warm-ups. None: the group's default."""

    runs: int
    run_time_s: float | None = None
    users: int | None = None
    profiles: tuple[str, ...] = ()
    """For the group `load`; empty: its default ones."""
    children: tuple[int, ...] = ()
    """For the groups `years` and `teacher`, which take one, and `growth`; empty: their own."""
    sessions: tuple[int, ...] = ()
    """For the group `growth`; empty: its default ones."""
    years: int | None = None
    """For the group `years`."""
