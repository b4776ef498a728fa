"""Give everything of one student to another, who is the same child."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from neuroplay.infra.db.repositories.retention import ADDED_BALANCE, ADDED_DAY
from neuroplay.infra.db.transaction import Transaction

_MOVES = (
    (
        "sync_inbox",
        """
        DELETE FROM sync_inbox AS own USING sync_inbox AS other
         WHERE own.student_id = %(merged)s AND own.state = 'invalid'
           AND other.student_id = %(into)s AND other.state = 'invalid'
           AND other.payload_hash = own.payload_hash
        """,
        # An invalid record is kept once for each student.
    ),
    (
        "sync_inbox",
        """
        UPDATE sync_inbox SET student_id = %(into)s,
               leased_until = CASE WHEN state <> 'pending' THEN leased_until END
         WHERE student_id = %(merged)s
        """,
        # A worker that has claimed them still takes them for the other student's, and leaves them.
    ),
    (
        "game_sessions",
        "UPDATE game_sessions SET student_id = %(into)s WHERE student_id = %(merged)s",
    ),
    (
        "settled_sessions",
        "UPDATE settled_sessions SET student_id = %(into)s WHERE student_id = %(merged)s",
    ),
    (
        "opening_balances",
        f"""
        INSERT INTO opening_balances AS o (student_id, game_type, plays, xp, excellent_sessions,
            top_difficulty, played_s, best_score, difficulty, last_ended_at, earned)
        SELECT %(into)s, game_type, plays, xp, excellent_sessions, top_difficulty, played_s,
               best_score, difficulty, last_ended_at, earned
          FROM opening_balances WHERE student_id = %(merged)s
        {ADDED_BALANCE}
        """,  # noqa: S608
    ),
    (
        "opening_days",
        f"""
        INSERT INTO opening_days AS o (student_id, day, first_end, last_end)
        SELECT %(into)s, day, first_end, last_end FROM opening_days WHERE student_id = %(merged)s
        {ADDED_DAY}
        """,  # noqa: S608
    ),
    (
        "student_achievements",
        """
        INSERT INTO student_achievements AS a (student_id, achievement_id, unlocked_at, session_id)
        SELECT %(into)s, achievement_id, unlocked_at, session_id
          FROM student_achievements WHERE student_id = %(merged)s
        ON CONFLICT (student_id, achievement_id) DO UPDATE
           SET unlocked_at = excluded.unlocked_at, session_id = excluded.session_id
         WHERE excluded.unlocked_at < a.unlocked_at
        """,
    ),
    (
        "devices",
        """
        INSERT INTO devices AS d (device_id, student_id, last_contact, pending, oldest)
        SELECT device_id, %(into)s, last_contact, pending, oldest
          FROM devices WHERE student_id = %(merged)s
        ON CONFLICT (device_id, student_id) DO UPDATE
           SET last_contact = greatest(d.last_contact, excluded.last_contact),
               pending = d.pending + excluded.pending, oldest = least(d.oldest, excluded.oldest)
        """,
    ),
    (
        "tokens",
        """
        UPDATE tokens AS t
           SET student_id = %(into)s, merged_student_id = COALESCE(merged_student_id, %(merged)s),
               revoked_at = CASE WHEN t.card_version = own.card_version THEN t.revoked_at
                                 ELSE COALESCE(t.revoked_at, %(now)s) END,
               card_version = other.card_version
          FROM students AS own, students AS other
         WHERE t.student_id = %(merged)s AND own.student_id = %(merged)s
           AND other.student_id = %(into)s
        """,
    ),
    (
        "audit",
        """
        UPDATE audit SET target = 'student ' || %(into)s::text,
               details = details || jsonb_build_object('of_merged', %(merged)s::int)
         WHERE target = 'student ' || %(merged)s::text
        """,
    ),
)
"""(table, statement) in order. A student's games and budget are not moved: they go with the row,
and the games are counted again. What an import did to the merged student is not undone any more."""

MOVED = frozenset(table for table, _ in _MOVES)

_REMEMBER = """
INSERT INTO merged_students (merged_id, student_id, created_at, merged_at)
SELECT student_id, %(into)s, created_at, %(now)s FROM students WHERE student_id = %(merged)s
"""

_KEEP = """
UPDATE students AS s
   SET first_sign_in_at = LEAST(s.first_sign_in_at, own.first_sign_in_at),
       roster_key = COALESCE(s.roster_key, own.roster_key),
       roster_name = COALESCE(s.roster_name, own.roster_name)
  FROM students AS own WHERE s.student_id = %(into)s AND own.student_id = %(merged)s
"""

_REMOVE = (
    "DELETE FROM opening_balances WHERE student_id = %(merged)s",
    "DELETE FROM opening_days WHERE student_id = %(merged)s",
    "DELETE FROM students WHERE student_id = %(merged)s",
)


_MARK = """
UPDATE students SET has_made_up_play = true WHERE student_id = %(into)s
   AND EXISTS (SELECT FROM students WHERE student_id = %(merged)s AND has_made_up_play)
"""


def absorb(db: Transaction, merged: int, into: int, *, now: datetime) -> Mapping[str, int]:
    """As `StudentRepository.absorb`."""
    values = {"merged": merged, "into": into, "now": now}
    # A sync of the merged student that arrives from now on waits, and then finds no student.
    db.run("SELECT FROM students WHERE student_id = %(merged)s FOR UPDATE", values)
    moved: dict[str, int] = {}
    for table, statement in _MOVES:
        moved[table] = moved.get(table, 0) + db.run(statement, values)
    db.run("UPDATE merged_students SET student_id = %(into)s WHERE student_id = %(merged)s", values)
    db.run(_MARK, values)
    db.run(_REMEMBER, values)
    db.run(_KEEP, values)
    for statement in _REMOVE:
        db.run(statement, values)
    return moved
