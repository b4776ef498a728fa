"""Removes traces and records that are not kept any longer, and folds sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from neuroplay.core.entities.game_session import GameSession
from neuroplay.core.entities.opening_balance import CountedSession, OpeningBalance
from neuroplay.core.entities.retention import Cutoff, Cutoffs, Removed, RetentionPass
from neuroplay.core.entities.sync_item import SHORT_HASH, UNDECIDED
from neuroplay.infra.db.arrays import plain_array, text_array, time_array
from neuroplay.infra.db.transaction import Row, Transaction

_CUTOFFS = """cutoff AS (
    SELECT s.student_id,
           CASE WHEN c.class_id IS NULL THEN %(traces)s ELSE c.traces END AS traces,
           CASE WHEN c.class_id IS NULL THEN %(raw)s ELSE c.raw END AS raw,
           CASE WHEN c.class_id IS NULL THEN %(sessions)s ELSE c.sessions END AS sessions
      FROM students s
      LEFT JOIN unnest(%(classes)s::int[], %(class_traces)s::timestamptz[],
                       %(class_raw)s::timestamptz[], %(class_sessions)s::timestamptz[])
        AS c(class_id, traces, raw, sessions) USING (class_id)
     WHERE s.student_id = ANY(%(ids)s::int[])
)"""
# A comparison with a cutoff that is null finds nothing.

_TO_VERIFY = "g.verdict = 'plausible' AND g.trace_hash IS NOT NULL AND g.verify_due_at IS NOT NULL"

_TRACED = f"""
FROM sync_inbox i JOIN game_sessions g USING (session_id)
 WHERE i.student_id = c.student_id AND i.received_at < c.traces AND i.processed_at < c.traces
   AND i.state = 'processed' AND i.payload #> '{{metadata,trace}}' IS NOT NULL
   AND g.verdict <> 'mismatch' AND NOT ({_TO_VERIFY})
"""

_RAW = f"""
FROM sync_inbox i
 WHERE i.student_id = c.student_id AND i.received_at < c.raw
   AND COALESCE(i.dismissed_at, i.processed_at) < c.raw
   AND (i.dismissed_at IS NOT NULL OR i.state = 'rejected'
        OR i.state = 'processed' AND EXISTS (
            SELECT FROM game_sessions g WHERE g.session_id = i.session_id AND NOT ({_TO_VERIFY})))
"""
# Both begin with `received_at`, which has an index for each student.

_FOLDABLE = f"""
FROM game_sessions g JOIN settled_sessions USING (session_id)
 WHERE g.student_id = c.student_id AND g.ended_at < c.sessions AND NOT ({_TO_VERIFY})
"""

_OWING = f"""
WITH {_CUTOFFS}
SELECT student_id FROM cutoff c
 WHERE EXISTS (SELECT {_TRACED}) OR EXISTS (SELECT {_RAW}) OR EXISTS (SELECT {_FOLDABLE})
 ORDER BY student_id
"""  # noqa: S608

_COUNT = f"""
WITH {_CUTOFFS}
SELECT COALESCE(sum((SELECT count(*) {_TRACED})), 0)::bigint AS traces,
       COALESCE(sum((SELECT count(*) {_RAW})), 0)::bigint AS raw,
       COALESCE(sum((SELECT count(*) {_FOLDABLE})), 0)::bigint AS sessions
  FROM cutoff c
"""  # noqa: S608

_AGES = f"""
SELECT (SELECT whole_since FROM retention_pass) AS whole_since,
       (SELECT min(received_at) FROM sync_inbox
         WHERE state = ANY('{{{",".join(UNDECIDED)}}}'::text[]) AND state <> 'processed'
           AND dismissed_at IS NULL) AS undecided
"""  # noqa: S608
# `state <> 'processed'` is the condition of the index of what is unfinished.

_HOLD = """
SELECT student_id FROM students WHERE student_id = ANY(%(ids)s::int[])
 ORDER BY student_id FOR NO KEY UPDATE
"""

_REMOVE_TRACES = f"""
WITH {_CUTOFFS}, due AS (
    SELECT one.inbox_id FROM cutoff c
     CROSS JOIN LATERAL (SELECT i.inbox_id {_TRACED} LIMIT %(limit)s) AS one LIMIT %(limit)s
)
UPDATE sync_inbox AS i SET payload = i.payload #- '{{metadata,trace}}'
  FROM due WHERE i.inbox_id = due.inbox_id
"""  # noqa: S608

_SETTLE = f"""
WITH {_CUTOFFS}, due AS (
    SELECT one.inbox_id FROM cutoff c
     CROSS JOIN LATERAL (SELECT i.inbox_id {_RAW} LIMIT %(limit)s) AS one LIMIT %(limit)s
), gone AS (
    DELETE FROM sync_inbox AS i USING due WHERE i.inbox_id = due.inbox_id
    RETURNING i.session_id, i.student_id, i.state, i.dismissed_at, i.payload_hash
), kept AS (
    INSERT INTO settled_sessions (session_id, student_id, counted, payload_hash)
    SELECT session_id, student_id, state = 'processed', substr(payload_hash, 1, {SHORT_HASH})
      FROM gone WHERE session_id IS NOT NULL AND state NOT IN ('invalid', 'conflict')
    ON CONFLICT DO NOTHING
)
SELECT count(*) FROM gone
"""  # noqa: S608

_OLD = f"""
WITH {_CUTOFFS}
SELECT one.* FROM cutoff c
 CROSS JOIN LATERAL (
    SELECT g.session_id, g.student_id, g.game_type, g.game_version, g.score, g.duration,
           g.accuracy, g.completed, g.ended_at, g.utc_offset_minutes, g.difficulty,
           g.next_difficulty, g.xp_gained, g.rating
      {_FOLDABLE} ORDER BY g.ended_at LIMIT %(limit)s) AS one LIMIT %(limit)s
"""  # noqa: S608

ADDED_BALANCE = """
ON CONFLICT (student_id, game_type) DO UPDATE
   SET plays = o.plays + excluded.plays, xp = o.xp + excluded.xp,
       excellent_sessions = o.excellent_sessions + excluded.excellent_sessions,
       top_difficulty = greatest(o.top_difficulty, excluded.top_difficulty),
       played_s = o.played_s + excluded.played_s,
       best_score = greatest(o.best_score, excluded.best_score),
       difficulty = CASE
           WHEN excluded.last_ended_at > o.last_ended_at THEN excluded.difficulty
           WHEN excluded.last_ended_at < o.last_ended_at THEN o.difficulty
           ELSE greatest(o.difficulty, excluded.difficulty) END,
       last_ended_at = greatest(o.last_ended_at, excluded.last_ended_at),
       earned = ARRAY(SELECT DISTINCT unnest(o.earned || excluded.earned) ORDER BY 1)
"""
"""Added to the balance `o` of the game, as `together` in core/use_cases/opening_balance.py does."""

ADDED_DAY = """
ON CONFLICT (student_id, day) DO UPDATE
   SET first_end = least(o.first_end, excluded.first_end),
       last_end = greatest(o.last_end, excluded.last_end)
"""

_ADD_GAMES = f"""
INSERT INTO opening_balances AS o (student_id, game_type, plays, xp, excellent_sessions,
    top_difficulty, played_s, best_score, difficulty, last_ended_at, earned)
SELECT n.student_id, n.game_type, n.plays, n.xp, n.excellent, n.top, n.played, n.best,
       n.difficulty, n.ended, n.earned::text[]
  FROM unnest(%(students)s::int[], %(games)s::text[], %(plays)s::int[], %(xp)s::bigint[],
              %(excellent)s::int[], %(top)s::smallint[], %(played)s::bigint[], %(best)s::int[],
              %(difficulty)s::smallint[], %(ended)s::timestamptz[], %(earned)s::text[])
    AS n(student_id, game_type, plays, xp, excellent, top, played, best, difficulty, ended, earned)
{ADDED_BALANCE}
"""  # noqa: S608

_ADD_DAYS = f"""
INSERT INTO opening_days AS o (student_id, day, first_end, last_end)
SELECT * FROM unnest(%(students)s::int[], %(days)s::date[], %(firsts)s::timestamptz[],
                     %(lasts)s::timestamptz[])
{ADDED_DAY}
"""  # noqa: S608


class SqlRetentionRepository:
    def __init__(self, db: Transaction) -> None:
        self._db = db

    def take_pass(self) -> RetentionPass | None:
        row = self._db.row(
            "SELECT after_student, began_at, whole_since FROM retention_pass FOR UPDATE SKIP LOCKED"
        )
        return None if row is None else RetentionPass(**row._asdict())

    def save_pass(self, place: RetentionPass) -> None:
        self._db.run(
            "UPDATE retention_pass SET after_student = %s, began_at = %s, whole_since = %s",
            (place.after_student, place.began_at, place.whole_since),
        )

    def ages(self, *, now: datetime) -> dict[str, float]:
        """The fields of `RetentionFigures`: lag_s and undecided_s."""
        row = self._db.one(_AGES)
        undecided = now if row.undecided is None else row.undecided
        return {
            "lag_s": max((now - row.whole_since).total_seconds(), 0.0),
            "undecided_s": max((now - undecided).total_seconds(), 0.0),
        }

    def remove_imports(self, before: datetime) -> None:
        self._db.run("DELETE FROM imports WHERE at < %s", (before,))

    def owing(self, student_ids: Sequence[int], cutoffs: Cutoffs) -> list[int]:
        return self._db.column(_OWING, _values(student_ids, cutoffs))

    def count(self, student_ids: Sequence[int], cutoffs: Cutoffs) -> Removed:
        return Removed(**self._db.one(_COUNT, _values(student_ids, cutoffs))._asdict())

    def hold(self, student_ids: Sequence[int]) -> None:
        self._db.rows(_HOLD, {"ids": plain_array(student_ids)})

    def remove_traces(self, student_ids: Sequence[int], cutoffs: Cutoffs, *, limit: int) -> int:
        values = {**_values(student_ids, cutoffs), "limit": limit}
        return self._db.run(_REMOVE_TRACES, values)

    def settle(self, student_ids: Sequence[int], cutoffs: Cutoffs, *, limit: int) -> int:
        values = {**_values(student_ids, cutoffs), "limit": limit}
        return int(self._db.one(_SETTLE, values)[0])

    def foldable(
        self, student_ids: Sequence[int], cutoffs: Cutoffs, *, limit: int
    ) -> list[CountedSession]:
        rows = self._db.rows(_OLD, {**_values(student_ids, cutoffs), "limit": limit})
        return [_counted(row) for row in rows]

    def fold(self, balances: Mapping[int, OpeningBalance], session_ids: Sequence[UUID]) -> None:
        games = [(own, *one) for own, b in balances.items() for one in b.games.items()]
        amounts = [one for _, _, one in games]
        self._db.run(
            _ADD_GAMES,
            {
                "students": plain_array(own for own, _, _ in games),
                "games": text_array(game_type for _, game_type, _ in games),
                "plays": plain_array(one.plays for one in amounts),
                "xp": plain_array(one.xp for one in amounts),
                "excellent": plain_array(one.excellent_sessions for one in amounts),
                "top": plain_array(one.top_difficulty for one in amounts),
                "played": plain_array(one.played_s for one in amounts),
                "best": plain_array(one.best_score for one in amounts),
                "difficulty": plain_array(one.difficulty for one in amounts),
                "ended": time_array(one.last_ended_at for one in amounts),
                # PostgreSQL's nested arrays must be rectangular; an array of texts need not be.
                "earned": text_array(text_array(sorted(one.earned)) for one in amounts),
            },
        )
        days = [(own, day, *ends) for own, b in balances.items() for day, ends in b.days.items()]
        self._db.run(
            _ADD_DAYS,
            {
                "students": plain_array(own for own, _, _, _ in days),
                "days": plain_array(day for _, day, _, _ in days),
                "firsts": time_array(first for _, _, first, _ in days),
                "lasts": time_array(last for _, _, _, last in days),
            },
        )
        self._db.run(
            "DELETE FROM game_sessions WHERE session_id = ANY(%(ids)s::uuid[])",
            {"ids": plain_array(session_ids)},
        )


def _counted(row: Row) -> CountedSession:
    """From a row of _OLD."""
    (
        session_id,
        student_id,
        game_type,
        game_version,
        score,
        duration,
        accuracy,
        completed,
        ended_at,
        utc_offset_minutes,
        difficulty,
        next_difficulty,
        xp_gained,
        rating,
    ) = row
    return CountedSession(
        session=GameSession(
            session_id=session_id,
            student_id=student_id,
            game_type=game_type,
            game_version=game_version,
            score=score,
            duration=duration,
            accuracy=accuracy,
            completed=completed,
            ended_at=ended_at,
            utc_offset_minutes=utc_offset_minutes,
            metadata={"difficulty": difficulty, "next_difficulty": next_difficulty},
        ),
        xp_gained=xp_gained,
        rating=rating,
    )


def _values(student_ids: Sequence[int], cutoffs: Cutoffs) -> dict[str, Any]:
    """The parameters of _CUTOFFS."""
    own: Sequence[Cutoff] = list(cutoffs.of_class.values())
    return {
        "ids": plain_array(student_ids),
        "traces": cutoffs.usual.traces,
        "raw": cutoffs.usual.raw,
        "sessions": cutoffs.usual.sessions,
        "classes": plain_array(cutoffs.of_class),
        "class_traces": time_array(one.traces for one in own),
        "class_raw": time_array(one.raw for one in own),
        "class_sessions": time_array(one.sessions for one in own),
    }
