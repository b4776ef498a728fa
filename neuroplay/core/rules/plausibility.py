"""Which sessions cannot be true, and which an adult should review.

An *impossible* session is one that no child and no device can produce: it is `invalid`. A
*doubtful* one is `held`: nothing is lost, and an adult decides. Real people sometimes answer within
40 ms, play perfectly or very badly, put the tablet down during a round, and share it. None of that
is doubtful. A field that a session lacks is never a reason. Answer times are judged only if the
round cannot be replayed: a trace is better evidence.

    reason                       held because
    more_points_than_the_game    more points, or right answers, than the game can give in that time
    longer_than_a_round          longer than a round of the game can last
    longer_than_its_span         longer than the time from its start to its end
    completed_too_soon           completed within SOONEST_COMPLETION_S
    more_answers_than_time       more answers than a person can give in that time
    inhumanly_fast_answers       the mean of many answer times is below human reaction time
    identical_answer_times       many answers, all after the same time
    negative_answer_time         an answer before its question
    accuracy_differs_from_trials it differs from the trials that were recorded with a trace

Compared with other sessions (rules/neighbours.py):

    overlapping_play             it overlaps other play of the same student
    copied_trace                 another session has the same inputs
    seed_played_before           another session of the class has the same course
    ended_after_it_came          it ended after the server received it
    before_first_sign_in         it ended more than a day before the student first signed in
    more_play_than_time          the student has played for longer than the time since a day before
                                 the first sign-in
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.errors import InvalidSession
from neuroplay.core.rules.bounds import has_rules, most_points
from neuroplay.core.rules.storable import LARGEST_EXACT, whole_number
from neuroplay.core.rules.traces import check_by_rules

if TYPE_CHECKING:
    from neuroplay.core.entities.game_session import GameSession

SOONEST_COMPLETION_S = 5

POINTS_MARGIN = 1.05
"""Tolerance above the bound, so that no honest session is held for a point."""

SPAN_TOLERANCE_S = 10.0
SPAN_TOLERANCE = 0.1
"""Tolerances, absolute and as a share of the duration: a clock may be set while a child plays."""

MOST_ANSWERS_A_SECOND = 10
FEWEST_ANSWERS_TO_JUDGE = 20
FASTEST_MEAN_MS = 120.0
"""For comparison: the fastest mean of a session among 189 people is 238 ms."""

ACCURACY_TOLERANCE = 0.02

_NUMBERS = frozenset((int, float))

FIRST_VERSION = "1"

SHORTEST_TRACE = 10
"""Inputs that a trace needs to be compared: shorter ones may be equal by chance."""


def check_possible(session: GameSession) -> None:
    """Raise InvalidSession if the game cannot be played yet, or its rules cannot give this."""
    if not GAMES[session.game_type].playable:
        raise InvalidSession("game_not_playable", "game_type", "this game cannot be played yet")
    check_claims(session)


def check_claims(session: GameSession) -> None:
    """Raise InvalidSession if the game cannot give this score in this time, or its rules have no
    such level or trace."""
    check_by_rules(session)
    if not session.is_valid_score():
        raise InvalidSession(
            "impossible_score", "score", "the game cannot give that many points in that time"
        )


def doubts(session: GameSession) -> list[str]:
    """Reasons for an adult to review the session, judged by itself. Empty for nearly all."""
    reasons = []
    duration = session.duration
    most = most_points(session)
    if most is not None and (
        session.score > most * POINTS_MARGIN or (not most and session.accuracy > 0)
    ):
        reasons.append("more_points_than_the_game")
    if duration > GAMES[session.game_type].max_duration_s:
        reasons.append("longer_than_a_round")
    if session.completed and duration < SOONEST_COMPLETION_S:
        reasons.append("completed_too_soon")
    if session.started_at is not None and session.ended_at is not None:
        span = (session.ended_at - session.started_at).total_seconds()
        if duration > span + max(SPAN_TOLERANCE_S, SPAN_TOLERANCE * duration):
            reasons.append("longer_than_its_span")
    metadata = session.metadata
    if "reaction_times_ms" in metadata and not can_be_played_again(session):
        reasons.extend(_answer_doubts(metadata["reaction_times_ms"], duration))
    if "trace" in metadata and _differs_from_trials(metadata, session.accuracy):
        reasons.append("accuracy_differs_from_trials")
    return reasons


def can_be_played_again(session: GameSession) -> bool:
    """Whether the session has a trace and a seed, and its version of the rules is known."""
    return round_seed(session) is not None and has_rules(session)


def round_seed(session: GameSession) -> int | None:
    """The lower 32 bits of the seed, which are those that the games' rules use.

    None for a session without a seed or trace.
    """
    metadata = session.metadata
    if type(metadata.get("trace")) is not list:
        return None
    seed = whole_number(metadata.get("seed"))
    return None if seed is None else seed & 0xFFFF_FFFF


def _answer_doubts(recorded: object, duration: float) -> list[str]:
    times = recorded if isinstance(recorded, list) else []
    if not set(map(type, times)) <= _NUMBERS:
        times = [t for t in times if type(t) in _NUMBERS]
    if not times:
        return []
    fastest, slowest = min(times), max(times)
    if not -LARGEST_EXACT <= fastest <= slowest <= LARGEST_EXACT:
        return _answer_doubts([t for t in times if -LARGEST_EXACT <= t <= LARGEST_EXACT], duration)
    reasons = []
    if fastest < 0:
        reasons.append("negative_answer_time")
    if len(times) > MOST_ANSWERS_A_SECOND * (duration + 1):
        reasons.append("more_answers_than_time")
    if len(times) >= FEWEST_ANSWERS_TO_JUDGE:
        if sum(times) < FASTEST_MEAN_MS * len(times):
            reasons.append("inhumanly_fast_answers")
        if fastest == slowest:
            reasons.append("identical_answer_times")
    return reasons


def _differs_from_trials(metadata: Mapping[str, object], accuracy: float) -> bool:
    trace, trials, correct = (metadata.get(name) for name in ("trace", "trials", "correct"))
    if not trace or type(trials) is not int or type(correct) is not int:
        return False
    if not 0 < trials <= LARGEST_EXACT or not 0 <= correct <= LARGEST_EXACT:
        return False
    return abs(accuracy - correct / trials) > ACCURACY_TOLERANCE


def trace_hash(session: GameSession) -> bytes | None:
    """SHA-256 over the game, seed, trace and, except for the first, the version of the rules.

    None for a session without a trace, or with one that is not JSON.
    """
    trace = session.metadata.get("trace")
    if trace is None:
        return None
    played = [session.game_type, session.metadata.get("seed"), trace]
    if session.game_version != FIRST_VERSION:
        played.append(session.game_version)
    try:
        return hashlib.sha256(json.dumps(played, separators=(",", ":")).encode()).digest()
    except (ValueError, TypeError, RecursionError):
        return None


def has_telling_trace(session: GameSession) -> bool:
    """Whether the trace is long enough that another round cannot have the same by chance."""
    trace = session.metadata.get("trace")
    return isinstance(trace, list) and len(trace) >= SHORTEST_TRACE
