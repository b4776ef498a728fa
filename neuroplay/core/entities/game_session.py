"""A game that a child played: the entity that validates itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class GameSession:
    """One session. `duration` in seconds of play, `accuracy` in 0..1, times aware UTC.

    The core helper completes this: validation on construction (raises InvalidSession),
    is_valid_score(), calculate_difficulty_level(), get_performance_rating().
    """

    session_id: UUID | str
    student_id: int
    game_type: str
    score: int
    duration: float
    accuracy: float
    completed: bool
    metadata: Mapping[str, Any] = field(default_factory=dict)
    game_version: str = "1"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    utc_offset_minutes: int = 0
