"""Compare a session with the result of replaying its trace.

A session without a readable trace stays plausible.

    reason               the session
    score_differs        has another score than its trace gives
    accuracy_differs     has another accuracy
    duration_differs     has another duration
    completion_differs   is completed although its trace is not, or the other way round
    trace_unreadable     has no seed, or a level or trace that its game's rules do not have
"""

from __future__ import annotations

from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.verification import RoundResult, TracedRound
from neuroplay.core.errors import InvalidSession
from neuroplay.core.rules.storable import whole_number
from neuroplay.core.rules.traces import check_by_rules, whole_numbers

ACCURACY_TOLERANCE = 0.001
DURATION_TOLERANCE_S = 0.11
"""Devices round accuracy to four decimal places, and the duration in seconds to one."""

TRACE_UNREADABLE = "trace_unreadable"


def traced_round(session: GameSession) -> TracedRound | None:
    """The round to replay; None unless the session's metadata has a whole number as `seed` and a
    list of whole numbers as `trace`, and its rules, if they are known, have such a round.

    Rules that were unknown when a session came may not have what it claims.
    """
    seed = whole_number(session.metadata.get("seed"))
    trace = whole_numbers(session.metadata.get("trace"))
    if seed is None or trace is None:
        return None
    try:
        check_by_rules(session)
    except InvalidSession:
        return None
    return TracedRound(
        game_type=session.game_type,
        game_version=session.game_version,
        seed=seed,
        difficulty=session.difficulty,
        trace=trace,
    )


def differences(session: GameSession, played_again: RoundResult) -> list[str]:
    """The reasons for a mismatch; empty if the session agrees with its trace's result."""
    reasons = []
    if session.score != played_again.score:
        reasons.append("score_differs")
    if abs(session.accuracy - played_again.accuracy) > ACCURACY_TOLERANCE:
        reasons.append("accuracy_differs")
    if abs(session.duration - played_again.duration) > DURATION_TOLERANCE_S:
        reasons.append("duration_differs")
    if session.completed is not played_again.completed:
        reasons.append("completion_differs")
    return reasons
