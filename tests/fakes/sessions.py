"""Fakes of the repositories of processed sessions and achievements."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from neuroplay.core.entities.achievement import UnlockedAchievement
from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.opening_balance import OpeningBalance
from neuroplay.core.entities.stored_session import BoardPlace, ListedSession, Place, SessionResult
from neuroplay.core.entities.student import Student
from neuroplay.core.entities.sync_item import InboxItem, InboxState
from neuroplay.core.entities.verification import (
    AT_ONCE,
    LONGEST_WAIT_S,
    UNKNOWN_RULES,
    UnverifiedSession,
    Verdict,
    Verification,
)
from neuroplay.core.errors import InvalidSession
from neuroplay.core.rules.neighbours import SeedKey
from neuroplay.core.rules.plausibility import round_seed, trace_hash
from neuroplay.core.rules.session_record import moved, read_time
from neuroplay.core.use_cases.process_game_completion import play_day
from tests.fakes.tables import StoredSession, Tables, has_come

STORED = datetime(2026, 1, 1, tzinfo=UTC)
"""The fake store has no clock."""

ON_THE_BOARD = ("verified", "approved")


class FakeSessions:
    """`fault` may raise an error for an added session, like a store with a bad row."""

    def __init__(
        self, tables: Tables, fault: Callable[[GameSession], None] = lambda _: None
    ) -> None:
        self._tables = tables
        self._fault = fault

    def existing(self, session_ids: Sequence[UUID]) -> frozenset[UUID]:
        stored = self._tables.sessions.keys() | self._tables.settled.keys()
        return frozenset(i for i in session_ids if i in stored)

    def add(self, session: GameSession, *, xp_gained: int, rating: str, verdict: str) -> None:
        self._fault(session)
        if session.session_id in self._tables.sessions:
            raise ValueError(f"session {session.session_id} is stored already")
        self._tables.sessions[session.session_id] = StoredSession(
            session=session, xp_gained=xp_gained, rating=rating, verdict=verdict
        )

    def near(self, spans: Mapping[int, tuple[datetime, datetime]]) -> dict[int, list[GameSession]]:
        found: dict[int, list[GameSession]] = {}
        for row in self._tables.sessions.values():
            session = row.session
            span = spans.get(session.student_id)
            if span is None or session.started_at is None or session.ended_at is None:
                continue
            if session.started_at <= span[1] and session.ended_at >= span[0]:
                found.setdefault(session.student_id, []).append(bare(session))
        return found

    def ends_between(
        self, student_id: int, first: date, last: date
    ) -> tuple[datetime, datetime] | None:
        own = [one.session for one in self._tables.sessions.values()]
        ends = [
            one.ended_at
            for one in own
            if one.student_id == student_id
            and one.ended_at is not None
            and first <= (play_day(one) or first) <= last
        ]
        for day, folded in self.opening_balance(student_id).days.items():
            ends += folded if first <= day <= last else ()
        return (min(ends), max(ends)) if ends else None

    def result(self, session_id: UUID) -> SessionResult | None:
        row = self._tables.sessions.get(session_id)
        if row is None:
            return None
        return SessionResult(
            xp_gained=row.xp_gained,
            rating=row.rating,
            verdict=Verdict(row.verdict),
            verify_reasons=tuple(row.verify_reasons),
            stored_at=STORED,
            achievements=tuple(
                sorted(
                    name
                    for (_, name), one in self._tables.unlocked.items()
                    if one.session_id == session_id
                )
            ),
        )

    def of_student(self, student_id: int) -> list[GameSession]:
        own = [r.session for r in self._tables.sessions.values()]
        return sorted(
            (bare(session) for session in own if session.student_id == student_id),
            key=lambda s: (s.ended_at is None, s.ended_at, str(s.session_id)),
        )

    def opening_balance(self, student_id: int) -> OpeningBalance:
        return self._tables.balances.get(student_id, OpeningBalance())

    def trace_owners(self, trace_hashes: Sequence[bytes]) -> dict[bytes, UUID]:
        owners: dict[bytes, Any] = {}
        for row in self._tables.sessions.values():
            found = trace_hash(row.session)
            if row.verdict != "mismatch" and found in trace_hashes and found is not None:
                owners.setdefault(found, row.session.session_id)
        return owners

    def seed_owners(self, keys: Collection[SeedKey]) -> dict[SeedKey, UUID]:
        owners: dict[SeedKey, Any] = {}
        for row in self._tables.sessions.values():
            student = self._tables.students.get(row.session.student_id)
            seed = round_seed(row.session)
            if row.verdict != "mismatch" and student is not None and seed is not None:
                key = _course(student, row.session, seed)
                if key in keys:
                    owners.setdefault(key, row.session.session_id)
        return owners

    def second_on_their_course(self, session_ids: Sequence[UUID]) -> frozenset[UUID]:
        first: dict[Any, Any] = {}
        second: set[Any] = set()
        for session_id, row in self._tables.sessions.items():
            student = self._tables.students.get(row.session.student_id)
            seed = round_seed(row.session)
            if student is None or seed is None:
                continue
            course = _course(student, row.session, seed)
            if course in first and session_id in session_ids:
                second.add(session_id)
            if row.verdict != "mismatch":
                first.setdefault(course, session_id)
        return frozenset(second)

    def claim_unverified(
        self, limit: int, *, now: datetime, lease_s: float
    ) -> list[UnverifiedSession]:
        latest_first = reversed(self._tables.sessions.items())
        due = [
            (row.verify_due_at, session_id, row)
            for session_id, row in latest_first
            if is_to_verify(row)
            and row.verify_due_at is not None
            and has_come(row.verify_due_at, now, LONGEST_WAIT_S)
        ]
        claimed = []
        for _, session_id, row in sorted(due, key=lambda one: one[0])[:limit]:
            self._tables.sessions[session_id] = replace(
                row,
                verify_tries=row.verify_tries + 1,
                verify_due_at=now + timedelta(seconds=lease_s),
            )
            claimed.append(UnverifiedSession(session=self._traced(row), tries=row.verify_tries + 1))
        return claimed

    def _traced(self, row: StoredSession) -> GameSession:
        """The trace is read from the inbox."""
        held = [i for i in self._tables.inbox.values() if i.session_id == row.session.session_id]
        recorded: Any = held[0].payload.get("metadata", {}) if held else {}
        return replace(
            row.session,
            started_at=None,
            ended_at=None,
            utc_offset_minutes=0,
            metadata={
                "difficulty": row.session.difficulty,
                "seed": recorded.get("seed"),
                "trace": recorded.get("trace"),
            },
        )

    def try_known(self, versions: Collection[tuple[str, str]]) -> None:
        for session_id, row in self._tables.sessions.items():
            one = row.session
            if (
                row.verdict == "plausible"
                and row.verify_due_at is None
                and row.verify_reasons == (UNKNOWN_RULES,)
                and (one.game_type, one.game_version) in versions
            ):
                self._tables.sessions[session_id] = replace(
                    row, verify_due_at=AT_ONCE, verify_tries=0
                )

    def finish_verification(self, outcomes: Sequence[Verification]) -> None:
        for one in outcomes:
            row = self._tables.sessions.get(one.session_id)
            if row is not None and row.verdict == "plausible":
                tried = one.reasons or one.verdict != "plausible"
                self._tables.sessions[one.session_id] = replace(
                    row,
                    verdict=one.verdict,
                    verify_reasons=one.reasons if tried else row.verify_reasons,
                    verify_tries=one.tries,
                    verify_due_at=one.due_at,
                )

    def page(self, student_id: int, cursor: Place | None, limit: int) -> list[ListedSession]:
        received, settled = self._received(student_id), self._settled(student_id)
        if cursor is None:
            rows = received + settled
        elif isinstance(cursor[1], UUID):
            rows = [row for row in settled if _is_before(row, cursor)]
        else:
            rows = [row for row in received if _is_before(row, cursor)] + settled
        return rows[:limit]

    def _received(self, student_id: int) -> list[ListedSession]:
        own = (i for i in self._tables.inbox.values() if i.student_id == student_id)
        return [self._row(item) for item in sorted(own, key=_place, reverse=True)]

    def _settled(self, student_id: int) -> list[ListedSession]:
        """Sessions whose record was removed, the last played first."""
        own = [
            self._row_of_settled(row)
            for session_id, row in self._tables.sessions.items()
            if row.session.student_id == student_id and session_id in self._tables.settled
        ]
        return sorted(own, key=lambda row: row.place, reverse=True)

    @staticmethod
    def _row_of_settled(stored: StoredSession) -> ListedSession:
        session: Any = stored.session
        return ListedSession(
            session_id=session.session_id,
            state=InboxState.PROCESSED,
            verdict=Verdict(stored.verdict),
            game_type=session.game_type,
            score=session.score,
            xp_gained=stored.xp_gained,
            ended_at=session.ended_at,
            inbox_id=None,
            received_at=None,
        )

    def _row(self, item: InboxItem) -> ListedSession:
        processed = item.state is InboxState.PROCESSED
        stored = self._tables.sessions.get(item.session_id or "") if processed else None
        return ListedSession(
            session_id=item.session_id,
            state=item.state,
            verdict=Verdict(stored.verdict) if stored else None,
            game_type=item.payload.get("game_type"),
            score=item.payload.get("score"),
            xp_gained=stored.xp_gained if stored else None,
            ended_at=stored.session.ended_at if stored else _ended_at(item),
            inbox_id=item.inbox_id,
            received_at=item.received_at,
        )

    def leaderboard(
        self, class_id: int, game_type: str, since: datetime, until: datetime
    ) -> list[BoardPlace]:
        best: dict[int, tuple[int, float]] = {}
        for row in self._tables.sessions.values():
            session = row.session
            student = self._tables.students.get(session.student_id)
            if student is None or student.class_id != class_id or session.game_type != game_type:
                continue
            if (
                row.verdict not in ON_THE_BOARD
                or session.ended_at is None
                or not since <= session.ended_at < until
            ):
                continue
            reached = -session.score, session.ended_at.timestamp()
            best[session.student_id] = min(best.get(session.student_id, reached), reached)
        return [
            BoardPlace(
                i, self._tables.students[i].nickname, self._tables.students[i].avatar, -score
            )
            for i, (score, _) in sorted(best.items(), key=lambda pair: (pair[1], pair[0]))
        ]


class FakeAchievements:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def unlock(self, achievement: UnlockedAchievement) -> None:
        key = achievement.student_id, achievement.achievement_id
        known = self._tables.unlocked.get(key)
        if known is None or achievement.unlocked_at < known.unlocked_at:
            self._tables.unlocked[key] = achievement


def _is_before(row: ListedSession, cursor: Any) -> bool:
    return bool(row.place < cursor)


def _course(student: Student, session: GameSession, seed: int) -> SeedKey:
    return student.class_id, session.game_type, session.game_version, seed


def bare(session: GameSession) -> GameSession:
    """The session as the store returns it: of its metadata, the levels alone."""
    levels = {"difficulty": session.difficulty, "next_difficulty": session.next_difficulty}
    return replace(session, metadata=levels)


def is_to_verify(row: StoredSession) -> bool:
    return (
        row.verdict == "plausible"
        and trace_hash(row.session) is not None
        and row.verify_due_at is not None
    )


def _place(item: InboxItem) -> tuple[datetime, int]:
    return item.received_at, item.inbox_id


def _ended_at(item: InboxItem) -> datetime | None:
    try:
        return moved(read_time(item.payload, "ended_at", required=False), item.clock_shift_s)
    except InvalidSession:
        return None
