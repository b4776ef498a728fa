"""Badges: what a student can unlock, from `core/achievements.json`, which the PWA reads too."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

ACHIEVEMENTS_FILE = Path(__file__).parent.parent / "achievements.json"
"""For each badge its id, and by language its name and how it is earned, in the order in which
they are shown. The rules that award them are in `core/rules/achievements.py`."""


def read_achievements(text: str) -> tuple[str, ...]:
    """Ids in the order of the table. Raises KeyError or ValueError where it is broken."""
    ids = tuple(row["id"] for row in json.loads(text)["achievements"])
    if len(set(ids)) != len(ids):
        raise ValueError("an achievement appears twice in the table")
    return ids


ACHIEVEMENTS = read_achievements(ACHIEVEMENTS_FILE.read_text(encoding="utf-8"))
"""Every badge, in the order in which they are shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UnlockedAchievement:
    student_id: int
    achievement_id: str
    unlocked_at: datetime
    session_id: UUID | str | None = None
