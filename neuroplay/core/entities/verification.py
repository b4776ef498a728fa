"""Values for verification: rounds to replay from their traces, results and verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from neuroplay.core.entities.game_session import GameSession

LONGEST_WAIT_S = 60.0 * 8**3
"""The longest time between two tries at a session. A later due time was written while the clock
was ahead: the session is due now."""

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""A due time that is past on any clock."""


UNKNOWN_RULES = "unknown_rules"
"""The reason of a session whose version of the rules is not known."""


class Verdict(StrEnum):
    """The result of judging a stored session."""

    PLAUSIBLE = "plausible"
    """Nothing speaks against it, but it was not replayed, or could not be."""

    VERIFIED = "verified"
    """Its trace was replayed with the same result."""

    MISMATCH = "mismatch"
    """Its trace gives another result."""

    APPROVED = "approved"
    """An adult approved it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TracedRound:
    """A round with all that is needed to replay its trace. `difficulty` is the level.

    `seed` and the numbers of `trace` are below 2**53, so that JavaScript represents them exactly.
    """

    game_type: str
    game_version: str
    seed: int
    difficulty: int
    trace: Sequence[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundResult:
    """The result of a replayed trace. `duration` is in seconds of play, `accuracy` in 0..1; `right`
    are the correct answers of `total`. `state_hash` is the same in every JavaScript engine."""

    score: int
    accuracy: float
    duration: float
    completed: bool
    right: int
    total: int
    state_hash: int


@dataclass(frozen=True, kw_only=True, slots=True)
class UnverifiedSession:
    """A plausible session with a trace, claimed for verification.

    Its metadata has only the difficulty, seed and trace. `tries` includes this claim.
    """

    session: GameSession
    tries: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """The result of a claim. `verdict` is PLAUSIBLE if the round could not be replayed.

    `reasons` are those of rules/verification.py or codes of CannotPlayAgain. `due_at` is the time
    of the next try; None if there is none.
    """

    session_id: UUID
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    tries: int
    due_at: datetime | None = None
