"""What adults read: figures of classes, of students and of their games."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from neuroplay.core.entities.figures import (
    STAMPED_S,
    WEEK_DAYS,
    ClassDevice,
    ClassFigures,
    CountedRound,
    GameFigures,
    PlayedDay,
    PlayedRound,
    RoundFilter,
    StudentFigures,
)
from neuroplay.core.entities.verification import Verdict
from neuroplay.infra.db.arrays import plain_array
from neuroplay.infra.db.statements import Statement
from neuroplay.infra.db.transaction import Transaction

FEW_CLASSES = 10
"""Of so many, each student's sessions are sought by themselves."""

STORED_BEFORE = 2
"""Days by which a round may have been stored before the time of its end: clocks differ."""

_DAY = "(s.ended_at AT TIME ZONE 'UTC' + make_interval(mins => s.utc_offset_minutes))::date"
_TODAY = _DAY.replace("s.ended_at", "%(now)s::timestamptz")
# Where the child was when this round was played.

_IN_A_WEEK = f"""s.ended_at >= %(now)s::timestamptz - interval '{WEEK_DAYS} days'
   AND s.ended_at < %(now)s::timestamptz + interval '1 day'
   AND {_DAY} > {_TODAY} - {WEEK_DAYS} AND {_DAY} <= {_TODAY}"""
# The two comparisons with `now` include the week of every zone.

_THIS_WEEK = f"""
SELECT s.game_type, s.duration, s.accuracy, s.verdict, {_DAY} AS day, {_TODAY} AS today
  FROM game_sessions s
 WHERE s.student_id = p.student_id AND {_IN_A_WEEK}
"""  # noqa: S608
# Of one student `p`, by the index.

_SUMS = f"""
SELECT count(*) AS games, count(DISTINCT day) AS days, COALESCE(sum(duration), 0) AS seconds,
       COALESCE(sum(duration) FILTER (WHERE day = today), 0) AS seconds_today,
       COALESCE(bool_or(day = today), false) AS today
  FROM ({_THIS_WEEK}) AS played
"""  # noqa: S608

_PLAYED_BY_CLASSES = f"""
SELECT p.class_id, count(*) FILTER (WHERE w.today) AS played_today, count(*) AS played_week,
       sum(w.seconds_today) AS seconds_today, sum(w.seconds) AS seconds_week,
       sum(w.games)::bigint AS games_week
  FROM students p CROSS JOIN LATERAL ({_SUMS}) AS w
 WHERE p.class_id = ANY(%(classes)s::int[]) AND w.games > 0
 GROUP BY p.class_id
"""  # noqa: S608

PLAYED_BY_MANY_CLASSES = f"""
SET LOCAL enable_bitmapscan = on;
SELECT p.class_id, count(*) FILTER (WHERE w.today) AS played_today, count(*) AS played_week,
       sum(w.seconds_today) AS seconds_today, sum(w.seconds) AS seconds_week,
       sum(w.games)::bigint AS games_week
  FROM (
    SELECT student_id, count(*) AS games, sum(duration) AS seconds,
           COALESCE(sum(duration) FILTER (WHERE day = today), 0) AS seconds_today,
           bool_or(day = today) AS today
      FROM (
        SELECT s.student_id, s.duration, {_DAY} AS day, {_TODAY} AS today
          FROM game_sessions s
         WHERE s.stored_at >= %(now)s::timestamptz - interval '{WEEK_DAYS + STORED_BEFORE} days'
           AND {_IN_A_WEEK}) AS played
     GROUP BY student_id) AS w
  JOIN students p USING (student_id)
 WHERE p.class_id = ANY(%(classes)s::int[])
 GROUP BY p.class_id
"""  # noqa: S608
# Rows lie in the order in which they were stored, so that those of a week are beside each other:
# half the time of looking for those of each of 10,000 children. They are found by a BRIN index.

_HEARD_OF_CLASSES = """
SELECT p.class_id, max(d.last_contact) AS last_heard
  FROM students p JOIN devices d USING (student_id)
 WHERE p.class_id = ANY(%(classes)s::int[])
 GROUP BY p.class_id
"""

_UNSENT_OF_CLASSES = """
SELECT p.class_id, sum(d.pending)::bigint AS unsent_games,
       count(DISTINCT d.device_id) AS unsent_devices
  FROM devices d JOIN students p USING (student_id)
 WHERE d.pending > 0 AND p.class_id = ANY(%(classes)s::int[])
 GROUP BY p.class_id
"""

_WAITING = """
SELECT count(*) FILTER (WHERE state = 'held') AS held,
       count(*) FILTER (WHERE state = 'pending') AS counting
  FROM sync_inbox
 WHERE student_id = p.student_id AND state IN ('held', 'pending') AND state <> 'processed'
"""
# Of one student `p`, by the index of what is unfinished. A join, of which PostgreSQL chooses the
# order, may read all that is unfinished, for a class of thirty.

_WAITING_BY_CLASSES = f"""
SELECT p.class_id, sum(i.held)::bigint AS held, sum(i.counting)::bigint AS counting
  FROM students p CROSS JOIN LATERAL ({_WAITING}) AS i
 WHERE p.class_id = ANY(%(classes)s::int[])
 GROUP BY p.class_id
"""  # noqa: S608

_WAITING_BY_MANY_CLASSES = """
SELECT p.class_id, sum(i.held)::bigint AS held, sum(i.counting)::bigint AS counting
  FROM (
    SELECT student_id, count(*) FILTER (WHERE state = 'held') AS held,
           count(*) FILTER (WHERE state = 'pending') AS counting
      FROM sync_inbox
     WHERE state IN ('held', 'pending') AND state <> 'processed'
     GROUP BY student_id) AS i
  JOIN students p USING (student_id)
 WHERE p.class_id = ANY(%(classes)s::int[])
 GROUP BY p.class_id
"""

_OF_STUDENTS = f"""
SELECT p.student_id, p.nickname, p.avatar, p.xp,
       d.last_heard, g.last_played, COALESCE(d.unsent, 0) AS unsent,
       w.seconds_today, w.seconds AS seconds_week, w.days AS days_week, w.games AS games_week,
       i.held, i.counting
  FROM students p
 CROSS JOIN LATERAL ({_SUMS}) AS w
 CROSS JOIN LATERAL (
    SELECT max(last_contact) AS last_heard, sum(pending)::bigint AS unsent
      FROM devices WHERE student_id = p.student_id) AS d
 CROSS JOIN LATERAL (
    SELECT max(last_ended_at) AS last_played
      FROM student_games WHERE student_id = p.student_id) AS g
 CROSS JOIN LATERAL ({_WAITING}) AS i
"""  # noqa: S608
_OF_CLASS = Statement(f"{_OF_STUDENTS} WHERE p.class_id = %(class_id)s::int ORDER BY p.student_id")
_OF_STUDENT = Statement(f"{_OF_STUDENTS} WHERE p.student_id = %(student_id)s::int")

STAMP = Statement(f"""
WITH own AS MATERIALIZED (
    SELECT student_id, xmin AS version FROM students WHERE class_id = ANY(%(classes)s::int[]))
SELECT md5(concat(
  (SELECT epoch_id FROM epoch), ';',
  floor(extract(epoch FROM %(now)s::timestamptz) / {STAMPED_S}), ';',
  (SELECT string_agg(concat_ws(' ', class_id, xmin), ',' ORDER BY class_id)
     FROM classes WHERE class_id = ANY(%(classes)s::int[])), ';',
  (SELECT string_agg(concat_ws(' ', student_id, version), ',' ORDER BY student_id) FROM own), ';',
  (SELECT string_agg(concat_ws(' ', student_id, devices), ',' ORDER BY student_id)
     FROM own CROSS JOIN LATERAL (
        SELECT string_agg(concat_ws(' ', device_id, d.xmin), ' ' ORDER BY device_id) AS devices
          FROM devices AS d WHERE d.student_id = own.student_id) AS of_one), ';',
  (SELECT string_agg(items, ',' ORDER BY student_id)
     FROM own CROSS JOIN LATERAL (
        SELECT string_agg(concat_ws(' ', inbox_id, state), ' ' ORDER BY inbox_id) AS items
          FROM sync_inbox AS i
         WHERE i.student_id = own.student_id AND state IN ('held', 'pending')
           AND state <> 'processed') AS of_one))) AS stamp
""")  # noqa: S608
# Every change of a row gives it the xmin of its transaction. After a restore to an earlier time
# these numbers come again, in another epoch. Who counts a session or finds a mismatch saves its
# student, too.

_GAMES = Statement(f"""
SELECT w.game_type, count(DISTINCT p.student_id) AS children, count(*) AS games_week,
       avg(w.accuracy) FILTER (WHERE w.verdict <> 'mismatch') AS accuracy_week
  FROM students p CROSS JOIN LATERAL ({_THIS_WEEK}) AS w
 WHERE p.class_id = %(class_id)s::int
 GROUP BY w.game_type ORDER BY w.game_type
""")  # noqa: S608

_DAYS = Statement(f"""
SELECT {_DAY} AS day, sum(s.duration) AS seconds, count(*) AS games
  FROM game_sessions s
 WHERE s.student_id = %(student_id)s::int AND s.ended_at >= %(since)s::timestamptz
 GROUP BY 1 ORDER BY 1
""")  # noqa: S608

_ROUNDS = Statement("""
SELECT r.*
  FROM student_games g CROSS JOIN LATERAL (
    SELECT s.session_id, s.game_type, s.ended_at, s.utc_offset_minutes, s.difficulty,
           s.next_difficulty, s.accuracy, s.duration AS duration_s, s.completed, s.verdict
      FROM game_sessions s
     WHERE s.student_id = g.student_id AND s.game_type = g.game_type
       AND s.ended_at <= g.last_ended_at
     ORDER BY s.ended_at DESC, s.session_id DESC
     LIMIT %(each)s::int) AS r
 WHERE g.student_id = %(student_id)s::int
 ORDER BY r.ended_at, r.session_id
""")
# A game that was given up long ago is sought from its newest round on, not from today.

_COUNTED = """
SELECT session_id, student_id, game_type, game_version, score, duration, accuracy, completed,
       difficulty, next_difficulty, ended_at, utc_offset_minutes, verdict
  FROM game_sessions
 WHERE student_id = ANY(%(students)s::int[]) AND verdict = ANY(%(verdicts)s::text[])
   AND ended_at IS NOT NULL
   AND (%(played_since)s::timestamptz IS NULL OR ended_at >= %(played_since)s)
   AND (%(since)s::timestamptz IS NULL OR stored_at >= %(since)s)
   AND (%(until)s::timestamptz IS NULL OR stored_at < %(until)s)
 ORDER BY student_id, ended_at, session_id
"""

_DEVICES = Statement("""
SELECT d.device_id, p.student_id, p.nickname, d.pending AS unsent, d.oldest, d.last_contact
  FROM students p JOIN devices d USING (student_id)
 WHERE p.class_id = %(class_id)s::int
 ORDER BY d.last_contact DESC, d.device_id, p.student_id
""")


class SqlFiguresReading:
    def __init__(self, db: Transaction) -> None:
        self._db = db

    def stamp(self, class_ids: Collection[int], *, now: datetime) -> str:
        asked = {"classes": plain_array(sorted(class_ids)), "now": now}
        return str(self._db.one(STAMP, asked).stamp)

    def of_classes(self, class_ids: Sequence[int], *, now: datetime) -> list[ClassFigures]:
        asked = {"classes": plain_array(class_ids), "now": now}
        found: dict[int, dict[str, Any]] = {one: {"class_id": one} for one in class_ids}
        played, waiting = (
            (_PLAYED_BY_CLASSES, _WAITING_BY_CLASSES)
            if len(found) <= FEW_CLASSES
            else (PLAYED_BY_MANY_CLASSES, _WAITING_BY_MANY_CLASSES)
        )
        for statement in (played, _HEARD_OF_CLASSES, _UNSENT_OF_CLASSES, waiting):
            for row in self._db.rows(statement, asked):
                found[row.class_id].update(row._asdict())
        return [ClassFigures(**one) for one in found.values()]

    def of_students(self, class_id: int, *, now: datetime) -> list[StudentFigures]:
        rows = self._db.rows(_OF_CLASS, {"class_id": class_id, "now": now})
        return [StudentFigures(**row._asdict()) for row in rows]

    def of_student(self, student_id: int, *, now: datetime) -> StudentFigures | None:
        row = self._db.row(_OF_STUDENT, {"student_id": student_id, "now": now})
        return None if row is None else StudentFigures(**row._asdict())

    def games(self, class_id: int, *, now: datetime) -> list[GameFigures]:
        rows = self._db.rows(_GAMES, {"class_id": class_id, "now": now})
        return [GameFigures(**row._asdict()) for row in rows]

    def days(self, student_id: int, *, since: datetime) -> list[PlayedDay]:
        rows = self._db.rows(_DAYS, {"student_id": student_id, "since": since})
        return [PlayedDay(**row._asdict()) for row in rows]

    def rounds(self, student_id: int, *, each: int) -> list[PlayedRound]:
        rows = self._db.rows(_ROUNDS, {"student_id": student_id, "each": each})
        return [_round(row) for row in rows]

    def counted(self, student_ids: Sequence[int], which: RoundFilter) -> list[CountedRound]:
        rows = self._db.rows(
            _COUNTED,
            {
                "students": plain_array(student_ids),
                "verdicts": plain_array(which.verdicts),
                "played_since": which.played_since,
                "since": which.since,
                "until": which.until,
            },
        )
        return [CountedRound(**{**row._asdict(), "verdict": Verdict(row.verdict)}) for row in rows]

    def devices(self, class_id: int) -> list[ClassDevice]:
        rows = self._db.rows(_DEVICES, {"class_id": class_id})
        return [ClassDevice(**row._asdict()) for row in rows]


def _round(row: Any) -> PlayedRound:
    columns = row._asdict()
    del columns["session_id"]
    return PlayedRound(**{**columns, "verdict": Verdict(row.verdict)})
