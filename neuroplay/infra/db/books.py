"""Whether what was received and what was counted agree."""

from __future__ import annotations

from sqlalchemy import Engine

_NOT_COUNTED = """
SELECT count(*) FROM sync_inbox AS i WHERE state = 'processed' AND NOT EXISTS (
    SELECT FROM game_sessions AS s WHERE s.session_id = i.session_id AND s.student_id = i.student_id
) AND NOT EXISTS (
    SELECT FROM settled_sessions AS s
     WHERE s.session_id = i.session_id AND s.student_id = i.student_id AND s.counted
)
"""

_NOT_FOLDED = """
SELECT COALESCE(sum(abs(COALESCE(gone, 0) - COALESCE(folded, 0))), 0)::bigint
  FROM (SELECT student_id, count(*) AS gone FROM settled_sessions AS s
         WHERE counted AND NOT EXISTS (
            SELECT FROM game_sessions AS g WHERE g.session_id = s.session_id)
         GROUP BY student_id) AS counted_once
  FULL JOIN (SELECT student_id, sum(plays) AS folded FROM opening_balances GROUP BY student_id)
         AS balances USING (student_id)
"""
# A session is folded only once its record was reduced to its id.


def unbooked(engine: Engine) -> int:
    """How many sessions were counted, but are in no book: they are marked as processed and not
    stored, or stored no more and not in the opening balance of their student. Sessions that only a
    balance has count, too. Raises StoreUnavailable."""
    with engine.connect() as connection:
        return sum(
            int(connection.exec_driver_sql(query).scalar_one())
            for query in (_NOT_COUNTED, _NOT_FOLDED)
        )
