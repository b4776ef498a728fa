"""Whether what was received and what was counted agree."""

from __future__ import annotations

from sqlalchemy import Engine

_UNBOOKED = """
SELECT count(*) FROM sync_inbox AS i WHERE state = 'processed' AND NOT EXISTS (
    SELECT FROM game_sessions AS s WHERE s.session_id = i.session_id AND s.student_id = i.student_id
) AND NOT EXISTS (
    SELECT FROM settled_sessions AS s
     WHERE s.session_id = i.session_id AND s.student_id = i.student_id AND s.counted
)
"""


def unbooked(engine: Engine) -> int:
    """How many received sessions are marked as processed, but in no book. Raises
    StoreUnavailable."""
    with engine.connect() as connection:
        return int(connection.exec_driver_sql(_UNBOOKED).scalar_one())
