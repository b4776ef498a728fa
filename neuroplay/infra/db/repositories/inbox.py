"""The inbox: insert, claim, finish. What operators ask of it stands in inbox_reading."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg2 import errors as pg
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from neuroplay.core.entities.student import Principal
from neuroplay.core.entities.sync_item import (
    InboxItem,
    InboxOutcome,
    InboxState,
    NewInboxItem,
    Receipt,
    ReceiptStatus,
)
from neuroplay.core.errors import NotFound
from neuroplay.infra.db.repositories.inbox_reading import COLUMNS, InboxReading, to_item

_INSERT = """
INSERT INTO sync_inbox (session_id, student_id, device_id, state, payload, payload_hash,
                        clock_shift_s, received_at, due_at, request_id, last_error_code, last_error)
SELECT a, %(student_id)s, %(device_id)s::uuid, b, c, decode(d, 'hex'), e, %(at)s, %(at)s,
       %(request_id)s, f, g
  FROM unnest(%(ids)s::uuid[], %(states)s::text[], %(payloads)s::jsonb[], %(hashes)s::text[],
              %(shifts)s::float8[], %(codes)s::text[], %(errors)s::text[])
    AS n(a, b, c, d, e, f, g)
ON CONFLICT DO NOTHING
RETURNING session_id, payload_hash, state
"""

_CLAIM = f"""
WITH due AS (
    SELECT inbox_id AS due_id FROM sync_inbox
     WHERE state = 'pending' AND due_at <= %(now)s AND leased = %(lost)s
       AND (%(ids)s::bigint[] IS NULL OR inbox_id = ANY(%(ids)s::bigint[]))
     ORDER BY due_at, inbox_id
     LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED
)
UPDATE sync_inbox SET attempts = attempts + 1, leased = true, due_at = %(until)s
  FROM due WHERE inbox_id = due_id
RETURNING {COLUMNS}
"""  # noqa: S608

_FINISH = """
UPDATE sync_inbox AS i
   SET state = n.state, leased = false, due_at = COALESCE(n.due_at, i.due_at),
       last_error_code = n.code, last_error = n.error, reasons = n.reasons::text[],
       release = %(release)s,
       processed_at = CASE WHEN n.state = 'pending' THEN NULL ELSE %(now)s::timestamptz END
  FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(codes)s::text[], %(errors)s::text[],
              %(reasons)s::text[], %(due)s::timestamptz[])
    AS n(inbox_id, state, code, error, reasons, due_at)
 WHERE i.inbox_id = n.inbox_id
"""

_Key = tuple[UUID | None, bytes]


class SqlInboxRepository(InboxReading):
    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._connection = connection

    def insert(
        self,
        principal: Principal,
        items: Sequence[NewInboxItem],
        *,
        received_at: datetime,
        request_id: str | None,
    ) -> list[Receipt]:
        replayed = self._replayed(principal.student_id, [i for i in items if i.error])
        wanted = {
            _key(item): (item, InboxState.INVALID if item.error else InboxState.PENDING)
            for item in items
            if item.payload_hash not in replayed or not item.error
        }
        stored = self._insert(principal, list(wanted.values()), received_at, request_id)
        unstored = {
            item.session_id
            for item in items
            if item.error is None and item.session_id and _key(item) not in stored
        }
        known = self._known(unstored) if unstored else {}
        conflicts: dict[_Key, tuple[NewInboxItem, InboxState]] = {}
        receipts = []
        for item in items:
            key = _key(item)
            if item.error is not None:
                status = (
                    ReceiptStatus.DUPLICATE
                    if item.payload_hash in replayed
                    else ReceiptStatus.INVALID
                )
            elif key in stored:
                stored.discard(key)  # the same record later in this batch is a duplicate
                status = ReceiptStatus.ACCEPTED
                known.setdefault(item.session_id, []).append(
                    (principal.student_id, item.payload_hash, InboxState.PENDING)
                )
            else:
                status, new = _judge(known.get(item.session_id, []), principal.student_id, item)
                if new:
                    conflicts[key] = (item, InboxState.CONFLICT)
                    known.setdefault(item.session_id, []).append(
                        (principal.student_id, item.payload_hash, InboxState.CONFLICT)
                    )
            receipts.append(
                Receipt(
                    session_id=None if item.session_id is None else str(item.session_id),
                    status=status,
                    error=item.error if status is ReceiptStatus.INVALID else None,
                )
            )
        self._insert(principal, list(conflicts.values()), received_at, request_id)
        return receipts

    def _insert(
        self,
        principal: Principal,
        rows: Sequence[tuple[NewInboxItem, InboxState]],
        received_at: datetime,
        request_id: str | None,
    ) -> set[_Key]:
        """Insert with one statement; the keys of those rows that were new."""
        if not rows:
            return set()
        try:
            new = self._connection.exec_driver_sql(
                _INSERT,
                {
                    "student_id": principal.student_id,
                    "device_id": str(principal.device_id),
                    "at": received_at,
                    "request_id": request_id,
                    "ids": [None if i.session_id is None else str(i.session_id) for i, _ in rows],
                    "states": [state.value for _, state in rows],
                    "payloads": [json.dumps(item.payload, allow_nan=False) for item, _ in rows],
                    "hashes": [item.payload_hash.hex() for item, _ in rows],
                    "shifts": [item.clock_shift_s for item, _ in rows],
                    "codes": [item.error.code if item.error else None for item, _ in rows],
                    "errors": [
                        f"{item.error.field}: {item.error.message}" if item.error else None
                        for item, _ in rows
                    ],
                },
            ).all()
        except IntegrityError as error:
            if isinstance(error.orig, pg.ForeignKeyViolation):
                raise NotFound("no such student") from error
            raise
        return {(row.session_id, bytes(row.payload_hash)) for row in new}

    def _replayed(self, student_id: int, invalid: Sequence[NewInboxItem]) -> set[bytes]:
        """Hashes of invalid records that are stored already and no longer invalid."""
        if not invalid:
            return set()
        rows = self._connection.exec_driver_sql(
            "SELECT payload_hash FROM sync_inbox WHERE student_id = %s AND state <> 'invalid' "
            "AND payload_hash = ANY(%s::bytea[])",
            (student_id, [item.payload_hash for item in invalid]),
        )
        return {bytes(one) for one in rows.scalars()}

    def _known(self, session_ids: set[UUID]) -> dict[UUID | None, list[_Stored]]:
        rows = self._connection.exec_driver_sql(
            "SELECT session_id, student_id, payload_hash, state FROM sync_inbox "
            "WHERE session_id = ANY(%s::uuid[])",
            ([str(one) for one in session_ids],),
        )
        known: dict[UUID | None, list[_Stored]] = {}
        for row in rows:
            known.setdefault(row.session_id, []).append(
                (row.student_id, bytes(row.payload_hash), InboxState(row.state))
            )
        return known

    def claim(
        self, limit: int, *, now: datetime, lease_s: float, ids: Sequence[int] | None = None
    ) -> list[InboxItem]:
        values: dict[str, Any] = {
            "now": now,
            "until": now + timedelta(seconds=lease_s),
            "ids": None if ids is None else list(ids),
        }
        # A row whose lease ran out may have killed its worker: it goes alone, before the others.
        for lost, at_most in ((True, 1), (False, limit)):
            rows = self._connection.exec_driver_sql(
                _CLAIM, {**values, "lost": lost, "limit": at_most}
            ).all()
            if rows:
                claimed = [to_item(row, tried_before=lost) for row in rows]
                return sorted(claimed, key=lambda item: item.inbox_id)
        return []

    def finish(self, outcomes: Sequence[InboxOutcome], *, now: datetime, release: str) -> None:
        if not outcomes:
            return
        self._connection.exec_driver_sql(
            _FINISH,
            {
                "now": now,
                "release": release,
                "ids": [one.inbox_id for one in outcomes],
                "states": [one.state.value for one in outcomes],
                "codes": [one.error_code for one in outcomes],
                "errors": [one.error for one in outcomes],
                # An array of arrays must be rectangular; a text of each is not bound to that.
                "reasons": ["{" + ",".join(one.reasons) + "}" for one in outcomes],
                "due": [one.next_try_at for one in outcomes],
            },
        )

    def set_state(self, inbox_ids: Sequence[int], state: InboxState, *, now: datetime) -> int:
        changed = self._connection.exec_driver_sql(
            "UPDATE sync_inbox SET state = %s, leased = false, attempts = 0, due_at = %s "
            "WHERE inbox_id = ANY(%s)",
            (state.value, now, list(inbox_ids)),
        )
        return int(changed.rowcount)


_Stored = tuple[int, bytes, InboxState]


def _key(item: NewInboxItem) -> _Key:
    return item.session_id, item.payload_hash


def _judge(
    known: Sequence[_Stored], student_id: int, item: NewInboxItem
) -> tuple[ReceiptStatus, bool]:
    """The receipt of a valid item whose id is taken, and whether it is a new conflict."""
    for owner, payload_hash, state in known:
        if owner == student_id and payload_hash == item.payload_hash:
            if state is InboxState.CONFLICT:
                return ReceiptStatus.CONFLICT, False
            if state is not InboxState.INVALID:
                return ReceiptStatus.DUPLICATE, False
    return ReceiptStatus.CONFLICT, True
