"""Checks in PostgreSQL that each game of a student is stored exactly once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import psycopg2

from neuroplay.config import load_settings
from tests.browser.conftest import RunningSystem

GOOD = ("pending", "processed")


def inbox(system: RunningSystem, students: Sequence[int]) -> list[tuple[str, int, str]]:
    """(session id, student, state) of every row of these students."""
    return _rows(
        system,
        "SELECT session_id::text, student_id, state FROM sync_inbox WHERE student_id = ANY(%s)",
        students,
    )


def processed(system: RunningSystem, students: Sequence[int]) -> list[tuple[str, int]]:
    return _rows(
        system,
        "SELECT session_id::text, student_id FROM game_sessions WHERE student_id = ANY(%s)",
        students,
    )


def check(system: RunningSystem, expected: Iterable[tuple[str, int]]) -> None:
    """Each (session, student) of `expected` is stored once, under that student, and processed;
    and nothing else of these students is."""
    wanted = sorted(expected)
    students = sorted({student for _, student in wanted})
    rows = inbox(system, students)
    assert sorted((session, student) for session, student, _ in rows) == wanted
    assert {state for _, _, state in rows} <= set(GOOD), rows
    for _ in range(400):
        if len(processed(system, students)) == len(wanted):
            break
        _rows(system, "SELECT pg_sleep(0.05) WHERE %s IS NOT NULL", students)
    assert sorted(processed(system, students)) == wanted, inbox(system, students)


def check_verified(system: RunningSystem, student: int, count: int) -> None:
    """All of the student's sessions, `count` in number, are replayed with the same result."""
    statement = (
        "SELECT game_type, verdict, verify_reasons FROM game_sessions WHERE student_id = ANY(%s) "
        "AND (verdict <> 'plausible' OR verify_reasons <> '{}')"
    )
    rows: list[tuple] = []  # type: ignore[type-arg]
    for _ in range(400):
        rows = _rows(system, statement, [student])
        if len(rows) == count:
            break
        _rows(system, "SELECT pg_sleep(0.05) WHERE %s IS NOT NULL", [student])
    assert len(rows) == count, rows
    assert {verdict for _, verdict, _ in rows} == {"verified"}, rows


def known_for(system: RunningSystem, student: int, days: int) -> None:
    """Have the student's first sign-in lie so many days back: nothing played before it counts."""
    _rows(
        system,
        "UPDATE students SET first_sign_in_at = now() - "  # noqa: S608
        f"interval '{int(days)} days' WHERE student_id = ANY(%s) RETURNING student_id",
        [student],
    )


def xp(system: RunningSystem, students: Sequence[int]) -> list[tuple[int, int]]:
    """(student, XP) of these students."""
    return sorted(
        _rows(system, "SELECT student_id, xp FROM students WHERE student_id = ANY(%s)", students)
    )


def epoch(system: RunningSystem) -> str:
    """The database's epoch."""
    ((found,),) = _rows(system, "SELECT epoch_id::text FROM epoch WHERE %s IS NOT NULL", [])
    return str(found)


def cover(system: RunningSystem) -> None:
    """As a backup that is made some minutes from now records it."""
    _rows(
        system,
        "UPDATE epoch SET safe_before = clock_timestamp() WHERE %s IS NOT NULL RETURNING is_it",
        [],
    )


def _rows(system: RunningSystem, statement: str, students: Sequence[int]) -> list[tuple]:  # type: ignore[type-arg]
    settings = load_settings(home=system.home)
    connection = psycopg2.connect(
        host=str(settings.runtime_dir / "pg"), user="neuroplay", dbname="neuroplay"
    )
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement, (list(students),))
            return list(cursor.fetchall())
    finally:
        connection.close()
