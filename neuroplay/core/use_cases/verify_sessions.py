"""Verify sessions with a trace, when the inbox has no due items."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.game_versions import VERSIONS
from neuroplay.core.entities.verification import (
    AT_ONCE,
    LONGEST_WAIT_S,
    UnverifiedSession,
    Verdict,
    Verification,
)
from neuroplay.core.errors import CannotPlayAgain
from neuroplay.core.interfaces.services import ReplayVerifier
from neuroplay.core.interfaces.sessions import TracedSessions
from neuroplay.core.interfaces.unit_of_work import UnitOfWork, UnitOfWorkFactory
from neuroplay.core.rules.neighbours import SEED_PLAYED_BEFORE
from neuroplay.core.rules.verification import TRACE_UNREADABLE, differences, traced_round

LEASE_S = 60.0
"""How long a claim lasts. After that, another worker may claim the session."""

MOST_TRIES = 5
FIRST_WAIT_S = 60.0
WAIT_GROWS = 8
"""A round that could not be replayed is tried again after 1 min, 8 min, 1 h and 8.5 h. This gives
an operator time to fix the installation, and a release time to reach every machine."""

KNOWN = tuple((game, version) for game, versions in VERSIONS.items() for version in versions)

TRIES_USED_UP = "tries_used_up"
"""The reason of a session whose claims all ended because their worker died."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifiedSession:
    """The result for one session. `verdict` is `verified`, `mismatch`, or `plausible` if its round
    could not be replayed. `reasons` say what differs, or why it could not."""

    session_id: UUID
    game_type: str
    verdict: Verdict
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifyReport:
    """The result of one run. `more`: another run may find sessions."""

    sessions: tuple[VerifiedSession, ...] = ()
    more: bool = False


class VerifySessions:
    """Claims sessions that are due, replays their rounds with the games' own rules, and stores the
    verdicts.

    A session whose trace gives another result is a `mismatch`: it is removed from the leaderboard
    until an adult reviews it, but keeps its XP. If the rules cannot be run, the session stays
    plausible. It is tried MOST_TRIES times in all, and as often again by a release that knows the
    rules which an earlier one did not.
    """

    def __init__(
        self,
        *,
        uow: UnitOfWorkFactory,
        verifier: ReplayVerifier,
        timer: Callable[[], float] = time.monotonic,
        known: Collection[tuple[str, str]] = KNOWN,
    ) -> None:
        """`known` are the versions of rules, as (game_type, game_version)."""
        self._uow = uow
        self._newly_known = known
        self._verifier = verifier
        self._timer = timer

    def rest(self) -> None:
        """Release the verifier's resources until there is something to verify."""
        self._verifier.close()

    def execute(self, limit: int = 8, *, budget_s: float = 0.25) -> VerifyReport:
        """Verify up to `limit` sessions.

        Does nothing while the inbox has due items: the drain has priority. After `budget_s` seconds
        no further session is begun, and the rest is released. Raises StoreUnavailable; then claimed
        sessions are due again when their lease expires.
        """
        ends = self._timer() + budget_s
        self._try_known()
        with self._uow() as uow:
            now = uow.now()
            if uow.inbox.has_due(now=now):
                return VerifyReport()
            claimed = uow.sessions.claim_unverified(limit, now=now, lease_s=LEASE_S)
            if not claimed:
                return VerifyReport()
            uow.commit()
        outcomes = [
            self._given_back(one) if place and self._timer() >= ends else self._verify(one, now)
            for place, one in enumerate(claimed)
        ]
        with self._uow() as uow:
            outcomes = _first_on_their_course(uow.sessions, outcomes)
            _save_students_of_mismatches(uow, claimed, outcomes)
            uow.sessions.finish_verification(outcomes)
            uow.commit()
        done = _done(claimed, outcomes)
        return VerifyReport(sessions=done, more=len(claimed) == limit or len(done) < len(claimed))

    def _try_known(self) -> None:
        """Once in the life of a worker, since a release begins with new ones."""
        if self._newly_known:
            with self._uow() as uow:
                uow.sessions.try_known(self._newly_known)
                uow.commit()
            self._newly_known = ()

    def _verify(self, claimed: UnverifiedSession, now: datetime) -> Verification:
        session, tries = claimed.session, claimed.tries
        verdict, due_at = Verdict.PLAUSIBLE, None
        if tries > MOST_TRIES:
            reasons = [TRIES_USED_UP]
        else:
            try:
                verdict, reasons = judge_by_trace(session, self._verifier)
            except CannotPlayAgain as error:
                reasons, due_at = [error.code], self._next_try(tries, now)
        return Verification(
            session_id=cast("UUID", session.session_id),
            verdict=verdict,
            reasons=tuple(reasons),
            tries=tries,
            due_at=due_at,
        )

    def _given_back(self, claimed: UnverifiedSession) -> Verification:
        return Verification(
            session_id=cast("UUID", claimed.session.session_id),
            verdict=Verdict.PLAUSIBLE,
            tries=claimed.tries - 1,
            due_at=AT_ONCE,
        )

    @staticmethod
    def _next_try(tries: int, now: datetime) -> datetime | None:
        if tries >= MOST_TRIES:
            return None
        wait_s = min(FIRST_WAIT_S * WAIT_GROWS ** (tries - 1), LONGEST_WAIT_S)
        return now + timedelta(seconds=wait_s)


def _first_on_their_course(
    sessions: TracedSessions, outcomes: Sequence[Verification]
) -> list[Verification]:
    """Make verified sessions mismatches if their course was played before.

    Drains that run at the same time do not see each other's sessions. So this is checked once more
    before a session is ranked.
    """
    verified = [one.session_id for one in outcomes if one.verdict == Verdict.VERIFIED]
    second = sessions.second_on_their_course(verified) if verified else frozenset()
    return [
        replace(one, verdict=Verdict.MISMATCH, reasons=(SEED_PLAYED_BEFORE,))
        if one.session_id in second
        else one
        for one in outcomes
    ]


def _save_students_of_mismatches(
    uow: UnitOfWork, claimed: Sequence[UnverifiedSession], outcomes: Sequence[Verification]
) -> None:
    """A mismatch leaves the accuracy that adults see, and the stamp of what they see tells only the
    versions of students. They are locked before their sessions, as by an erasure."""
    students = {
        one.session.student_id
        for one, outcome in zip(claimed, outcomes, strict=True)
        if outcome.verdict == Verdict.MISMATCH
    }
    uow.students.lock(sorted(students))
    for student_id in students:
        if (student := uow.students.get(student_id)) is not None:
            uow.students.save(student)


def judge_by_trace(session: GameSession, verifier: ReplayVerifier) -> tuple[Verdict, list[str]]:
    """(verdict, reasons): VERIFIED, MISMATCH with what differs, or PLAUSIBLE if the trace cannot be
    read. Raises CannotPlayAgain if the round could not be replayed this time."""
    played = traced_round(session)
    if played is None:
        return Verdict.PLAUSIBLE, [TRACE_UNREADABLE]
    found = differences(session, verifier.play_again(played))
    return (Verdict.MISMATCH if found else Verdict.VERIFIED), found


def _done(
    claimed: Sequence[UnverifiedSession], outcomes: Sequence[Verification]
) -> tuple[VerifiedSession, ...]:
    """The results, without those of sessions that were released."""
    return tuple(
        VerifiedSession(
            session_id=outcome.session_id,
            game_type=one.session.game_type,
            verdict=outcome.verdict,
            reasons=outcome.reasons,
        )
        for one, outcome in zip(claimed, outcomes, strict=True)
        if outcome.tries == one.tries
    )
