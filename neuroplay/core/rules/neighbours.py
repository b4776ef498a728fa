"""Sessions beside each other: played time that does not fit into the clock's, one trace under two
ids, one course twice in a class. Of two that exclude each other the one that came first stays.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

from neuroplay.core.rules.bounds import play_charge_s
from neuroplay.core.rules.plausibility import has_telling_trace, round_seed, trace_hash

if TYPE_CHECKING:
    from neuroplay.core.entities.game_session import GameSession

OVERLAP_TOLERANCE = 0.5
"""Share of a session's play that may not fit: two tablets' clocks differ by some seconds."""

LONGEST_SPAN_S = 6 * 3600.0
"""A round that was paused for longer than this says nothing about its beginning."""

MOST_BESIDE = 200
"""Other rounds within the span of one: more than a hand can play beside a round that it paused for
hours. It bounds what one student's sessions cost the drain, too."""

BEFORE_SIGN_IN = timedelta(days=1)
"""Cards need the server, so nothing is played before a child first signs in. But the clock that
timed the play may have been wrong by hours."""

SEED_PLAYED_BEFORE = "seed_played_before"

AFTER_IT_CAME = timedelta(minutes=1)
"""Every end of play is moved to before the session came (accept_sync.clock_shifts), but for one
whose own clock and the tablet's of that moment lie further apart than any clock can show."""

SeedKey = tuple[int | str, str, str, int]
"""(class, game, version of its rules, seed of the course): what one child plays once."""

Span = tuple[float, float, float]
"""(end, start, seconds of play), on the clock in seconds."""


class Neighbours:
    """The sessions that stand already, to judge the next one by."""

    def __init__(self) -> None:
        self._played = PlayedTime()
        self._owners: dict[bytes, UUID | str] = {}
        self._seeds: dict[SeedKey, UUID | str] = {}
        self._hashes: dict[UUID | str, bytes | None] = {}
        self._players: dict[int, Player] = {}

    def doubts(self, session: GameSession, *, received_at: datetime | None = None) -> list[str]:
        """The reasons of this module that apply; those of time for a known player alone.
        `received_at` is when the session came."""
        reasons = []
        if self._played.has_no_room_for(session):
            reasons.append("overlapping_play")
        trace, seed, own = self.trace_of(session), self.seed_of(session), session.session_id
        if trace is not None and self._owners.get(trace, own) != own:
            reasons.append("copied_trace")
        elif seed is not None and self._seeds.get(seed, own) != own:
            reasons.append(SEED_PLAYED_BEFORE)
        if received_at is None:
            return reasons
        if session.ended_at is not None and session.ended_at > received_at + AFTER_IT_CAME:
            reasons.append("ended_after_it_came")
        player = self._players.get(session.student_id)
        if player is not None:
            reasons.extend(player.doubts(session, received_at))
        return reasons

    def add(self, session: GameSession) -> None:
        """Let this session stand."""
        self._played.add(session)
        trace, seed = self.trace_of(session), self.seed_of(session)
        if trace is not None:
            self._owners.setdefault(trace, session.session_id)
        if seed is not None:
            self._seeds.setdefault(seed, session.session_id)
        player = self._players.get(session.student_id)
        if player is not None:
            player.played_s += play_charge_s(session)

    def add_player(self, player: Player) -> None:
        """Whose sessions they are; before these are judged."""
        self._players[player.student_id] = player

    def add_seeds(self, owners: Mapping[SeedKey, UUID]) -> None:
        """Which stored session was played on which course."""
        self._seeds.update(owners)

    def seed_of(self, session: GameSession) -> SeedKey | None:
        """The course that was played, in its class; None without a trace. Another version's rules
        make another course of the seed. Of a student whose class is not known, the student
        alone."""
        seed = round_seed(session)
        if seed is None:
            return None
        player = self._players.get(session.student_id)
        place = f"student {session.student_id}" if player is None else player.class_id
        return place, session.game_type, session.game_version, seed

    def add_played(self, sessions: Sequence[GameSession]) -> None:
        """Sessions that the store holds; their traces are asked for apart."""
        for session in sessions:
            self._played.add(session)

    def add_traces(self, owners: Mapping[bytes, UUID]) -> None:
        """Which stored session has which trace."""
        self._owners.update(owners)

    def trace_of(self, session: GameSession) -> bytes | None:
        """The session's trace hash, computed once; None where its inputs tell nothing."""
        if not has_telling_trace(session):
            return None
        if session.session_id not in self._hashes:
            self._hashes[session.session_id] = trace_hash(session)
        return self._hashes[session.session_id]


@dataclass(kw_only=True, slots=True)
class Player:
    """A student, as far as played time goes. `played_s` is what stands already; where
    `first_sign_in_at` is not known, no rule of time applies. That is so too where a session came
    before it: the server's clock was ahead then, or is behind now."""

    student_id: int
    class_id: int
    first_sign_in_at: datetime | None
    played_s: int

    def doubts(self, session: GameSession, received_at: datetime) -> list[str]:
        """`before_first_sign_in` and `more_play_than_time`, where they apply."""
        if self.first_sign_in_at is None or received_at < self.first_sign_in_at:
            return []
        reasons = []
        begin = self.first_sign_in_at - BEFORE_SIGN_IN
        if session.ended_at is not None and session.ended_at < begin:
            reasons.append("before_first_sign_in")
        passed_s = (received_at - begin).total_seconds()
        if self.played_s + play_charge_s(session) > passed_s:
            reasons.append("more_play_than_time")
        return reasons


class PlayedTime:
    """The spans of students' sessions, to see where play does not fit into the clock's time.

    A span is longer than the play inside it where the round was paused, so spans may overlap as
    long as the play inside them fits side by side.
    """

    def __init__(self) -> None:
        self._spans: dict[int, list[Span]] = {}

    def add(self, session: GameSession) -> None:
        """Count this session as played. One without times is passed over."""
        span = _span(session)
        if span is not None:
            insort(self._spans.setdefault(session.student_id, []), span)

    def has_no_room_for(self, session: GameSession) -> bool:
        """Whether half of this session's play or more had to happen at the same time as other
        play of its student."""
        spans = self._spans.get(session.student_id)
        own = _span(session) if spans else None
        if spans is None or own is None:
            return False
        end, start, _ = own
        first = bisect_left(spans, (start, 0.0, 0.0))
        last = bisect_left(spans, (end + LONGEST_SPAN_S, 0.0, 0.0))
        beside = (s for s in spans[first:last] if s[0] > start and s[1] < end)
        others = list(islice(beside, MOST_BESIDE + 1))
        if not others or len(others) > MOST_BESIDE:
            return bool(others)
        return _crowded(own, others) or any(_crowded(own, [s]) for s in others)


def _span(session: GameSession) -> Span | None:
    if session.ended_at is None or session.started_at is None:
        return None
    end = session.ended_at.timestamp()
    start = max(session.started_at.timestamp(), end - LONGEST_SPAN_S)
    return end, start, min(session.duration, end - start)


def _crowded(own: Span, others: Sequence[Span]) -> bool:
    there = max(own[0], *(s[0] for s in others)) - min(own[1], *(s[1] for s in others))
    needed = own[2] + sum(s[2] for s in others)
    return needed - there >= max(OVERLAP_TOLERANCE * own[2], 1.0)
