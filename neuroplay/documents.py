"""JSON documents that both the API and a command write."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from neuroplay.core.entities.game_catalogue import GAMES
from neuroplay.core.entities.game_session import HIGHEST_SCORE
from neuroplay.core.entities.roster import RosterPreview
from neuroplay.core.entities.stored_session import ListedSession
from neuroplay.core.rules.xp import level_for, xp_at_next_level
from neuroplay.core.use_cases.read_progress import StudentProgress


def progress_document(found: StudentProgress, *, known_as: int | None = None) -> dict[str, Any]:
    """The document of GET /api/v1/me. `known_as` is the number by which the device knows the
    student, if it may be another."""
    student, counts, streak = found.student, found.counts, found.streak
    progress = student.progress
    return {
        "student": {
            "id": student.student_id if known_as is None else known_as,
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
        "games": [
            {
                "game_type": game_type,
                "plays": game.plays,
                "best_score": game.best_score,
                "difficulty": game.difficulty,
            }
            for game_type in GAMES
            if (game := progress.games.get(game_type)) is not None
        ],
        "sessions": {
            "processed": counts.processed,
            "pending": counts.pending,
            "held": counts.held,
        },
        "streak": {
            "days": streak.days,
            "today": streak.today,
            "last_day": None if streak.last_day is None else streak.last_day.isoformat(),
        },
        "day_minutes": found.day_minutes,
    }


def session_document(listed: ListedSession) -> dict[str, Any]:
    """One of a student's sessions. `game_type` and `score` are None if the record's are invalid:
    they may be anything."""
    game_type, score = listed.game_type, listed.score
    known = isinstance(game_type, str) and game_type in GAMES
    whole = type(score) is int and abs(score) <= HIGHEST_SCORE
    return {
        "session_id": None if listed.session_id is None else str(listed.session_id),
        "state": listed.state,
        "verdict": listed.verdict,
        "game_type": game_type if known else None,
        "score": score if whole else None,
        "xp_gained": listed.xp_gained,
        "ended_at": iso(listed.ended_at),
    }


def roster_preview_document(preview: RosterPreview) -> dict[str, Any]:
    """What importing a roster would do."""
    return {
        "preview_id": preview.preview_id,
        "can_apply": preview.can_apply,
        "classes": [
            {
                "id": one.school_class.class_id if one.school_class else None,
                "name": one.name,
                "code": one.school_class.code if one.school_class else None,
            }
            for one in preview.classes
        ],
        "counts": preview.counts,
        "doubts": [
            {"code": one.doubt, "about": one.about, "message": one.message}
            for one in preview.doubts
        ],
        "errors": [
            {"line": one.line, "column": one.column or None, "message": one.message}
            for one in preview.errors
        ],
        "lines": [
            {
                "line": one.line,
                "becomes": str(one.becomes),
                "nickname": one.nickname or None,
                "avatar": one.avatar,
                "class": one.class_name or None,
                "student_id": one.student_id,
                "was": one.was,
                "was_class": one.was_class,
                "message": one.message or None,
                "faults": [
                    {"code": each.fault, "column": each.column, "about": each.about}
                    for each in one.faults
                ],
            }
            for one in preview.lines
        ],
        "encoding": preview.guessed or None,
    }


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC, ending in Z."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def minutes(seconds: float) -> float:
    """Minutes of play, as people are told them."""
    return round(seconds / 60, 1)


def share(value: float | None) -> float | None:
    """An accuracy, as precise as a plot needs it."""
    return None if value is None else round(value, 3)
