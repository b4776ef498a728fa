"""A round that is played again from its trace, and what that says of its session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from neuroplay.core.entities.game_session import GameSession

LONGEST_WAIT_S = 60.0 * 8**3
"""The longest time between two tries at a session. What is due later than that was written while
the clock was ahead: it is due now."""

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""Due whatever the clock says."""


class Verdict(StrEnum):
    """What is known of a stored session's truth."""

    PLAUSIBLE = "plausible"
    """Possible by the rules; not played again, or not to be."""

    VERIFIED = "verified"
    """Its trace, played again, gives the same."""

    MISMATCH = "mismatch"
    """Its trace gives something else."""

    APPROVED = "approved"
    """An adult says that it is true."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TracedRound:
    """All that the rules need to play a round again. `seed` and the numbers of `trace` are whole
    and exact in every engine (below 2**53), `difficulty` is 1 to 5."""

    game_type: str
    game_version: str
    seed: int
    difficulty: int
    trace: Sequence[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundResult:
    """What the rules make of a round: `duration` in seconds of play, `accuracy` in 0..1, `right`
    answers of `total`. `state_hash` is the same in every engine."""

    score: int
    accuracy: float
    duration: float
    completed: bool
    right: int
    total: int
    state_hash: int


@dataclass(frozen=True, kw_only=True, slots=True)
class UnverifiedSession:
    """A plausible session with a trace, claimed to be verified. Its metadata holds difficulty,
    seed and trace alone; `tries` counts this claim."""

    session: GameSession
    tries: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """What came of a claim. `verdict` is PLAUSIBLE where the round could not be played
    again; `reasons` are words of rules/verification.py or codes of
    CannotPlayAgain. `due_at` is the next try's time; None where this was the last word."""

    session_id: UUID
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    tries: int
    due_at: datetime | None = None
