"""Count a session: XP, level and badges for its student."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, TypedDict, cast
from uuid import UUID

from neuroplay.core.entities.achievement import UnlockedAchievement
from neuroplay.core.entities.game_session import Feedback, GameSession
from neuroplay.core.entities.play_days import PlayDays
from neuroplay.core.entities.student import GameProgress, Progress, Student
from neuroplay.core.entities.verification import Verdict
from neuroplay.core.errors import InvalidSession, NotFound
from neuroplay.core.interfaces.services import Clock, present
from neuroplay.core.interfaces.sessions import AchievementRepository, CountedSessions
from neuroplay.core.interfaces.students import CountedStudents
from neuroplay.core.rules.achievements import (
    STREAKS,
    earned_by_history,
    earned_by_session,
    lived_days,
)
from neuroplay.core.rules.bounds import play_charge_s
from neuroplay.core.rules.plausibility import check_claims
from neuroplay.core.rules.session_record import read_time
from neuroplay.core.rules.xp import ACHIEVEMENT_XP, level_for, xp_for

_SESSION_FIELDS = frozenset(one.name for one in fields(GameSession))
_REQUIRED = ("session_id", "student_id", "game_type", "score", "duration", "accuracy", "completed")


@dataclass(frozen=True, kw_only=True, slots=True)
class Completion:
    """The result of counting one session. `student` has the progress afterwards.

    `unlocked` has the badges to store, with their times: new ones, and those whose time is now
    earlier.
    """

    session: GameSession
    student: Student
    xp_gained: int
    bonus_xp: int
    leveled_up: bool
    new_achievements: tuple[str, ...]
    unlocked: Mapping[str, datetime]
    rating: str


class Gained(TypedDict):
    """The result of counting one session, as JSON types."""

    xp_gained: int
    bonus_xp: int
    total_xp: int
    level: int
    leveled_up: bool
    new_achievements: list[str]
    performance_rating: str
    feedback: Feedback


class ProcessGameCompletion:
    """Counts a session for its student, once.

    The student's progress then depends only on the set of counted sessions, with one exception. A
    badge that needs several sessions gets the end of the one whose arrival completed it as its
    time. A badge that a single session earns gets the end of the earliest such session.
    """

    def __init__(
        self,
        *,
        student_repo: CountedStudents,
        game_repo: CountedSessions,
        achievement_repo: AchievementRepository,
        clock: Clock = present,
    ) -> None:
        self._students = student_repo
        self._games = game_repo
        self._achievements = achievement_repo
        self._clock = clock

    def execute(self, session_data: GameSession | Mapping[str, object]) -> Gained:
        """Count the session. If it was counted before, it gains nothing.

        Raises InvalidSession if it cannot be true, and NotFound for an unknown student.
        """
        session = as_session(session_data)
        check_claims(session)
        session_id = session.session_id
        counted = bool(self._games.existing([cast("UUID", session_id)]))
        done = self._unchanged(session) if counted else self.count(session)
        total = done.student.progress.xp
        return {
            "xp_gained": done.xp_gained,
            "bonus_xp": done.bonus_xp,
            "total_xp": total,
            "level": level_for(total),
            "leveled_up": done.leveled_up,
            "new_achievements": list(done.new_achievements),
            "performance_rating": done.rating,
            "feedback": session.feedback(),
        }

    def count(self, session: GameSession, *, verdict: Verdict = Verdict.PLAUSIBLE) -> Completion:
        """Count a session that is possible and not counted yet, as the caller has checked. Raises
        NotFound."""
        weighed = self.weigh(session)
        self.write(weighed, verdict=verdict)
        return weighed

    def weigh(self, session: GameSession) -> Completion:
        """Compute the result of counting the session, without writing anything. Raises NotFound."""
        student = self._student(session)
        before = student.progress
        rating = session.get_performance_rating()
        xp_gained = xp_for(session.score, completed=session.completed, rating=rating)
        ended_at = session.ended_at or self._clock()
        new_day = _new_day(before, session)
        after = _Counted(before, session, excellent=rating == "excellent", new_day=new_day)
        own = earned_by_session(session)
        had = before.achievements
        streak = self._streak(session, after.days, had.keys())
        new = [name for name in own + after.earned(streak) if name not in had]
        earlier = [name for name in own if name in had and ended_at < had[name]]
        bonus_xp = ACHIEVEMENT_XP * len(new)
        unlocked = dict.fromkeys(new + earlier, ended_at)
        student = _with_progress(
            student,
            after.progress(
                xp=before.xp + xp_gained + bonus_xp,
                achievements={**had, **unlocked} if unlocked else had,
            ),
        )
        return Completion(
            session=session,
            student=student,
            xp_gained=xp_gained,
            bonus_xp=bonus_xp,
            leveled_up=level_for(student.progress.xp) > level_for(before.xp),
            new_achievements=tuple(new),
            unlocked=unlocked,
            rating=rating,
        )

    def write(self, weighed: Completion, *, verdict: Verdict) -> None:
        """Store the result of `weigh`, which must be the latest one for its student."""
        session = weighed.session
        self._games.add(
            session, xp_gained=weighed.xp_gained, rating=weighed.rating, verdict=verdict
        )
        for name, unlocked_at in weighed.unlocked.items():
            self._achievements.unlock(
                UnlockedAchievement(
                    student_id=session.student_id,
                    achievement_id=name,
                    unlocked_at=unlocked_at,
                    session_id=session.session_id,
                )
            )
        self._students.save(weighed.student)

    def _streak(self, session: GameSession, days: PlayDays, had: AbstractSet[str]) -> int:
        """The length in days of the streak that contains the session's day, limited by
        `lived_days`; 0 if the student has every badge for streaks, so that years of play do not
        make a session slower. The store is queried only if a badge depends on it."""
        day, ended_at = play_day(session), session.ended_at
        if day is None or ended_at is None or had >= STREAKS.keys():
            return 0
        run_of_days = days.run_through(day)
        if run_of_days is None:
            return 0
        first, last = run_of_days
        run = (last - first).days + 1
        if all(name in had for name, needed in STREAKS.items() if needed <= run):
            return run
        others = self._games.ends_between(session.student_id, first, last)
        ends = (ended_at, *(others or ()))
        return lived_days(run, max(ends) - min(ends))

    def _student(self, session: GameSession) -> Student:
        student = self._students.get(session.student_id)
        if student is None:
            raise NotFound("this student does not exist", code="student_gone")
        return student

    def _unchanged(self, session: GameSession) -> Completion:
        return Completion(
            session=session,
            student=self._student(session),
            xp_gained=0,
            bonus_xp=0,
            leveled_up=False,
            new_achievements=(),
            unlocked={},
            rating=session.get_performance_rating(),
        )


def as_session(session_data: GameSession | Mapping[str, object]) -> GameSession:
    """The session itself, or one with the fields of a mapping. Ids and times may be text, as on the
    wire; unknown fields are ignored. Raises InvalidSession."""
    if isinstance(session_data, GameSession):
        return session_data
    values: dict[str, Any] = {
        name: value for name, value in session_data.items() if name in _SESSION_FIELDS
    }
    for name in _REQUIRED:
        if name not in values:
            raise InvalidSession("missing", name, f"{name} is missing")
    for name in ("started_at", "ended_at"):
        if isinstance(values.get(name), str):
            values[name] = read_time(values, name)
    # Not every caller identifies sessions by UUIDs; GameSession checks the id.
    with suppress(ValueError, TypeError, AttributeError):
        values["session_id"] = UUID(values["session_id"])
    return GameSession(**values)


def play_day(session: GameSession) -> date | None:
    """The day of the end of play in the student's calendar; None for a session without times."""
    if session.ended_at is None:
        return None
    return (session.ended_at + _offset(session.utc_offset_minutes)).date()


@lru_cache(maxsize=128)
def _offset(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)


def _new_day(before: Progress, session: GameSession) -> date | None:
    """The session's play day if it is a new one for the student, else None."""
    day = play_day(session)
    return None if day in before.play_days else day


class _Counted:
    """A student's counters after one more session."""

    __slots__ = ("days", "excellent", "games", "played_s", "sessions", "top")

    def __init__(
        self, before: Progress, session: GameSession, *, excellent: bool, new_day: date | None
    ) -> None:
        game_type = session.game_type
        self.sessions = before.sessions + 1
        self.excellent = before.excellent_sessions + excellent
        self.top = max(before.top_difficulty, session.lanterns)
        self.played_s = before.played_s + play_charge_s(session)
        self.days = before.play_days if new_day is None else before.play_days.with_day(new_day)
        self.games = before.games.copy()
        self.games[game_type] = _game(before.games.get(game_type), session)

    def earned(self, streak: int) -> list[str]:
        return earned_by_history(
            sessions=self.sessions,
            excellent_sessions=self.excellent,
            top_difficulty=self.top,
            games=self.games.keys(),
            streak=streak,
        )

    def progress(self, *, xp: int, achievements: dict[str, datetime]) -> Progress:
        return Progress(
            xp=xp,
            sessions=self.sessions,
            excellent_sessions=self.excellent,
            top_difficulty=self.top,
            played_s=self.played_s,
            play_days=self.days,
            games=self.games,
            achievements=achievements,
        )


def _game(before: GameProgress | None, session: GameSession) -> GameProgress:
    """The results in one game after one more session.

    The next level is that of the session that ended last; of two with the same end, the higher one.
    So the order of arrival does not matter.
    """
    difficulty = session.next_difficulty
    plays, best, ended_at = 1, session.score, session.ended_at
    if before is not None:
        plays, best = before.plays + 1, max(before.best_score, best)
        known = before.last_ended_at
        if known is not None and (ended_at is None or known > ended_at):
            ended_at, difficulty = known, before.difficulty
        elif known == ended_at:
            difficulty = max(before.difficulty, difficulty)
    return GameProgress(
        game_type=session.game_type,
        plays=plays,
        best_score=best,
        difficulty=difficulty,
        last_ended_at=ended_at,
    )


def _with_progress(student: Student, progress: Progress) -> Student:
    return Student(
        student_id=student.student_id,
        class_id=student.class_id,
        nickname=student.nickname,
        avatar=student.avatar,
        card_version=student.card_version,
        created_at=student.created_at,
        first_sign_in_at=student.first_sign_in_at,
        has_made_up_play=student.has_made_up_play,
        progress=progress,
    )
