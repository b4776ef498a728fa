"""Classes, devices and the audit."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.entities.student import (
    HoldingDevice,
    KnownDevice,
    OutboxReport,
    SchoolClass,
)
from neuroplay.core.entities.sync_item import AuditEntry, AuditRecord, Decision, Delivery
from neuroplay.core.interfaces.audit import AUDIT_SOUGHT
from neuroplay.infra.db.arrays import plain_array, text_array, time_array
from neuroplay.infra.db.statements import Statement
from neuroplay.infra.db.transaction import Transaction

_CLASS = (
    "class_id, name, code, leaderboard_enabled, day_minutes, created_at, trace_days, raw_days, "
    "keep_months, archived_at, EXISTS (SELECT FROM students AS m "
    "WHERE m.class_id = classes.class_id AND m.has_made_up_play) AS has_made_up_play"
)
_SILENT = "excluded.device_id || ' ' || excluded.student_id = ANY(%(silent)s::text[])"
_REPORT = Statement(f"""
INSERT INTO devices AS d (device_id, student_id, last_contact, pending, oldest)
SELECT * FROM unnest(%(devices)s::uuid[], %(students)s::int[], %(times)s::timestamptz[],
                     %(pending)s::int[], %(oldest)s::timestamptz[])
 ORDER BY 1, 2
ON CONFLICT (device_id, student_id) DO UPDATE
   SET last_contact = excluded.last_contact,
       pending = CASE WHEN {_SILENT} THEN d.pending ELSE excluded.pending END,
       oldest = CASE WHEN {_SILENT} THEN d.oldest ELSE excluded.oldest END
""")  # noqa: S608
# In the order of their key, so that two transactions with the same devices cannot deadlock.
_LOCK_CLASSES = """
SELECT class_id FROM classes WHERE class_id = ANY(%(ids)s::int[])
 ORDER BY class_id FOR NO KEY UPDATE
"""
_CLASS_OF_ID = Statement(f"SELECT {_CLASS} FROM classes WHERE class_id = %(value)s")  # noqa: S608
_CLASS_OF_STUDENT = Statement(
    f"SELECT {_CLASS} FROM classes WHERE class_id = "  # noqa: S608
    "(SELECT class_id FROM students WHERE student_id = %(value)s)"
)


_WHO = """
COALESCE((SELECT name || ' (' || who || ')' FROM adults WHERE who = 'adult:' || adult_id), who)"""
_AUDIT = f"""
SELECT * FROM (SELECT audit_id, at, {_WHO} AS who, what, target, details FROM audit) AS a
 WHERE (%(targets)s::text[] IS NULL OR target = ANY(%(targets)s::text[]))
   AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
   AND (%(who)s = '' OR strpos(lower(who), lower(%(who)s)) > 0)
 ORDER BY audit_id DESC LIMIT %(limit)s
"""  # noqa: S608
_NEWEST_CHANGE = Statement(f"""
SELECT audit_id
  FROM (SELECT audit_id, what, target FROM audit ORDER BY audit_id DESC LIMIT {AUDIT_SOUGHT}) AS a
 WHERE (starts_with(target, 'class ') OR starts_with(target, 'student '))
   AND what <> ALL(%(besides)s::text[])
 ORDER BY audit_id DESC LIMIT 1
""")  # noqa: S608
_LOOK = """
INSERT INTO audit (who, what, target, details, at)
SELECT %(who)s, %(what)s, %(target)s, '{}', %(now)s
 WHERE NOT EXISTS (
    SELECT FROM audit
     WHERE target = %(target)s AND who = %(who)s AND what = %(what)s
       AND at > %(since)s AND at <= %(now)s)
"""


class SqlClassRepository:
    def __init__(self, db: Transaction) -> None:
        self._db = db

    def add(self, name: str, code: str, *, leaderboard_enabled: bool = True) -> SchoolClass:
        row = self._db.one(
            "INSERT INTO classes (name, code, leaderboard_enabled) VALUES (%s, %s, %s) "  # noqa: S608
            f"RETURNING {_CLASS}",
            (name, code, leaderboard_enabled),
        )
        return SchoolClass(**row._asdict())

    def get(self, class_id: int) -> SchoolClass | None:
        return self._one(_CLASS_OF_ID, class_id)

    def of_student(self, student_id: int) -> SchoolClass | None:
        return self._one(_CLASS_OF_STUDENT, student_id)

    def _one(self, statement: Statement, value: int) -> SchoolClass | None:
        row = self._db.row(statement, {"value": value})
        return None if row is None else SchoolClass(**row._asdict())

    def by_code(self, code: str) -> SchoolClass | None:
        return next(iter(self._where("code = %s", code)), None)

    def all(self) -> list[tuple[SchoolClass, int]]:
        rows = self._db.rows(
            f"SELECT {_CLASS}, (SELECT count(*) FROM students s "  # noqa: S608
            "WHERE s.class_id = classes.class_id) AS students FROM classes ORDER BY name, class_id"
        )
        found = []
        for row in rows:
            columns = row._asdict()
            students = columns.pop("students")
            found.append((SchoolClass(**columns), students))
        return found

    def with_own_retention(self) -> list[SchoolClass]:
        return self._where(
            "num_nonnulls(trace_days, raw_days, keep_months) > %s",
            0,
        )

    def lock(self, class_ids: Collection[int]) -> dict[int, SchoolClass]:
        # NO KEY, so that students are counted, and others read, meanwhile.
        self._db.rows(_LOCK_CLASSES, {"ids": plain_array(class_ids)})
        # Read apart: after waiting for a lock, that statement would see an older snapshot.
        found = self._where("class_id = ANY(%s::int[])", plain_array(class_ids))
        return {one.class_id: one for one in found}

    def save(self, school_class: SchoolClass) -> None:
        self._db.run(
            "UPDATE classes SET name = %(name)s, leaderboard_enabled = %(leaderboard_enabled)s, "
            "day_minutes = %(day_minutes)s, trace_days = %(trace_days)s, raw_days = %(raw_days)s, "
            "keep_months = %(keep_months)s, archived_at = %(archived_at)s "
            "WHERE class_id = %(class_id)s",
            asdict(school_class),
        )

    def remove(self, class_id: int) -> None:
        self._db.run("DELETE FROM classes WHERE class_id = %s", (class_id,))

    def _where(self, condition: str, value: Any) -> list[SchoolClass]:
        rows = self._db.rows(
            f"SELECT {_CLASS} FROM classes WHERE {condition} ORDER BY class_id",  # noqa: S608
            (value,),
        )
        return [SchoolClass(**row._asdict()) for row in rows]


class SqlDeviceRepository:
    def __init__(self, db: Transaction) -> None:
        self._db = db

    def report(
        self, principal: StudentPrincipal, outbox: OutboxReport | None, *, now: datetime
    ) -> None:
        self._report({(principal.device_id, principal.student_id): (now, outbox)})

    def report_all(self, deliveries: Sequence[Delivery]) -> None:
        latest: dict[tuple[UUID, int], tuple[datetime, OutboxReport | None]] = {}
        for one in deliveries:
            key = one.principal.device_id, one.principal.student_id
            _, before = latest.get(key, (None, None))
            latest[key] = one.received_at, one.outbox or before
        if latest:
            self._report(latest)

    def _report(
        self, latest: Mapping[tuple[UUID, int], tuple[datetime, OutboxReport | None]]
    ) -> None:
        times, outboxes = zip(*latest.values(), strict=True)
        silent = [key for key, (_, outbox) in latest.items() if outbox is None]
        self._db.send_ahead(
            _REPORT,
            {
                "devices": plain_array(device for device, _ in latest),
                "students": plain_array(student for _, student in latest),
                "times": time_array(times),
                "pending": plain_array(outbox.pending if outbox else 0 for outbox in outboxes),
                "oldest": time_array(outbox.oldest if outbox else None for outbox in outboxes),
                "silent": text_array(f"{device} {student}" for device, student in silent),
            },
        )

    def holding(self) -> list[HoldingDevice]:
        rows = self._db.rows(
            "SELECT d.device_id, d.student_id, s.nickname, c.class_id, c.name AS class_name, "
            "  d.pending, d.oldest, d.last_contact "
            "FROM devices d JOIN students s USING (student_id) JOIN classes c USING (class_id) "
            "WHERE d.pending > 0 "
            "ORDER BY COALESCE(d.oldest, d.last_contact)"
        )
        return [HoldingDevice(**row._asdict()) for row in rows]

    def of_student(self, student_id: int) -> list[KnownDevice]:
        rows = self._db.rows(
            "SELECT device_id, pending, oldest, last_contact FROM devices WHERE student_id = %s "
            "ORDER BY last_contact DESC",
            (student_id,),
        )
        return [KnownDevice(**row._asdict()) for row in rows]


class SqlAuditRepository:
    def __init__(self, db: Transaction) -> None:
        self._db = db

    def add(
        self, *, who: str, what: str, target: str, details: Mapping[str, object], now: datetime
    ) -> None:
        self._db.run(
            "INSERT INTO audit (who, what, target, details, at) VALUES (%s, %s, %s, %s::jsonb, %s)",
            (who, what, target, json.dumps(dict(details)), now),
        )

    def look(self, *, who: str, what: str, target: str, now: datetime, within: timedelta) -> bool:
        return bool(
            self._db.run(
                _LOOK,
                {"who": who, "what": what, "target": target, "now": now, "since": now - within},
            )
        )

    def list(
        self,
        *,
        targets: Collection[str] | None,
        since: datetime | None,
        who: str,
        limit: int,
    ) -> Sequence[AuditRecord]:
        rows = self._db.rows(
            _AUDIT,
            {
                "targets": None if targets is None else text_array(targets),
                "since": since,
                "who": who,
                "limit": limit,
            },
        )
        return [AuditRecord(**row._asdict()) for row in rows]

    def about(self, student_id: int) -> Sequence[AuditEntry]:
        rows = self._db.rows(
            f"SELECT at, {_WHO} AS who, what, details FROM audit WHERE target = %s "  # noqa: S608
            "ORDER BY audit_id",
            (f"student {student_id}",),
        )
        return [AuditEntry(**row._asdict()) for row in rows]

    def newest_change(self, *, besides: Collection[str]) -> int | None:
        row = self._db.row(_NEWEST_CHANGE, {"besides": text_array(besides)})
        return None if row is None else int(row.audit_id)

    def decisions(self, student_id: int, inbox_id: int) -> Sequence[Decision]:
        rows = self._db.rows(
            f"SELECT at, {_WHO} AS who, what, details ->> 'reason' AS reason "  # noqa: S608
            "FROM audit WHERE target = %s AND details ->> 'inbox_id' = %s "
            "AND details ? 'reason' ORDER BY audit_id",
            (f"student {student_id}", str(inbox_id)),
        )
        return [Decision(**row._asdict()) for row in rows]
