"""Whether a session says what its own trace gives when the round is played again.

A session without a trace, or with one that no rules of ours wrote, is not doubted for that: it
stays plausible.

    reason               the session
    score_differs        has another score than its trace gives
    accuracy_differs     has another accuracy
    duration_differs     was played for another time
    completion_differs   was left where its trace goes on to the end, or the other way round
    trace_unreadable     cannot be played again: no seed, or a trace that is no list of numbers
"""

from __future__ import annotations

from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.verification import RoundResult, TracedRound
from neuroplay.core.rules.storable import whole_number

ACCURACY_TOLERANCE = 0.001
DURATION_TOLERANCE_S = 0.11
"""Devices round: accuracy to four places, seconds of play to one."""

TRACE_UNREADABLE = "trace_unreadable"


def traced_round(session: GameSession) -> TracedRound | None:
    """What is needed to play the session's round again; None where its metadata has no whole
    `seed`, or no `trace` that is a list of whole numbers."""
    seed = whole_number(session.metadata.get("seed"))
    recorded = session.metadata.get("trace")
    if seed is None or type(recorded) is not list:
        return None
    trace = [number for one in recorded if (number := whole_number(one)) is not None]
    if len(trace) < len(recorded):
        return None
    return TracedRound(
        game_type=session.game_type,
        game_version=session.game_version,
        seed=seed,
        difficulty=session.difficulty,
        trace=trace,
    )


def differences(session: GameSession, played_again: RoundResult) -> list[str]:
    """Reasons why the session is not the round of its trace; none for an honest one."""
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
