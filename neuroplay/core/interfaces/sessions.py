"""Counted sessions and achievements in the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from neuroplay.core.entities.achievement import UnlockedAchievement
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.opening_balance import OpeningBalance
from neuroplay.core.entities.stored_session import BoardPlace, ListedSession, Place, SessionResult
from neuroplay.core.entities.verification import UnverifiedSession, Verdict, Verification
from neuroplay.core.rules.neighbours import SeedKey


class SessionReading(Protocol):
    def result(self, session_id: UUID) -> SessionResult | None: ...
    def of_student(self, student_id: int) -> list[GameSession]:
        """All stored sessions of a student, without traces, in order of end and id."""

    def opening_balance(self, student_id: int) -> OpeningBalance:
        """What the student's folded sessions came to."""

    def page(self, student_id: int, cursor: Place | None, limit: int) -> list[ListedSession]:
        """The student's sessions in any state: those with a record, newest first, then those whose
        record was removed, by their end. `cursor` is the `place` of the last one on the previous
        page."""

    def leaderboard(
        self, class_id: int, game_type: str, since: datetime, until: datetime
    ) -> list[BoardPlace]:
        """Each student's best session that ended from `since` on and before `until`, best first.
        Of equal scores the earlier is first. Only verified and approved sessions are ranked."""


class CountedSessions(Protocol):
    """The part of the sessions' repository that counting a session needs."""

    def existing(self, session_ids: Sequence[UUID]) -> frozenset[UUID]:
        """The ids that are already stored, or settled."""

    def add(self, session: GameSession, *, xp_gained: int, rating: str, verdict: Verdict) -> None:
        """Store a processed session, in bulk, by the commit at the latest.

        Its times are already on the server's clock. Its trace hash is
        `rules.plausibility.trace_hash(session)`. A plausible session with a trace is due to be
        verified.
        """

    def ends_between(
        self, student_id: int, first: date, last: date
    ) -> tuple[datetime, datetime] | None:
        """The earliest and the latest end among the student's sessions with a play day from `first`
        to `last`, including folded ones and those that this unit of work has added."""


class PlayedSessions(Protocol):
    """The part of the sessions' repository that judging a session needs."""

    def near(self, spans: Mapping[int, tuple[datetime, datetime]]) -> dict[int, list[GameSession]]:
        """For each student id, the stored sessions that overlap [start, end], without traces. In
        one statement."""

    def trace_owners(self, trace_hashes: Sequence[bytes]) -> dict[bytes, UUID]:
        """For each trace hash, the stored session that has it, of any student. Mismatches are
        ignored."""

    def seed_owners(self, keys: Collection[SeedKey]) -> dict[SeedKey, UUID]:
        """For each course, the first stored session with a trace. Mismatches are ignored: a
        session that does not agree with its trace is no evidence that the course was played."""


class TracedSessions(Protocol):
    """The part of the sessions' repository that verification needs."""

    def claim_unverified(
        self, limit: int, *, now: datetime, lease_s: float
    ) -> list[UnverifiedSession]:
        """Claim up to `limit` plausible sessions with a trace that are due, with SKIP LOCKED.

        Those without a try come first, and of these the latest stored. Their tries are incremented,
        and they are due again when the lease expires. A due time more than
        verification.LONGEST_WAIT_S ahead is ignored. If the inbox no longer has the trace, the
        session comes without it. The caller commits at once.
        """

    def try_known(self, versions: Collection[tuple[str, str]]) -> None:
        """Make plausible sessions due again that are no longer tried because their rules were
        unknown, if they are of these (game_type, game_version). They have all their tries again."""

    def finish_verification(self, outcomes: Sequence[Verification]) -> None:
        """Store the results of claims.

        A plausible session without reasons was not tried, and keeps its previous reasons. Never
        waits for another transaction: sessions that are locked or no longer plausible are skipped.
        """

    def second_on_their_course(self, session_ids: Sequence[UUID]) -> frozenset[UUID]:
        """The sessions whose course already had a session when they were stored. Mismatches are
        ignored."""


class GameSessionRepository(
    SessionReading, CountedSessions, PlayedSessions, TracedSessions, Protocol
): ...


class AchievementRepository(Protocol):
    def unlock(self, achievement: UnlockedAchievement) -> None:
        """Store an unlocked achievement, in bulk, by the commit at the latest.

        There is one row for each student and achievement; of two unlocks the earlier is kept, with
        its session. A unit of work must not unlock an achievement of a student twice.
        """
