"""The files of a class's export: tables for spreadsheets, and all of it as JSON."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.rules.csv_cells import csv_text
from neuroplay.core.rules.xp import level_for
from neuroplay.core.use_cases.export_class import ClassExport, ExportedStudent
from neuroplay.documents import iso

Row = tuple[object, ...]

CHILDREN = ("student_id", "nickname", "avatar", "level", "xp", "games", "days", "badges")
SESSIONS = (
    "student_id",
    "nickname",
    "session_id",
    "game_type",
    "started_at",
    "ended_at",
    "utc_offset_minutes",
    "difficulty",
    "next_difficulty",
    "score",
    "accuracy",
    "duration_s",
    "completed",
)
DAYS = ("student_id", "nickname", "day", "games", "minutes")


def class_export_zip(found: ClassExport) -> bytes:
    """A ZIP file with children.csv, sessions.csv, days.csv and class.json."""
    files = {
        "children.csv": csv_text([CHILDREN, *map(_child, found.students)]),
        "sessions.csv": csv_text([SESSIONS, *_sessions(found)]),
        "days.csv": csv_text([DAYS, *_days(found)]),
        "class.json": json.dumps(class_export_document(found), indent=2, ensure_ascii=False) + "\n",
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            at = found.exported_at.timetuple()[:6]
            archive.writestr(zipfile.ZipInfo(name, at), text, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def class_export_name(found: ClassExport) -> str:
    """The name of the file, such as `neuroplay-3A-2026-12-18.zip`: of a class's name only letters,
    digits and `-`, which every file system takes."""
    name = "-".join(re.findall(r"[^\W_]+", found.school_class.name)) or str(
        found.school_class.class_id
    )
    return f"neuroplay-{name}-{found.exported_at.date()}.zip"


def class_export_document(found: ClassExport) -> dict[str, Any]:
    """The content of class.json."""
    one = found.school_class
    return {
        "exported_at": iso(found.exported_at),
        "class": {
            "id": one.class_id,
            "name": one.name,
            "created_at": iso(one.created_at),
            "archived_at": None if one.archived_at is None else iso(one.archived_at),
            "made_up": one.has_made_up_play,
        },
        "students": [_student_json(each) for each in found.students],
    }


def _student_json(one: ExportedStudent) -> dict[str, Any]:
    student, progress = one.student, one.student.progress
    return {
        "id": student.student_id,
        "nickname": student.nickname,
        "avatar": student.avatar,
        "made_up": student.has_made_up_play,
        "level": level_for(progress.xp),
        "xp": progress.xp,
        "badges": {name: iso(at) for name, at in sorted(progress.achievements.items())},
        "days": [
            {"day": day.day.isoformat(), "games": day.games, "seconds": day.seconds}
            for day in one.days()
        ],
        "sessions": [dict(zip(SESSIONS[2:], _session(each), strict=True)) for each in one.sessions],
        "folded": [
            {
                **asdict(balance),
                "game_type": game_type,
                "last_ended_at": iso(balance.last_ended_at),
                "earned": sorted(balance.earned),
            }
            for game_type, balance in sorted(one.folded.games.items())
        ],
    }


def _child(one: ExportedStudent) -> Row:
    student, progress = one.student, one.student.progress
    return (
        student.student_id,
        student.nickname,
        student.avatar,
        level_for(progress.xp),
        progress.xp,
        progress.sessions,
        len(progress.play_days),
        " ".join(sorted(progress.achievements)),
    )


def _sessions(found: ClassExport) -> Iterator[Row]:
    for one in found.students:
        for session in one.sessions:
            yield one.student.student_id, one.student.nickname, *_session(session)


def _session(session: GameSession) -> Row:
    return (
        str(session.session_id),
        session.game_type,
        None if session.started_at is None else iso(session.started_at),
        None if session.ended_at is None else iso(session.ended_at),
        session.utc_offset_minutes,
        session.difficulty,
        session.next_difficulty,
        session.score,
        session.accuracy,
        session.duration,
        session.completed,
    )


def _days(found: ClassExport) -> Iterator[Row]:
    for one in found.students:
        for day in one.days():
            minutes = None if day.seconds is None else round(day.seconds / 60, 1)
            name = one.student.nickname
            yield one.student.student_id, name, day.day.isoformat(), day.games, minutes
