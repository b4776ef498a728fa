"""Removes traces and records that are not kept any longer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from neuroplay.core.entities.retention import Cutoff, Cutoffs, Removed, RetentionPass
from neuroplay.core.entities.sync_item import SHORT_HASH
from neuroplay.infra.db.arrays import plain_array, time_array
from neuroplay.infra.db.transaction import Transaction

_CUTOFFS = """cutoff AS (
    SELECT s.student_id,
           CASE WHEN c.class_id IS NULL THEN %(traces)s ELSE c.traces END AS traces,
           CASE WHEN c.class_id IS NULL THEN %(raw)s ELSE c.raw END AS raw
      FROM students s
      LEFT JOIN unnest(%(classes)s::int[], %(class_traces)s::timestamptz[],
                       %(class_raw)s::timestamptz[])
        AS c(class_id, traces, raw) USING (class_id)
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

_OWING = f"""
WITH {_CUTOFFS}
SELECT student_id FROM cutoff c
 WHERE EXISTS (SELECT {_TRACED}) OR EXISTS (SELECT {_RAW})
 ORDER BY student_id
"""  # noqa: S608

_COUNT = f"""
WITH {_CUTOFFS}
SELECT COALESCE(sum((SELECT count(*) {_TRACED})), 0)::bigint AS traces,
       COALESCE(sum((SELECT count(*) {_RAW})), 0)::bigint AS raw
  FROM cutoff c
"""  # noqa: S608

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


def _values(student_ids: Sequence[int], cutoffs: Cutoffs) -> dict[str, Any]:
    """The parameters of _CUTOFFS."""
    own: Sequence[Cutoff] = list(cutoffs.of_class.values())
    return {
        "ids": plain_array(student_ids),
        "traces": cutoffs.usual.traces,
        "raw": cutoffs.usual.raw,
        "classes": plain_array(cutoffs.of_class),
        "class_traces": time_array(one.traces for one in own),
        "class_raw": time_array(one.raw for one in own),
    }
