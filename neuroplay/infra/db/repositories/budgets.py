"""Sync budgets: how much each student has sent recently."""

from __future__ import annotations

from neuroplay.core.entities.allowance import Allowance
from neuroplay.infra.db.statements import Statement
from neuroplay.infra.db.transaction import Transaction

# Seconds since the last charge, by which the budget has recovered. A charge in the future was made
# before the clock was set back. It counts as a day old; otherwise the student would have to wait
# for as long as the clock was ahead.
_PASSED = """CASE WHEN b.at > now() + interval '1 minute' THEN 86400
    ELSE GREATEST(extract(epoch FROM now() - b.at)::float8, 0) END"""
_SESSIONS = f"GREATEST(b.sessions - {_PASSED} * %(sessions_a_second)s::float8, 0)"
_SIZE = f"GREATEST(b.bytes - {_PASSED} * %(bytes_a_second)s::float8, 0)"
_HAS_ROOM = f"{_SESSIONS} < %(most_sessions)s::float8 AND {_SIZE} < %(most_bytes)s::float8"

_CHARGE = Statement(f"""
INSERT INTO sync_budgets AS b (student_id, sessions, bytes, at)
VALUES (%(student)s, %(sessions)s, %(bytes)s, now())
ON CONFLICT (student_id) DO UPDATE
   SET sessions = {_SESSIONS} + excluded.sessions, bytes = {_SIZE} + excluded.bytes, at = now()
 WHERE {_HAS_ROOM}
RETURNING set_config('synchronous_commit', 'off', true)
""")  # noqa: S608
# Asynchronous: a crash loses about a second of charges, which does not matter.

_WAIT = Statement(f"""
SELECT GREATEST(({_SESSIONS} - %(most_sessions)s::float8) / %(sessions_a_second)s::float8,
                ({_SIZE} - %(most_bytes)s::float8) / %(bytes_a_second)s::float8)
  FROM sync_budgets b WHERE student_id = %(student)s
""")  # noqa: S608

ROOM_S = 1.0
"""Added to a wait, so that the budget has room at its end."""


class SqlBudgetRepository:
    def __init__(self, db: Transaction) -> None:
        self._db = db

    def charge(self, student_id: int, sessions: int, size: int, allowance: Allowance) -> float:
        values = {
            "student": student_id,
            "sessions": sessions,
            "bytes": size,
            "most_sessions": allowance.sessions,
            "most_bytes": allowance.size,
            "sessions_a_second": allowance.sessions_a_second,
            "bytes_a_second": allowance.size_a_second,
        }
        if self._db.row(_CHARGE, values) is not None:
            return 0.0
        row = self._db.row(_WAIT, values)
        return ROOM_S + (0.0 if row is None else max(float(row[0]), 0.0))
