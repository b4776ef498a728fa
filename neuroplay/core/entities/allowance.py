"""The size of a student's budget: how much a student's tablets may send."""

from __future__ import annotations

from dataclasses import dataclass

DAY_S = 86_400.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """Limits per student: `sessions` and `size` in bytes at once, `sessions_a_day` in the long run.

    Bytes per day are in the same proportion. `sessions` 0 means no limit.
    """

    sessions: int
    size: int
    sessions_a_day: int

    @property
    def sessions_a_second(self) -> float:
        return self.sessions_a_day / DAY_S

    @property
    def size_a_second(self) -> float:
        return self.sessions_a_second * self.size / self.sessions
