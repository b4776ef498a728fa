"""Students and their progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from neuroplay.core.entities.play_days import PlayDays
from neuroplay.core.entities.student import (
    GameProgress,
    MergedStudent,
    NamedStudent,
    Progress,
    Student,
)
from neuroplay.core.entities.sync_item import InboxCounts
from neuroplay.infra.db.arrays import plain_array, text_array, time_array
from neuroplay.infra.db.repositories.merging import absorb
from neuroplay.infra.db.statements import Statement
from neuroplay.infra.db.transaction import Transaction

_SELECT = """
SELECT student_id, class_id, nickname, avatar, card_version, created_at, first_sign_in_at,
       has_made_up_play, xp, sessions, excellent_sessions, top_difficulty, played_s,
       play_days::text,
       (SELECT json_agg(json_build_array(
                   game_type, plays, best_score, difficulty, last_ended_at))
          FROM student_games AS g WHERE g.student_id = s.student_id) AS games,
       (SELECT json_agg(json_build_array(achievement_id, unlocked_at)
                        ORDER BY unlocked_at, achievement_id)
          FROM student_achievements AS a WHERE a.student_id = s.student_id) AS achievements"""
_GET = Statement(f"{_SELECT} FROM students AS s WHERE student_id = %(id)s")
ON_PAGE = Statement(f"""{_SELECT},
       (SELECT day_minutes FROM classes AS c WHERE c.class_id = s.class_id) AS day_minutes,
       (SELECT json_object_agg(state, items)
          FROM (SELECT state, count(*) AS items FROM sync_inbox
                 WHERE student_id = %(id)s AND state <> 'processed' GROUP BY state) AS u)
         AS unfinished
  FROM students AS s WHERE student_id = %(id)s
""")  # noqa: S608
_GET_ALL = Statement(
    f"{_SELECT} FROM students AS s WHERE student_id = ANY(%(ids)s::int[]) ORDER BY student_id"
)
_LOCK = Statement("""
SELECT student_id FROM students WHERE student_id = ANY(%(ids)s::int[])
 ORDER BY student_id FOR NO KEY UPDATE
""")
# NO KEY, so that syncs for the student are accepted meanwhile. The rows are read by a separate
# statement: after waiting for a lock, this one would see an older snapshot of the other tables.

_SAVE = Statement("""
UPDATE students AS s
   SET xp = n.xp, sessions = n.sessions, excellent_sessions = n.excellent_sessions,
       top_difficulty = n.top_difficulty, played_s = n.played_s,
       play_days = coalesce(n.play_days::date[], s.play_days)
  FROM unnest(%(ids)s::int[], %(xp)s::bigint[], %(sessions)s::int[], %(excellent)s::int[],
              %(difficulty)s::smallint[], %(played)s::bigint[], %(days)s::text[])
    AS n(student_id, xp, sessions, excellent_sessions, top_difficulty, played_s, play_days)
 WHERE s.student_id = n.student_id
""")

_SAVE_GAMES = Statement("""
INSERT INTO student_games (student_id, game_type, plays, best_score, difficulty, last_ended_at)
SELECT * FROM unnest(%(ids)s::int[], %(types)s::text[], %(plays)s::int[], %(best)s::int[],
                     %(difficulty)s::smallint[], %(ended)s::timestamptz[])
ON CONFLICT (student_id, game_type) DO UPDATE
   SET plays = excluded.plays, best_score = excluded.best_score,
       difficulty = excluded.difficulty, last_ended_at = excluded.last_ended_at
""")

_ERASE = (
    ("student_achievements", "DELETE FROM student_achievements WHERE student_id = ANY(%s::int[])"),
    ("student_games", "DELETE FROM student_games WHERE student_id = ANY(%s::int[])"),
    ("devices", "DELETE FROM devices WHERE student_id = ANY(%s::int[])"),
    ("import_changes", "DELETE FROM import_changes WHERE student_id = ANY(%s::int[])"),
    ("merged_students", "DELETE FROM merged_students WHERE student_id = ANY(%s::int[])"),
    ("opening_balances", "DELETE FROM opening_balances WHERE student_id = ANY(%s::int[])"),
    ("opening_days", "DELETE FROM opening_days WHERE student_id = ANY(%s::int[])"),
    ("game_sessions", "DELETE FROM game_sessions WHERE student_id = ANY(%s::int[])"),
    ("sync_inbox", "DELETE FROM sync_inbox WHERE student_id = ANY(%s::int[])"),
    ("settled_sessions", "DELETE FROM settled_sessions WHERE student_id = ANY(%s::int[])"),
    ("students", "DELETE FROM students WHERE student_id = ANY(%s::int[])"),
)


class SqlStudentRepository:
    """Students with their progress. `save` buffers them until `flush`, which writes them all."""

    def __init__(self, db: Transaction) -> None:
        self._db = db
        self._loaded: dict[int, Student] = {}
        self._locked: set[int] = set()
        self._changed: dict[int, Student] = {}
        self._stored: dict[int, Progress] = {}
        """Of locked students, whose progress nobody else changes meanwhile."""

    def lock(self, student_ids: Sequence[int]) -> None:
        ids = sorted(set(student_ids) - self._locked)
        locked = self._db.column(_LOCK, {"ids": plain_array(ids)}) if ids else ()
        if locked:
            for row in self._db.rows(_GET_ALL, {"ids": plain_array(locked)}):
                student = _student(row)
                self._loaded[student.student_id] = student
                self._stored[student.student_id] = student.progress
        self._locked.update(student_ids)

    def get(self, student_id: int) -> Student | None:
        known = self._loaded.get(student_id)
        if known is not None:
            return known
        row = self._db.row(_GET, {"id": student_id})
        return None if row is None else _student(row)

    def on_page(self, student_id: int) -> tuple[Student, InboxCounts, int] | None:
        row = self._db.row(ON_PAGE, {"id": student_id})
        if row is None:
            return None
        *own, day_minutes, unfinished = row
        student = _student(own)
        counts = InboxCounts(processed=student.progress.sessions, **unfinished or {})
        return student, counts, day_minutes

    def by_class(self, class_id: int) -> list[Student]:
        rows = self._db.rows(
            f"{_SELECT} FROM students AS s WHERE class_id = %s ORDER BY student_id", (class_id,)
        )
        return [_student(row) for row in rows]

    def names(self, student_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
        rows = self._db.rows(
            "SELECT student_id, nickname, name FROM students JOIN classes USING (class_id) "
            "WHERE student_id = ANY (%s)",
            (list(student_ids),),
        )
        return {row.student_id: (row.nickname, row.name) for row in rows}

    def nicknames(self) -> list[NamedStudent]:
        rows = self._db.rows("SELECT student_id, class_id, nickname FROM students ORDER BY 1")
        return [NamedStudent(*row) for row in rows]

    def called(self, nickname: str) -> list[int]:
        rows = self._db.column(
            "SELECT student_id FROM students WHERE nickname = %(name)s "
            "OR (%(name)s ~ '^[0-9]+$' "
            "AND ltrim(normalize(nickname, NFKC), '0 ') = ltrim(%(name)s, '0')) "
            "ORDER BY student_id",
            {"name": nickname},
        )
        return list(rows)

    def save(self, student: Student) -> None:
        self._loaded[student.student_id] = self._changed[student.student_id] = student

    def add(
        self,
        class_id: int,
        nickname: str,
        avatar: str,
        *,
        first_sign_in_at: datetime | None = None,
    ) -> Student:
        row = self._db.one(
            "INSERT INTO students (class_id, nickname, avatar, first_sign_in_at) "
            "VALUES (%s, %s, %s, %s) RETURNING student_id, created_at",
            (class_id, nickname, avatar, first_sign_in_at),
        )
        return Student(
            student_id=row.student_id,
            class_id=class_id,
            nickname=nickname,
            avatar=avatar,
            created_at=row.created_at,
            first_sign_in_at=first_sign_in_at,
        )

    def move(self, student_id: int, class_id: int) -> None:
        self._db.run(
            "UPDATE students SET class_id = %s WHERE student_id = %s", (class_id, student_id)
        )
        self._know(student_id, class_id=class_id)

    def rename(self, student_id: int, nickname: str, avatar: str) -> None:
        self._db.run(
            "UPDATE students SET nickname = %s, avatar = %s WHERE student_id = %s",
            (nickname, avatar, student_id),
        )
        self._know(student_id, nickname=nickname, avatar=avatar)

    def mark_made_up(self, student_ids: Sequence[int]) -> None:
        self._db.run(
            "UPDATE students SET has_made_up_play = true WHERE student_id = ANY(%s::int[])",
            (plain_array(student_ids),),
        )
        for student_id in student_ids:
            self._know(student_id, has_made_up_play=True)

    def raise_card_version(self, student_id: int, seen: int) -> Student | None:
        changed = self._db.run(
            "UPDATE students SET card_version = card_version + 1 "
            "WHERE student_id = %s AND card_version = %s",
            (student_id, seen),
        )
        if not changed:
            return None
        self._db.run(
            "UPDATE tokens SET revoked_at = now() WHERE student_id = %s AND revoked_at IS NULL",
            (student_id,),
        )
        self._loaded.pop(student_id, None)
        self._locked.discard(student_id)
        return self.get(student_id)

    def ids(self, *, after: int, limit: int) -> list[int]:
        rows = self._db.column(
            "SELECT student_id FROM students WHERE student_id > %s ORDER BY student_id LIMIT %s",
            (after, limit),
        )
        return list(rows)

    def restate(self, student: Student) -> None:
        run, own = self._db.run, student.student_id
        run("DELETE FROM student_games WHERE student_id = %s", (own,))
        self._stored.pop(own, None)
        achievements = student.progress.achievements
        run(
            "DELETE FROM student_achievements WHERE student_id = %s "
            "AND NOT achievement_id = ANY(%s::text[])",
            (own, text_array(achievements)),
        )
        run(
            "INSERT INTO student_achievements (student_id, achievement_id, unlocked_at) "
            "SELECT %s, * FROM unnest(%s::text[], %s::timestamptz[]) ON CONFLICT DO NOTHING",
            (own, text_array(achievements), time_array(achievements.values())),
        )
        self.save(student)

    def erase(self, student_id: int) -> Mapping[str, int]:
        return self.erase_all([student_id])

    def erase_all(self, student_ids: Sequence[int]) -> Mapping[str, int]:
        run, ids = self._db.run, (plain_array(student_ids),)
        # The students are locked first, as a drain does, so that the two cannot deadlock. A sync
        # that arrives meanwhile waits, and then finds no student.
        run(
            "SELECT FROM students WHERE student_id = ANY(%s::int[]) ORDER BY student_id FOR UPDATE",
            ids,
        )
        run(
            "UPDATE tokens SET student_id = NULL, "
            "erased_student_id = COALESCE(merged_student_id, student_id), "
            "merged_student_id = NULL, device_id = NULL, card_version = NULL, erased_at = now() "
            "WHERE student_id = ANY(%s::int[])",
            ids,
        )
        run(
            "UPDATE audit SET details = '{}' WHERE target = ANY(%s::text[])",
            (text_array(f"student {student_id}" for student_id in student_ids),),
        )
        for student_id in student_ids:
            self._loaded.pop(student_id, None)
            self._locked.discard(student_id)
            self._changed.pop(student_id, None)
        return {table: run(statement, ids) for table, statement in _ERASE}

    def absorb(self, merged_id: int, into_id: int, *, now: datetime) -> Mapping[str, int]:
        for own in (merged_id, into_id):
            self._loaded.pop(own, None)
            self._changed.pop(own, None)
            self._stored.pop(own, None)
        return absorb(self._db, merged_id, into_id, now=now)

    def merged_into(self, student_id: int) -> int | None:
        found = self._db.column(
            "SELECT student_id FROM merged_students WHERE merged_id = %s", (student_id,)
        )
        return found[0] if found else None

    def merged(self, student_id: int) -> list[MergedStudent]:
        rows = self._db.rows(
            "SELECT merged_id AS student_id, created_at, merged_at FROM merged_students "
            "WHERE student_id = %s ORDER BY merged_id",
            (student_id,),
        )
        return [MergedStudent(**row._asdict()) for row in rows]

    def forget(self) -> None:
        self._loaded.clear()
        self._locked.clear()
        self._changed.clear()
        self._stored.clear()

    def flush(self) -> None:
        """Write the saved students in id order, with two statements: their totals, and those of
        their games that are not stored so already. Days that are stored are not written again."""
        changed = [self._changed[key] for key in sorted(self._changed)]
        self._changed.clear()
        if not changed:
            return
        progress = [student.progress for student in changed]
        stored = [self._stored.get(student.student_id) for student in changed]
        self._db.run(
            _SAVE,
            {
                "ids": plain_array(student.student_id for student in changed),
                "xp": plain_array(p.xp for p in progress),
                "sessions": plain_array(p.sessions for p in progress),
                "excellent": plain_array(p.excellent_sessions for p in progress),
                "difficulty": plain_array(p.top_difficulty for p in progress),
                "played": plain_array(p.played_s for p in progress),
                # PostgreSQL's nested arrays must be rectangular; an array of texts need not be.
                "days": text_array(
                    None if was and was.play_days == p.play_days else f"{{{p.play_days}}}"
                    for p, was in zip(progress, stored, strict=True)
                ),
            },
        )
        games = [
            (student.student_id, game)
            for student, was in zip(changed, stored, strict=True)
            for game_type, game in student.progress.games.items()
            if not was or was.games.get(game_type) != game
        ]
        if games:
            self._db.run(
                _SAVE_GAMES,
                {
                    "ids": plain_array(student_id for student_id, _ in games),
                    "types": text_array(game.game_type for _, game in games),
                    "plays": plain_array(game.plays for _, game in games),
                    "best": plain_array(game.best_score for _, game in games),
                    "difficulty": plain_array(game.difficulty for _, game in games),
                    "ended": time_array(game.last_ended_at for _, game in games),
                },
            )
        for student in changed:
            if student.student_id in self._locked:
                self._stored[student.student_id] = student.progress

    def _know(self, student_id: int, **changes: Any) -> None:
        """Also change the student in memory, if it is there."""
        if student_id in self._loaded:
            self._loaded[student_id] = replace(self._loaded[student_id], **changes)


def _student(row: Sequence[Any]) -> Student:
    """From a row of _SELECT."""
    own, class_id, nickname, avatar, card_version, created_at, signed_in_at, made_up, *reached = row
    xp, sessions, excellent_sessions, top_difficulty, played_s, play_days, games, got = reached
    return Student(
        student_id=own,
        class_id=class_id,
        nickname=nickname,
        avatar=avatar,
        card_version=card_version,
        created_at=created_at,
        first_sign_in_at=signed_in_at,
        has_made_up_play=made_up,
        progress=Progress(
            xp=xp,
            sessions=sessions,
            excellent_sessions=excellent_sessions,
            top_difficulty=top_difficulty,
            played_s=played_s,
            play_days=PlayDays.read(play_days[1:-1]),
            games={
                game_type: GameProgress(
                    game_type=game_type,
                    plays=plays,
                    best_score=best_score,
                    difficulty=difficulty,
                    last_ended_at=last_ended_at and datetime.fromisoformat(last_ended_at),
                )
                for game_type, plays, best_score, difficulty, last_ended_at in games or ()
            },
            achievements={name: datetime.fromisoformat(moment) for name, moment in got or ()},
        ),
    )
