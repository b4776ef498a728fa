"""Badges: what a student can unlock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class UnlockedAchievement:
    student_id: int
    achievement_id: str
    unlocked_at: datetime
    session_id: UUID | str | None = None
