"""How much a student's tablets may send."""

from __future__ import annotations

from dataclasses import dataclass

DAY_S = 86_400.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """`sessions` and `size` (bytes) at once, and `sessions_a_day` (bytes in the same proportion)
    in the long run. No `sessions`: without a limit."""

    sessions: int
    size: int
    sessions_a_day: int

    @property
    def sessions_a_second(self) -> float:
        return self.sessions_a_day / DAY_S

    @property
    def size_a_second(self) -> float:
        return self.sessions_a_second * self.size / self.sessions
