"""What a student reached, did, and where that is on the class board."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.game_session import HIGHEST_SCORE
from neuroplay.core.entities.student import Principal, Progress, Student
from neuroplay.core.entities.sync_item import InboxCounts
from neuroplay.core.errors import NotFound, Refused, student_erased
from neuroplay.core.interfaces.services import Clock
from neuroplay.core.interfaces.unit_of_work import UnitOfWork, UnitOfWorkFactory
from neuroplay.core.rules.achievements import run_ending_on
from neuroplay.core.rules.xp import level_for, xp_at_next_level

LARGEST_PAGE = 200
BOARD_PLACES = 5


class ReadProgress:
    """GET /api/v1/me."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, principal: Principal) -> dict[str, Any]:
        """Raises Refused(code="student_erased")."""
        with self._uow(in_steps=True) as uow:
            found = uow.students.get_with_counts(principal.student_id)
        if found is None:
            raise student_erased(principal.student_id)
        student, counts = found
        return progress_document(student, counts, today=self._clock().date())


def progress_document(student: Student, counts: InboxCounts, *, today: date) -> dict[str, Any]:
    """A student's progress as plain JSON types; `today` is the UTC date."""
    progress = student.progress
    return {
        "student": {
            "id": student.student_id,
            "nickname": student.nickname,
            "avatar": student.avatar,
        },
        "xp": progress.xp,
        "level": level_for(progress.xp),
        "xp_next_level": xp_at_next_level(progress.xp),
        "achievements": [
            {"id": achievement_id, "unlocked_at": iso(unlocked_at)}
            for achievement_id, unlocked_at in sorted(
                progress.achievements.items(), key=lambda pair: (pair[1], pair[0])
            )
        ],
        "games": _games(progress),
        "sessions": {
            "processed": counts.processed,
            "pending": counts.pending,
            "held": counts.held,
        },
        "streak": _streak(progress.play_days, today),
    }


def _games(progress: Progress) -> list[dict[str, Any]]:
    return [
        {
            "game_type": game_type,
            "plays": game.plays,
            "best_score": game.best_score,
            "difficulty": game.difficulty,
        }
        for game_type in GAMES
        if (game := progress.games.get(game_type)) is not None
    ]


def _streak(play_days: frozenset[date], today: date) -> dict[str, Any]:
    """The run of days that still goes on. The server knows the UTC date alone, so a run lives
    until it is over everywhere on earth; `last_day` lets a device be exact. Days that have begun
    nowhere yet are of a clock that was ahead, and say nothing."""
    begun = (day for day in play_days if day <= today + timedelta(days=1))
    last_day = max(begun, default=None)
    alive = last_day is not None and last_day >= today - timedelta(days=2)
    return {
        "days": run_ending_on(last_day, play_days) if alive and last_day else 0,
        "today": last_day is not None and last_day >= today,
        "last_day": None if last_day is None else last_day.isoformat(),
    }


class ReadSessions:
    """GET /api/v1/me/sessions: newest first, what still waits too."""

    def __init__(self, *, uow: UnitOfWorkFactory) -> None:
        self._uow = uow

    def execute(
        self, principal: Principal, cursor: str | None = None, limit: int = 50
    ) -> dict[str, Any]:
        """Raises Refused(code="bad_cursor") where `cursor` is none of ours."""
        limit = max(1, min(limit, LARGEST_PAGE))
        after = None if not cursor else _read_cursor(cursor)
        with self._uow(in_steps=True) as uow:
            rows = uow.sessions.page(principal.student_id, after, limit + 1)
        page = rows[:limit]
        return {
            "sessions": [session_document(row) for row in page],
            "next": _write_cursor(page[-1]) if len(rows) > limit else None,
        }


def session_document(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of GameSessionRepository.page as plain JSON types. What an invalid record says in the
    place of its game or score is passed over: it may be anything."""
    game_type, score = row["game_type"], row["score"]
    known = isinstance(game_type, str) and game_type in GAMES
    whole = type(score) is int and abs(score) <= HIGHEST_SCORE
    return {
        "session_id": None if row["session_id"] is None else str(row["session_id"]),
        "state": str(row["state"]),
        "verdict": row["verdict"],
        "game_type": game_type if known else None,
        "score": score if whole else None,
        "xp_gained": row["xp_gained"],
        "ended_at": iso(row["ended_at"]),
    }


def _write_cursor(row: Mapping[str, Any]) -> str:
    text = f"{row['received_at'].isoformat()}|{row['inbox_id']}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        moment, _, inbox_id = base64.urlsafe_b64decode(padded).decode().partition("|")
        after = datetime.fromisoformat(moment).astimezone(UTC), int(inbox_id)
    except (ValueError, OverflowError, binascii.Error):
        raise Refused("this page does not exist", code="bad_cursor") from None
    if not 0 <= after[1] < 2**63:
        raise Refused("this page does not exist", code="bad_cursor")
    return after


A_WEEK = timedelta(days=7)


class ReadLeaderboard:
    """GET /api/v1/leaderboards/<game_type>: the best round of each child of the own class in
    this week, which begins on Monday at 00:00 UTC. A round of a week to come was timed by a
    clock that was ahead."""

    def __init__(self, *, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def execute(self, principal: Principal, game_type: str) -> dict[str, Any]:
        """Raises NotFound for an unknown game, Refused(code="leaderboard_off")."""
        if game_type not in GAMES:
            raise NotFound("there is no such game", code="unknown_game")
        since = week_start(self._clock())
        with self._uow(in_steps=True) as uow:
            present_student(uow, principal)
            school_class = uow.classes.get(principal.class_id)
            if school_class is None or not school_class.leaderboard_enabled:
                raise Refused("the leaderboard of this class is turned off", code="leaderboard_off")
            rows = uow.sessions.leaderboard(principal.class_id, game_type, since, since + A_WEEK)
        return {
            "game_type": game_type,
            "period": "week",
            "since": iso(since),
            "top": [
                {"nickname": nickname, "avatar": avatar, "score": score}
                for _, nickname, avatar, score in rows[:BOARD_PLACES]
            ],
            "me": next(
                (
                    {"rank": rank, "score": row[3]}
                    for rank, row in enumerate(rows, start=1)
                    if row[0] == principal.student_id
                ),
                None,
            ),
        }


def week_start(now: datetime) -> datetime:
    """Monday 00:00 UTC of the week of `now`."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=midnight.weekday())


def present_student(uow: UnitOfWork, principal: Principal) -> Student:
    """The principal's student. Raises Refused(code="student_erased") where it is gone."""
    student = uow.students.get(principal.student_id)
    if student is None:
        raise student_erased(principal.student_id)
    return student


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC with a Z, as the wire has it."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
