"""The badges that a student can unlock, from `core/achievements.json`. The PWA reads it too."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

ACHIEVEMENTS_FILE = Path(__file__).parent.parent / "achievements.json"
"""Each badge's id, and for each language its name and how it is earned, in display order.
The rules that award badges are in `core/rules/achievements.py`."""


def read_achievements(text: str) -> tuple[str, ...]:
    """Parse the table: ids in its order. Raises KeyError or ValueError if it is invalid."""
    ids = tuple(row["id"] for row in json.loads(text)["achievements"])
    if len(set(ids)) != len(ids):
        raise ValueError("an achievement appears twice in the table")
    return ids


ACHIEVEMENTS = read_achievements(ACHIEVEMENTS_FILE.read_text(encoding="utf-8"))
"""The ids of all badges, in display order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UnlockedAchievement:
    student_id: int
    achievement_id: str
    unlocked_at: datetime
    session_id: UUID | str | None = None
