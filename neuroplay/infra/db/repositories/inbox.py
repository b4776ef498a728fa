"""Writes to the inbox: insert, claim, finish. For queries see inbox_reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from neuroplay.core.entities.sync_item import (
    LATEST_LEASE_S,
    LONGEST_WAIT_S,
    SHORT_HASH,
    Delivery,
    InboxItem,
    InboxOutcome,
    InboxState,
    ItemToDrain,
    NewInboxItem,
    Receipt,
    ReceiptStatus,
)
from neuroplay.infra.db.arrays import bytes_array, plain_array, text_array, time_array
from neuroplay.infra.db.repositories.inbox_reading import COLUMNS, InboxReading, to_item
from neuroplay.infra.db.statements import Statement
from neuroplay.infra.db.transaction import Row

_INSERT = Statement("""
INSERT INTO sync_inbox (inbox_id, session_id, student_id, device_id, state, payload, payload_hash,
                        clock_shift_s, received_at, due_at, request_id, last_error_code, last_error)
SELECT inbox_id, id, student, device, state, payload, hash, shift, at, '-infinity', request, code,
       error
  FROM (SELECT nextval('sync_inbox_inbox_id_seq') AS inbox_id, n.*
          FROM unnest(%(ids)s::uuid[], %(students)s::int[], %(devices)s::uuid[],
                      %(states)s::text[], %(payloads)s::jsonb[], %(hashes)s::bytea[],
                      %(shifts)s::float8[], %(times)s::timestamptz[], %(requests)s::text[],
                      %(codes)s::text[], %(errors)s::text[])
            AS n(id, student, device, state, payload, hash, shift, at, request, code, error)) AS n
 WHERE state <> 'pending'
    OR (SELECT true FROM settled_sessions AS s WHERE s.session_id = n.id LIMIT 1) IS NULL
 ORDER BY id, CASE WHEN state = 'invalid' THEN hash END, inbox_id
ON CONFLICT DO NOTHING
RETURNING student_id, session_id, payload_hash, state
""")
# New items are due at -infinity, so that a clock that was ahead and is corrected delays nothing.
#
# Items are numbered in the order of the batch but inserted in the order of their ids, so that two
# batches with the same sessions cannot deadlock. Payloads with the same id keep the batch's order,
# so that the first one is accepted. Invalid ones are distinguished by hash, and sorted by it.
#
# NOT EXISTS would leave the plan to the statistics: a table that was empty when the statement was
# prepared might be read as a whole later. A scalar subquery is always one probe of the index.

_DUE = """due_at <= %(now)s OR due_at > %(latest)s"""

_FREE = """leased_until IS NULL OR leased_until <= %(now)s OR leased_until > %(latest_lease)s"""
# A time beyond the longest possible wait or lease was written before the clock was set back.

TO_CLAIM = """
SET LOCAL enable_bitmapscan = off;
SET LOCAL enable_sort = off;
SET LOCAL synchronous_commit = off
"""
CLAIM = Statement(f"""
WITH due AS (
    SELECT inbox_id AS due_id, leased_until IS NOT NULL AS lost FROM sync_inbox
     WHERE state = 'pending' AND ({_DUE}) AND ({_FREE})
       AND (%(ids)s::bigint[] IS NULL OR inbox_id = ANY(%(ids)s::bigint[]))
     ORDER BY due_at, inbox_id
     LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED
), first_lost AS (
    SELECT min(due_id) AS lost_id FROM due WHERE lost
)
UPDATE sync_inbox SET attempts = attempts + 1, leased_until = %(until)s
  FROM due, first_lost WHERE inbox_id = due_id AND (lost_id IS NULL OR due_id = lost_id)
RETURNING inbox_id, session_id, student_id, payload, clock_shift_s, received_at, attempts,
          request_id, lost AS tried_before
""")  # noqa: S608
# PostgreSQL must walk the index and stop at the limit, instead of sorting the whole backlog for
# each claim. The table fills and empties all day, so its statistics are often out of date.
#
# A claim need not wait for the disk: any later transaction that is on disk implies that the claim
# is, too. A power failure in between only loses who had claimed the rows.
#
# A row whose lease ran out may have crashed its worker, so the first of these is claimed alone.
# Rows are claimed in index order, and lost ones are at its front. A claim changes no indexed
# column: the new row version stays in its page (HOT), and no index grows.

_HAS_DUE = Statement(f"""
SELECT EXISTS (SELECT FROM sync_inbox WHERE state = 'pending' AND ({_DUE}) AND ({_FREE}))
""")  # noqa: S608

FINISH = Statement("""
UPDATE sync_inbox AS i
   SET state = n.state, dismissed_at = NULL, leased_until = NULL,
       due_at = COALESCE(n.due_at, i.due_at), last_error_code = n.code,
       last_error = n.error, reasons = n.reasons::text[], release = %(release)s::text,
       processed_at = CASE WHEN n.state = 'pending' THEN NULL ELSE %(now)s::timestamptz END
  FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(codes)s::text[], %(errors)s::text[],
              %(reasons)s::text[], %(due)s::timestamptz[])
    AS n(inbox_id, state, code, error, reasons, due_at)
 WHERE i.inbox_id = n.inbox_id AND (%(who)s::text IS NOT NULL OR i.state || '' = 'pending')
""")
# The last condition ignores a worker that lost its lease. `|| ''` keeps PostgreSQL from using the
# index of pending rows, where it would read the whole backlog.

_ATTEMPTS = """
INSERT INTO sync_attempts (inbox_id, at, state, error_code, error, reasons, release, who)
SELECT n.inbox_id, %(now)s::timestamptz, n.state, n.code, n.error, n.reasons::text[],
       %(release)s, %(who)s
  FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(codes)s::text[], %(errors)s::text[],
              %(reasons)s::text[])
    AS n(inbox_id, state, code, error, reasons)
  JOIN sync_inbox USING (inbox_id)
"""
# The join leaves out items that were erased meanwhile.

_KEEP_FIRST_CAUSE = """
INSERT INTO sync_attempts (inbox_id, at, state, error_code, error, reasons, release)
SELECT inbox_id, COALESCE(processed_at, received_at), state, last_error_code, last_error, reasons,
       release
  FROM sync_inbox AS i
 WHERE inbox_id = ANY(%(ids)s::bigint[]) AND state NOT IN ('pending', 'processed')
   AND NOT EXISTS (SELECT FROM sync_attempts AS a WHERE a.inbox_id = i.inbox_id)
"""
# Items that were invalid or in conflict on arrival have no attempt, since they were never tried.

KNOWN = Statement("""
SELECT session_id, student_id, payload_hash, state FROM sync_inbox
 WHERE session_id = ANY(%(ids)s::uuid[]) AND state NOT IN ('invalid', 'conflict')
UNION ALL
SELECT session_id, student_id, payload_hash, state FROM sync_inbox
 WHERE session_id = ANY(%(ids)s::uuid[]) AND state IN ('invalid', 'conflict')
   AND state <> 'invalid'
UNION ALL
SELECT session_id, student_id, payload_hash, 'processed' FROM settled_sessions
 WHERE session_id = ANY(%(ids)s::uuid[])
""")
# Each part has its own index. Of a settled session the hash is only its beginning.

_REPLAYED = f"""
SELECT substr(payload_hash, 1, {SHORT_HASH}) FROM sync_inbox
 WHERE student_id = %(student)s AND state <> 'invalid'
   AND payload_hash = ANY(%(hashes)s::bytea[])
UNION ALL
SELECT payload_hash FROM settled_sessions
 WHERE student_id = %(student)s AND payload_hash = ANY(%(short)s::bytea[])
"""  # noqa: S608

_Key = tuple[int, str | None, bytes, str]
"""Student, session id, hash and state of a row. Texts, since Python takes long for the hash of a
UUID or of an enum's member."""


class _Sender(NamedTuple):
    """What all rows of a delivery have in common, as PostgreSQL reads it."""

    student_id: int
    device_id: str
    received_at: str
    request_id: str | None


_Arrival = tuple[_Sender, NewInboxItem]


class SqlInboxRepository(InboxReading):
    def insert(self, deliveries: Sequence[Delivery]) -> list[list[Receipt]]:
        wanted: dict[_Key, _Arrival] = {}
        arrived: list[list[tuple[_Key, _Arrival, ReceiptStatus | None]]] = []
        is_repeated = False
        for delivery in deliveries:
            sender, items = _sender(delivery), delivery.items
            owner = sender.student_id
            valid_hashes = self._replayed(owner, [item for item in items if item.error])
            came: list[tuple[_Key, _Arrival, ReceiptStatus | None]] = []
            for item in items:
                key, arrival, status = _key(owner, item), (sender, item), None
                if item.error is None:
                    valid_hashes.add(item.payload_hash)
                    is_repeated = is_repeated or key in wanted
                elif item.payload_hash in valid_hashes:
                    came.append((key, arrival, ReceiptStatus.DUPLICATE))
                    continue
                else:
                    status = ReceiptStatus.INVALID
                wanted.setdefault(key, arrival)
                came.append((key, arrival, status))
            arrived.append(came)
        stored = self._insert(wanted)
        if len(stored) == len(wanted) and not is_repeated:
            accepted = ReceiptStatus.ACCEPTED  # as nearly always: there is nothing to judge
            return [
                [_receipt(key, item, status or accepted) for key, (_, item), status in came]
                for came in arrived
            ]
        taken = _Taken(
            self._known({key[1] for key in wanted.keys() - stored if key[3] != _INVALID}),
            stored,
        )
        receipts = [
            [
                _receipt(key, arrival[1], status or taken.judge(key, arrival))
                for key, arrival, status in came
            ]
            for came in arrived
        ]
        self._insert(taken.conflicts)
        return receipts

    def _insert(self, rows: Mapping[_Key, _Arrival]) -> AbstractSet[_Key]:
        """Insert with one statement. Returns the keys of the new rows."""
        if not rows:
            return set()
        senders, items = zip(*rows.values(), strict=True)
        self._db.await_standby(len(items))
        count = self._db.run(
            _INSERT,
            {
                "ids": plain_array(key[1] for key in rows),
                "students": plain_array(one.student_id for one in senders),
                "devices": plain_array(one.device_id for one in senders),
                "states": plain_array(key[3] for key in rows),
                "payloads": text_array(_text(item.payload) for item in items),
                "hashes": bytes_array(item.payload_hash for item in items),
                "shifts": plain_array(item.clock_shift_s for item in items),
                "times": plain_array(one.received_at for one in senders),
                "requests": text_array(one.request_id for one in senders),
                "codes": text_array(i.error.code if i.error else None for i in items),
                "errors": text_array(item.error.text if item.error else None for item in items),
            },
        )
        if count == len(rows):
            return rows.keys()
        return {
            (student_id, _as_text(session_id), bytes(payload_hash), state)
            for student_id, session_id, payload_hash, state in self._db.found(_INSERT)
        }

    def _replayed(self, student_id: int, invalid: Sequence[NewInboxItem]) -> set[bytes]:
        """Hashes of invalid items that are stored already and no longer invalid, after a replay."""
        if not invalid:
            return set()
        hashes = {item.payload_hash[:SHORT_HASH]: item.payload_hash for item in invalid}
        self._db.await_standby(0)  # the message also has what was queued
        rows = self._db.column(
            _REPLAYED,
            {
                "student": student_id,
                "hashes": bytes_array(hashes.values()),
                "short": bytes_array(hashes),
            },
        )
        return {hashes[bytes(one)] for one in rows}

    def _known(self, session_ids: AbstractSet[str | None]) -> dict[str | None, list[_Stored]]:
        """The stored items with these ids, except invalid ones."""
        known: dict[str | None, list[_Stored]] = {}
        if session_ids:
            rows = self._db.rows(KNOWN, {"ids": plain_array(session_ids)})
            for row in rows:
                known.setdefault(_as_text(row.session_id), []).append(
                    (row.student_id, bytes(row.payload_hash), InboxState(row.state))
                )
        return known

    def lacking(self, student_id: int, offered: Mapping[UUID, bytes]) -> list[UUID]:
        known = self._known({str(session_id) for session_id in offered})
        return [
            session_id
            for session_id, payload_hash in offered.items()
            if not any(
                owner == student_id and payload_hash.startswith(known_hash)
                for owner, known_hash, _ in known.get(str(session_id), ())
            )
        ]

    def claim(
        self, limit: int, *, now: datetime, lease_s: float, ids: Sequence[int] | None = None
    ) -> list[ItemToDrain]:
        self._db.send_ahead(TO_CLAIM)
        rows = self._db.rows(
            CLAIM,
            {
                **due_values(now),
                "until": now + timedelta(seconds=lease_s),
                "ids": None if ids is None else plain_array(ids),
                "limit": limit,
            },
        )
        return sorted(map(_to_drain, rows), key=lambda item: item.inbox_id)

    def has_due(self, *, now: datetime) -> bool:
        return bool(self._db.one(_HAS_DUE, due_values(now))[0])

    def finish(
        self,
        outcomes: Sequence[InboxOutcome],
        *,
        now: datetime,
        release: str,
        who: str | None = None,
    ) -> None:
        if who is not None:
            self._keep_first_cause([one.inbox_id for one in outcomes])
        attempts = [one for one in outcomes if who is not None or one.state is not _PROCESSED]
        for statement, some in ((FINISH, outcomes), (_ATTEMPTS, attempts)):
            if some:
                self._finish(statement, some, now, release, who)

    def _finish(
        self,
        statement: str,
        outcomes: Sequence[InboxOutcome],
        now: datetime,
        release: str,
        who: str | None,
    ) -> None:
        self._db.run(
            statement,
            {
                "now": now,
                "release": release,
                "who": who,
                "ids": plain_array(one.inbox_id for one in outcomes),
                "states": plain_array(one.state.value for one in outcomes),
                "codes": text_array(one.error_code for one in outcomes),
                "errors": text_array(one.error and _plain(one.error) for one in outcomes),
                # PostgreSQL's nested arrays must be rectangular; an array of texts need not be.
                "reasons": text_array(text_array(map(_plain, one.reasons)) for one in outcomes),
                "due": time_array(one.next_try_at for one in outcomes),
            },
        )

    def owners(self, inbox_ids: Sequence[int]) -> dict[int, int]:
        rows = self._db.rows(
            "SELECT inbox_id, student_id FROM sync_inbox WHERE inbox_id = ANY(%s::bigint[])",
            (plain_array(inbox_ids),),
        )
        return {row.inbox_id: row.student_id for row in rows}

    def take(self, inbox_ids: Sequence[int], *, now: datetime) -> list[InboxItem]:
        rows = self._db.rows(
            f"SELECT {COLUMNS} FROM sync_inbox "  # noqa: S608
            "WHERE inbox_id = ANY(%(ids)s::bigint[]) AND state <> 'processed' "
            f"AND ({_FREE}) ORDER BY inbox_id FOR UPDATE SKIP LOCKED",
            {"ids": plain_array(inbox_ids), **due_values(now)},
        )
        return [to_item(row) for row in rows]

    def _keep_first_cause(self, inbox_ids: Sequence[int]) -> None:
        self._db.run(_KEEP_FIRST_CAUSE, {"ids": plain_array(inbox_ids)})

    def dismiss(
        self, inbox_ids: Sequence[int], *, now: datetime, release: str, who: str, reason: str
    ) -> None:
        self._keep_first_cause(inbox_ids)
        self._db.run(
            "UPDATE sync_inbox SET dismissed_at = %s WHERE inbox_id = ANY(%s::bigint[])",
            (now, plain_array(inbox_ids)),
        )
        outcomes = [
            InboxOutcome(
                inbox_id=inbox_id, state=_DISMISSED, error_code=_DISMISSED.value, error=reason
            )
            for inbox_id in inbox_ids
        ]
        if outcomes:
            self._finish(_ATTEMPTS, outcomes, now, release, who)

    def identify(self, inbox_id: int, session_id: UUID) -> None:
        self._db.run(
            "UPDATE sync_inbox SET session_id = %s::uuid WHERE inbox_id = %s",
            (str(session_id), inbox_id),
        )


def due_values(now: datetime) -> dict[str, datetime]:
    """The parameters of _DUE and _FREE."""
    return {
        "now": now,
        "latest": now + timedelta(seconds=LONGEST_WAIT_S),
        "latest_lease": now + timedelta(seconds=LATEST_LEASE_S),
    }


def _to_drain(row: Row) -> ItemToDrain:
    """From a row of CLAIM."""
    return ItemToDrain(
        inbox_id=row.inbox_id,
        session_id=row.session_id,
        student_id=row.student_id,
        payload=row.payload,
        clock_shift_s=row.clock_shift_s,
        received_at=row.received_at,
        attempts=row.attempts,
        request_id=row.request_id,
        tried_before=row.tried_before,
    )


_Stored = tuple[int, bytes, InboxState]
_PENDING, _INVALID, _CONFLICT = (
    state.value for state in (InboxState.PENDING, InboxState.INVALID, InboxState.CONFLICT)
)
_PROCESSED = InboxState.PROCESSED
_DISMISSED = InboxState.DISMISSED


class _Taken:
    """Decides, in order, whether valid items are new, duplicates or conflicts.

    `known` was stored under these ids before, `stored` has just been inserted.
    """

    def __init__(self, known: dict[str | None, list[_Stored]], stored: AbstractSet[_Key]) -> None:
        self._known = known
        self._stored = set(stored)
        self.conflicts: dict[_Key, _Arrival] = {}
        """New conflicts, still to be stored."""

    def judge(self, key: _Key, arrival: _Arrival) -> ReceiptStatus:
        """Judge the next item. Each newly stored row is accepted once."""
        student_id, session_id, payload_hash, _ = key
        known = self._known.setdefault(session_id, [])
        if key in self._stored:
            self._stored.discard(key)
            known.append((student_id, payload_hash, InboxState.PENDING))
            return ReceiptStatus.ACCEPTED
        for owner, known_hash, state in known:
            if owner == student_id and payload_hash.startswith(known_hash):
                conflict = state is InboxState.CONFLICT
                return ReceiptStatus.CONFLICT if conflict else ReceiptStatus.DUPLICATE
        known.append((student_id, payload_hash, InboxState.CONFLICT))
        self.conflicts[student_id, session_id, payload_hash, _CONFLICT] = arrival
        return ReceiptStatus.CONFLICT


def _sender(delivery: Delivery) -> _Sender:
    principal = delivery.principal
    return _Sender(
        principal.student_id,
        str(principal.device_id),
        delivery.received_at.isoformat(),
        delivery.request_id,
    )


def _key(student_id: int, item: NewInboxItem) -> _Key:
    state = _PENDING if item.error is None else _INVALID
    return student_id, _as_text(item.session_id), item.payload_hash, state


def _as_text(session_id: UUID | None) -> str | None:
    return None if session_id is None else str(session_id)


def _receipt(key: _Key, item: NewInboxItem, status: ReceiptStatus) -> Receipt:
    return Receipt(
        session_id=key[1],
        status=status,
        error=item.error if status is ReceiptStatus.INVALID else None,
    )


def _text(payload: Any) -> str:
    """The payload as JSON. The standard library would take four times as long."""
    return to_json(payload).decode()


def _plain(text: str) -> str:
    """Replace what PostgreSQL cannot store; an error message may quote anything."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")
