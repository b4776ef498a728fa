"""Which sessions cannot be true, and which an adult should look at.

Nobody is accused. *Impossible* is what no child and no device can produce: it is `invalid`.
*Doubtful* is `held`: nothing is lost, an adult decides. Real people answer once in 40 ms, play
perfectly or very badly, put the tablet down in mid-round and share it: none of that is a doubt.
No rule looks at the time of arrival, at the time of enrolment, or at what a session leaves out.

    reason                       held because
    longer_than_a_round          more play than a round of the game can last
    longer_than_its_span         more play than lies between its start and its end
    completed_too_soon           completed within SOONEST_COMPLETION_S
    more_answers_than_time       more answers than a hand can give in that time
    inhumanly_fast_answers       the mean of many answers is faster than nerves
    identical_answer_times       many answers, all after the same time
    negative_answer_time         an answer before its question
    accuracy_differs_from_trials its trials, recorded with a trace, say something else
    overlapping_play             the student's played time does not fit into the clock's
    copied_trace                 another session has the very same inputs
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.errors import InvalidSession

if TYPE_CHECKING:
    from neuroplay.core.entities.game_session import GameSession

SOONEST_COMPLETION_S = 5
SPAN_TOLERANCE_S = 10.0
SPAN_TOLERANCE = 0.1
"""A clock may be set while a child plays."""

MOST_ANSWERS_A_SECOND = 10
FEWEST_ANSWERS_TO_JUDGE = 20
FASTEST_MEAN_MS = 120.0
"""The fastest mean of a whole session among 189 real people is 238 ms."""

ACCURACY_TOLERANCE = 0.02
SHORTEST_TRACE = 10
"""Fewer inputs may be the same by chance."""


def check_possible(session: GameSession) -> None:
    """Raise InvalidSession where the game cannot give this score in this time."""
    if not session.is_valid_score():
        raise InvalidSession(
            "impossible_score", "score", "the game cannot give so many points in that time"
        )


def doubts(session: GameSession) -> list[str]:
    """Reasons, of the session alone, for an adult to look at it; none for nearly all."""
    reasons = []
    duration = session.duration
    if duration > GAMES[session.game_type].max_duration_s:
        reasons.append("longer_than_a_round")
    if session.completed and duration < SOONEST_COMPLETION_S:
        reasons.append("completed_too_soon")
    if session.started_at is not None and session.ended_at is not None:
        span = (session.ended_at - session.started_at).total_seconds()
        if duration > span + max(SPAN_TOLERANCE_S, SPAN_TOLERANCE * duration):
            reasons.append("longer_than_its_span")
    metadata = session.metadata
    if "reaction_times_ms" in metadata:
        reasons.extend(_answer_doubts(metadata["reaction_times_ms"], duration))
    if "trace" in metadata and _differs_from_trials(metadata, session.accuracy):
        reasons.append("accuracy_differs_from_trials")
    return reasons


def _answer_doubts(recorded: Any, duration: float) -> list[str]:
    if not isinstance(recorded, list):
        return []
    times = [t for t in recorded if type(t) is int or type(t) is float]
    if not times:
        return []
    reasons = []
    fastest = min(times)
    if fastest < 0:
        reasons.append("negative_answer_time")
    if len(times) > MOST_ANSWERS_A_SECOND * (duration + 1):
        reasons.append("more_answers_than_time")
    if len(times) >= FEWEST_ANSWERS_TO_JUDGE:
        if sum(times) < FASTEST_MEAN_MS * len(times):
            reasons.append("inhumanly_fast_answers")
        if fastest == max(times):
            reasons.append("identical_answer_times")
    return reasons


def _differs_from_trials(metadata: Mapping[str, Any], accuracy: float) -> bool:
    trace, trials, correct = (metadata.get(name) for name in ("trace", "trials", "correct"))
    if not trace or type(trials) is not int or type(correct) is not int or trials <= 0:
        return False
    return abs(accuracy - correct / trials) > ACCURACY_TOLERANCE


def trace_hash(session: GameSession) -> bytes | None:
    """SHA-256 over game, seed and inputs; None for a session without a trace."""
    trace = session.metadata.get("trace")
    if trace is None:
        return None
    played = [session.game_type, session.metadata.get("seed"), trace]
    return hashlib.sha256(json.dumps(played, separators=(",", ":")).encode()).digest()


def has_telling_trace(session: GameSession) -> bool:
    """Whether its inputs are so many that another round cannot have the very same."""
    trace = session.metadata.get("trace")
    return isinstance(trace, list) and len(trace) >= SHORTEST_TRACE
