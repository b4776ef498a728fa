"""Judge a session against others: overlapping play, a copied trace, a repeated course.

Of two sessions that exclude each other, the one that arrived first stays.
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
"""Share of a session's play that may overlap: two tablets' clocks differ by some seconds."""

LONGEST_SPAN_S = 6 * 3600.0
"""A span is cut to this: after so long a pause the start of a round is no evidence."""

MOST_OVERLAPPING = 200
"""Other rounds within the span of one, above which it is doubtful: nobody plays so many while a
round is paused. It also bounds what one student's sessions cost the drain."""

SIGN_IN_TOLERANCE = timedelta(days=1)
"""Tolerance for play before the first sign-in. Cards need the server, so there is none; but the
device's clock may have been wrong by hours."""

SEED_PLAYED_BEFORE = "seed_played_before"

RECEIPT_TOLERANCE = timedelta(minutes=1)
"""Tolerance for an end of play after the receipt. The clock shift (accept_sync.clock_shifts) moves
every end to before the receipt, unless the shifted time would be out of range."""

SeedKey = tuple[int | str, str, str, int]
"""(class, game, version of its rules, seed): a course, which one child plays once."""

Span = tuple[float, float, float]
"""(end, start, seconds of play); end and start are Unix times."""


class Neighbours:
    """The sessions that count already, to judge the next one against."""

    def __init__(self) -> None:
        self._played = PlayedTime()
        self._owners: dict[bytes, UUID | str] = {}
        self._seeds: dict[SeedKey, UUID | str] = {}
        self._hashes: dict[UUID | str, bytes | None] = {}
        self._players: dict[int, Player] = {}

    def doubts(self, session: GameSession, *, received_at: datetime | None = None) -> list[str]:
        """The reasons of this module that apply to the session.

        Those that concern the time of receipt need `received_at`, and some a known player.
        """
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
        if session.ended_at is not None and session.ended_at > received_at + RECEIPT_TOLERANCE:
            reasons.append("ended_after_it_came")
        player = self._players.get(session.student_id)
        if player is not None:
            reasons.extend(player.doubts(session, received_at))
        return reasons

    def add(self, session: GameSession) -> None:
        """Add a session that counts."""
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
        """Add a student. Call it before this student's sessions are judged."""
        self._players[player.student_id] = player

    def add_seeds(self, owners: Mapping[SeedKey, UUID]) -> None:
        """Add the stored session of each course."""
        self._seeds.update(owners)

    def seed_of(self, session: GameSession) -> SeedKey | None:
        """The session's course in its class; None without a seed or trace.

        Another version of the rules generates another course from the same seed. If the student's
        class is not known, the student takes its place.
        """
        seed = round_seed(session)
        if seed is None:
            return None
        player = self._players.get(session.student_id)
        group = f"student {session.student_id}" if player is None else player.class_id
        return group, session.game_type, session.game_version, seed

    def add_played(self, sessions: Sequence[GameSession]) -> None:
        """Add the play of stored sessions, but not their traces (see `add_traces`)."""
        for session in sessions:
            self._played.add(session)

    def add_traces(self, owners: Mapping[bytes, UUID]) -> None:
        """Add the stored session of each trace hash."""
        self._owners.update(owners)

    def trace_of(self, session: GameSession) -> bytes | None:
        """The session's trace hash, computed once; None if its trace is too short to compare."""
        if not has_telling_trace(session):
            return None
        if session.session_id not in self._hashes:
            self._hashes[session.session_id] = trace_hash(session)
        return self._hashes[session.session_id]


@dataclass(kw_only=True, slots=True)
class Player:
    """A student's played time. `played_s` is that of the sessions that count already.

    The rules need `first_sign_in_at`. They do not apply to a session that was received before it:
    the server's clock was ahead then, or is behind now.
    """

    student_id: int
    class_id: int
    first_sign_in_at: datetime | None
    played_s: int

    def doubts(self, session: GameSession, received_at: datetime) -> list[str]:
        """`before_first_sign_in` and `more_play_than_time`, where they apply."""
        if self.first_sign_in_at is None or received_at < self.first_sign_in_at:
            return []
        reasons = []
        begin = self.first_sign_in_at - SIGN_IN_TOLERANCE
        if session.ended_at is not None and session.ended_at < begin:
            reasons.append("before_first_sign_in")
        passed_s = (received_at - begin).total_seconds()
        if self.played_s + play_charge_s(session) > passed_s:
            reasons.append("more_play_than_time")
        return reasons


class PlayedTime:
    """The spans of students' sessions, to find play that overlaps.

    The span of a paused round is longer than its play. Spans may therefore overlap, as long as
    there is time for all the play in them.
    """

    def __init__(self) -> None:
        self._spans: dict[int, list[Span]] = {}

    def add(self, session: GameSession) -> None:
        """Add the session's span. A session without times is ignored."""
        span = _span(session)
        if span is not None:
            insort(self._spans.setdefault(session.student_id, []), span)

    def has_no_room_for(self, session: GameSession) -> bool:
        """Whether at least OVERLAP_TOLERANCE of this session's play must have happened during other
        play of its student."""
        spans = self._spans.get(session.student_id)
        own = _span(session) if spans else None
        if spans is None or own is None:
            return False
        end, start, _ = own
        first = bisect_left(spans, (start, 0.0, 0.0))
        last = bisect_left(spans, (end + LONGEST_SPAN_S, 0.0, 0.0))
        beside = (s for s in spans[first:last] if s[0] > start and s[1] < end)
        others = list(islice(beside, MOST_OVERLAPPING + 1))
        if not others or len(others) > MOST_OVERLAPPING:
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
