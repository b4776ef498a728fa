"""Queries of the inbox, for operators and students."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from neuroplay.core.entities.inbox_filter import EVERYTHING, InboxFilter
from neuroplay.core.entities.sync_item import Attempt, InboxCounts, InboxItem, InboxState
from neuroplay.core.rules.session_record import played_since
from neuroplay.infra.db.arrays import plain_array
from neuroplay.infra.db.transaction import Transaction

SCANNED = 500
"""Items read at a time when a filter depends on the payload."""

COLUMNS = """inbox_id, session_id, student_id, device_id, state, payload, payload_hash,
    clock_shift_s, received_at, attempts, due_at, leased_until, processed_at, last_error_code,
    last_error, reasons, release, request_id, dismissed_at IS NOT NULL AS dismissed"""

_BY_SESSION = f"""
SELECT {COLUMNS} FROM sync_inbox
 WHERE session_id = %(id)s::uuid AND state NOT IN ('invalid', 'conflict')
UNION ALL
SELECT {COLUMNS} FROM sync_inbox
 WHERE session_id = %(id)s::uuid AND state IN ('invalid', 'conflict')
 ORDER BY inbox_id
"""  # noqa: S608
# Each half has its own index. One index over both would be updated at every change of state.

_UNFINISHED = """
SELECT state, count(*) AS items, min(received_at) AS oldest FROM sync_inbox
 WHERE state <> 'processed' GROUP BY state
"""

_PROCESSED = "SELECT COALESCE(sum(sessions), 0)::bigint FROM students"
# Nearly all rows are processed, so they are not counted one by one. An item becomes `processed` in
# the transaction that counts its session for its student, and both are erased together. The
# students' counters therefore add up to the same number.

_DISMISSED_OF = "SELECT state, count(*) AS items FROM sync_inbox WHERE dismissed_at IS NOT NULL "
# Separate, since it has its own index; the other counts need not read the rows for it.

_COUNTS_OF = """
SELECT CASE WHEN dismissed_at IS NULL THEN state ELSE 'dismissed' END AS state, count(*) AS items
  FROM sync_inbox WHERE student_id = %(student)s AND state <> 'processed' GROUP BY 1
UNION ALL
SELECT 'processed', sessions FROM students WHERE student_id = %(student)s
"""

_IN_STATES = """(state = ANY(%s) AND dismissed_at IS NULL
    OR 'dismissed' = ANY(%s) AND dismissed_at IS NOT NULL)"""

_OF_VERDICT = """state = 'processed' AND session_id IN (
    SELECT session_id FROM game_sessions WHERE verdict = %s)"""

_OF_DEVICE = """student_id IN (
    SELECT student_id FROM devices WHERE device_id = %s::uuid
    UNION ALL SELECT student_id FROM tokens WHERE device_id = %s::uuid)"""


_STANDING = """
SELECT session_id, student_id, payload_hash FROM sync_inbox
 WHERE session_id = ANY(%(ids)s::uuid[]) AND state NOT IN ('invalid', 'conflict')
UNION ALL
SELECT session_id, student_id, payload_hash FROM settled_sessions
 WHERE session_id = ANY(%(ids)s::uuid[])
"""


class InboxReading:
    def __init__(self, db: Transaction) -> None:
        self._db = db

    def counts(self, *, now: datetime) -> InboxCounts:
        return replace(self.unfinished(now=now), processed=self._db.one(_PROCESSED)[0])

    def unfinished(self, *, now: datetime) -> InboxCounts:
        """The counts without `processed`, which takes longer the more students there are."""
        rows = self._db.rows(_UNFINISHED)
        states = {row.state: row.items for row in rows}
        for row in self._db.rows(_DISMISSED_OF + "GROUP BY state"):
            states[row.state] -= row.items
            states["dismissed"] = states.get("dismissed", 0) + row.items
        oldest = min((row.oldest for row in rows if row.state == "pending"), default=None)
        return InboxCounts(
            **states,
            oldest_pending_s=None if oldest is None else max((now - oldest).total_seconds(), 0.0),
        )

    def counts_of(self, student_id: int) -> InboxCounts:
        rows = self._db.rows(_COUNTS_OF, {"student": student_id})
        return InboxCounts(**{row.state: row.items for row in rows})

    def recent(self, since: datetime) -> tuple[int, int]:
        row = self._db.one(
            "SELECT count(*) AS came, count(*) FILTER (WHERE state = 'processed') AS done "
            "FROM sync_inbox WHERE received_at >= %s",
            (since,),
        )
        return row.came, row.done

    def errors(self) -> Mapping[str, int]:
        rows = self._db.rows(
            "SELECT last_error_code, count(*) AS items FROM sync_inbox "
            "WHERE state <> 'processed' AND last_error_code IS NOT NULL AND dismissed_at IS NULL "
            "GROUP BY last_error_code ORDER BY last_error_code"
        )
        return {row.last_error_code: row.items for row in rows}

    def list(
        self, which: InboxFilter = EVERYTHING, *, before: int | None = None, limit: int = 50
    ) -> list[InboxItem]:
        since = which.played_since
        if since is None:
            return list(self._page(which, before, limit))
        found: list[InboxItem] = []
        while len(found) < limit and (page := self._page(which, before, SCANNED)):
            found += (item for item in page if played_since(item, since))
            before = page[-1].inbox_id
        return found[:limit]

    def _page(self, which: InboxFilter, before: int | None, limit: int) -> Sequence[InboxItem]:
        """A page of what passes the filter, except its time of play, which only the payload has."""
        device = None if which.device_id is None else str(which.device_id)
        asked: Sequence[tuple[str, Any]] = (
            (_IN_STATES, [state.value for state in which.states] or None),
            ("student_id = %s", which.student_id),
            ("student_id IN (SELECT student_id FROM students WHERE class_id = %s)", which.class_id),
            ("received_at >= %s", which.received_since),
            ("received_at < %s", which.until),
            ("last_error_code = %s", which.error),
            # Lets PostgreSQL use the index by student; a device has few students.
            (_OF_DEVICE, device),
            ("device_id = %s::uuid", device),
            (_OF_VERDICT, which.verdict),
            ("inbox_id < %s", before),
        )
        conditions = [condition for condition, value in asked if value is not None]
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        values = [v for c, value in asked if value is not None for v in [value] * c.count("%s")]
        rows = self._db.rows(
            f"SELECT {COLUMNS} FROM sync_inbox {where} "  # noqa: S608
            "ORDER BY inbox_id DESC LIMIT %s",
            (*values, limit),
        )
        return [to_item(row) for row in rows]

    def by_session(self, session_id: UUID) -> Sequence[InboxItem]:
        rows = self._db.rows(_BY_SESSION, {"id": str(session_id)})
        return [to_item(row) for row in rows]

    def standing(self, session_ids: Sequence[UUID]) -> dict[UUID, tuple[int, bytes]]:
        rows = self._db.rows(_STANDING, {"ids": plain_array(session_ids)})
        return {row.session_id: (row.student_id, bytes(row.payload_hash)) for row in rows}

    def get(self, inbox_id: int) -> InboxItem | None:
        row = self._db.row(
            f"SELECT {COLUMNS} FROM sync_inbox WHERE inbox_id = %s",  # noqa: S608
            (inbox_id,),
        )
        return None if row is None else to_item(row)

    def attempts_of(self, inbox_id: int) -> Sequence[Attempt]:
        rows = self._db.rows(
            "SELECT at, state, error_code, error, reasons, release, who FROM sync_attempts "
            "WHERE inbox_id = %s ORDER BY attempt_id",
            (inbox_id,),
        )
        return [
            Attempt(
                at=row.at,
                state=InboxState(row.state),
                error_code=row.error_code,
                error=row.error,
                reasons=tuple(row.reasons),
                release=row.release,
                who=row.who,
            )
            for row in rows
        ]


def to_item(row: Sequence[Any]) -> InboxItem:
    """From a row of COLUMNS. `next_try_at` is set only if a try has failed."""
    (
        inbox_id,
        session_id,
        student_id,
        device_id,
        state_name,
        payload,
        payload_hash,
        clock_shift_s,
        received_at,
        attempts,
        due_at,
        leased_until,
        processed_at,
        last_error_code,
        last_error,
        reasons,
        release,
        request_id,
        dismissed,
    ) = row
    kind = InboxState(state_name)
    state = InboxState.DISMISSED if dismissed else kind
    failed_before = last_error_code is not None and leased_until is None
    waits = state is InboxState.PENDING and failed_before
    return InboxItem(
        inbox_id=inbox_id,
        session_id=session_id,
        student_id=student_id,
        device_id=device_id,
        state=state,
        payload=payload,
        payload_hash=bytes(payload_hash),
        clock_shift_s=clock_shift_s,
        received_at=received_at,
        attempts=attempts,
        next_try_at=due_at if waits else None,
        processed_at=processed_at,
        last_error_code=last_error_code,
        last_error=last_error,
        reasons=tuple(reasons),
        release=release,
        request_id=request_id,
        before_dismissal=kind if dismissed else None,
    )
