"""What is left of old sessions that are no longer kept one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from neuroplay.core.entities.game_session import GameSession


@dataclass(frozen=True, kw_only=True, slots=True)
class CountedSession:
    """A stored session with what it gave when it was counted."""

    session: GameSession
    xp_gained: int
    rating: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GameBalance:
    """The folded sessions of one game, of which there is at least one.

    `xp` is without that of badges. `difficulty` is the level for the next round, as the last of
    them says. `earned` are badges that single ones of them earned.
    """

    plays: int
    xp: int
    excellent_sessions: int
    top_difficulty: int
    played_s: int
    best_score: int
    difficulty: int
    last_ended_at: datetime
    earned: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class OpeningBalance:
    """One student's folded sessions: `games` by game_type, and `days` with the first and the last
    end of play of each of their play days."""

    games: Mapping[str, GameBalance] = field(default_factory=dict)
    days: Mapping[date, tuple[datetime, datetime]] = field(default_factory=dict)
