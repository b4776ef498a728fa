"""A school after a year or another time, written to the tables at once, as tablets, workers and
retention would have left them: all sessions, the records of the last 90 days, the ids of others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

CLASS_OF = 40


@dataclass(frozen=True, kw_only=True)
class Play:
    """What each child has played: so many games on one of `every` days, `days` long."""

    days: int
    every: int
    games: int


A_YEAR = Play(days=365, every=7, games=3)
"""10,000 children then have 1.56 million sessions."""

_CLASSES = """
INSERT INTO classes (name, code, created_at)
SELECT 'Year ' || n, 'Y' || lpad(n::text, 4, '0'), %(now)s::timestamptz - interval '400 days'
  FROM generate_series(1, %(classes)s) AS n
"""

_STUDENTS = """
INSERT INTO students (class_id, nickname, avatar, created_at, first_sign_in_at)
SELECT class_id, 'Child ' || n, 'fox', created_at, created_at
  FROM classes, generate_series(1, %(class_of)s) AS n
 WHERE code LIKE 'Y____' ORDER BY class_id, n LIMIT %(children)s
"""

_PLAYED = """
CREATE TEMPORARY TABLE played ON COMMIT DROP AS
SELECT gen_random_uuid() AS session_id, s.student_id, k,
       %(now)s::timestamptz - make_interval(days => ago, mins => 7 * k + s.student_id %% 60)
         AS ended_at,
       (ARRAY['cyber_runner', 'echo_sequence', 'memory_pairs', 'n_back_trail', 'number_rush',
              'signal_stop'])[1 + (k + ago + s.student_id) %% 6] AS game_type,
       250 + (k * 37 + s.student_id) %% 200 AS score, 1 + (ago + k) %% 7 AS difficulty,
       0.5 + ((ago * 7 + k * 13 + s.student_id) %% 50) / 100.0 AS accuracy
  FROM students s JOIN classes c USING (class_id),
       generate_series(0, %(days)s - 1) AS ago, generate_series(1, %(games)s) AS k
 WHERE c.code LIKE 'Y____' AND (ago + s.student_id) %% %(every)s = 0
"""

_SESSIONS = """
INSERT INTO game_sessions (session_id, student_id, game_type, game_version, score, duration,
    accuracy, completed, difficulty, next_difficulty, started_at, ended_at, utc_offset_minutes,
    xp_gained, rating, verdict, trace_hash, seed, stored_at, verify_due_at, verify_tries)
SELECT session_id, student_id, game_type, '1', score, 150, accuracy, true, difficulty, difficulty,
       ended_at - interval '150 seconds', ended_at, -180, score + 100, 'good', 'verified',
       sha256(uuid_send(session_id)), ('x' || left(session_id::text, 8))::bit(32)::bigint,
       ended_at + interval '1 minute', NULL, 1
  FROM played ORDER BY ended_at
"""

_INBOX = """
INSERT INTO sync_inbox (session_id, student_id, device_id, state, payload, payload_hash,
    clock_shift_s, received_at, attempts, due_at, processed_at, release, request_id, reasons)
SELECT session_id, student_id,
       ('00000000-0000-4000-8000-' || lpad(student_id::text, 12, '0'))::uuid,
       CASE WHEN held THEN 'held' ELSE 'processed' END,
       jsonb_build_object('session_id', session_id, 'game_type', game_type, 'game_version', '1',
           'started_at', ended_at - interval '150 seconds', 'ended_at', ended_at,
           'utc_offset_minutes', -180, 'score', score, 'duration', 150, 'accuracy', accuracy,
           'completed', true, 'metadata', jsonb_build_object('difficulty', difficulty)),
       sha256(uuid_send(session_id)), 0.2, ended_at + interval '30 seconds', 1,
       '-infinity', ended_at + interval '1 minute', 'benchmark', 'r-' || k,
       CASE WHEN held THEN '{too_fast}'::text[] ELSE '{}' END
  FROM (SELECT *, student_id %% 500 = 0 AND ended_at > %(now)s::timestamptz - interval '3 days'
               AS held FROM played) AS p
 WHERE ended_at > %(now)s::timestamptz - interval '90 days'
 ORDER BY ended_at
"""

_SETTLED = """
INSERT INTO settled_sessions (session_id, student_id, counted, payload_hash)
SELECT session_id, student_id, true, substr(sha256(uuid_send(session_id)), 1, 16)
  FROM played WHERE ended_at <= %(now)s::timestamptz - interval '90 days'
"""

_PROGRESS = """
UPDATE students AS s
   SET sessions = n.plays, xp = n.xp, played_s = 150 * n.plays, play_days = n.days
  FROM (SELECT student_id, count(*) AS plays, sum(score + 100) AS xp,
               array_agg(DISTINCT (ended_at - interval '3 hours')::date) AS days
          FROM played GROUP BY student_id) AS n
 WHERE s.student_id = n.student_id
"""

_GAMES = """
INSERT INTO student_games (student_id, game_type, plays, best_score, difficulty, last_ended_at)
SELECT student_id, game_type, count(*), max(score), 2, max(ended_at) FROM played GROUP BY 1, 2
"""

_DEVICES = """
INSERT INTO devices (device_id, student_id, last_contact, pending, oldest)
SELECT ('00000000-0000-4000-8000-' || lpad((student_id + 4 * n)::text, 12, '0'))::uuid, student_id,
       %(now)s::timestamptz - make_interval(mins => student_id %% 3000),
       CASE WHEN (student_id + n) %% 50 = 0 THEN 3 ELSE 0 END,
       CASE WHEN (student_id + n) %% 50 = 0 THEN %(now)s::timestamptz - interval '5 hours' END
  FROM students JOIN classes c USING (class_id), generate_series(0, 1) AS n
 WHERE c.code LIKE 'Y____'
"""

STEPS = (_CLASSES, _STUDENTS, _PLAYED, _SESSIONS, _INBOX, _SETTLED, _PROGRESS, _GAMES, _DEVICES)


def played(engine: Engine, children: int, *, now: datetime, play: Play = A_YEAR) -> None:
    """Write classes of CLASS_OF children, the last one smaller, with what they have played until
    `now`. `engine` must be patient."""
    values = {
        "now": now,
        "children": children,
        "classes": -(-children // CLASS_OF),
        "class_of": CLASS_OF,
        "days": play.days,
        "every": play.every,
        "games": play.games,
    }
    with engine.begin() as connection:
        for step in STEPS:
            connection.exec_driver_sql(step, values)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
