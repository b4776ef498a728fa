"""Classes, tokens, devices and the audit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from neuroplay.core.entities.student import (
    DeviceSignIn,
    HoldingDevice,
    KnownDevice,
    OutboxReport,
    Principal,
    SchoolClass,
    TokenRecord,
    TokenStatus,
)
from neuroplay.core.entities.sync_item import Decision
from neuroplay.core.rules.sign_ins import (
    IDLE_DAYS,
    MOST_DEVICES,
    MOST_ENDED,
    MOST_KNOWN_DEVICES,
    MOST_OF_DEVICE,
)
from neuroplay.infra.db.statements import Statement
from neuroplay.infra.db.transaction import Transaction

_CLASS = "class_id, name, code, leaderboard_enabled, created_at"
_IDLE = f"t.last_used < now() - interval '{IDLE_DAYS} days'"
_TOKEN = f"""
SELECT t.token_id, t.device_id, t.erased_at, t.student_id, t.erased_student_id, s.class_id,
       (t.revoked_at IS NOT NULL OR t.card_version <> s.card_version OR {_IDLE}) AS revoked,
       t.last_used < now() - interval '1 day' AS unused
  FROM tokens t LEFT JOIN students s USING (student_id) WHERE """  # noqa: S608


_REPORT = Statement(
    "INSERT INTO devices AS d (device_id, student_id, last_contact, pending, oldest) "
    "VALUES (%(device)s::uuid, %(student)s, %(now)s, %(pending)s, %(oldest)s) "
    "ON CONFLICT (device_id, student_id) DO UPDATE SET last_contact = %(now)s, "
    "  pending = CASE WHEN %(reported)s THEN excluded.pending ELSE d.pending END, "
    "  oldest = CASE WHEN %(reported)s THEN excluded.oldest ELSE d.oldest END"
)
_ADD_TOKEN = Statement(
    "INSERT INTO tokens (token_id, token_hash, student_id, device_id, card_version, created_at) "
    "VALUES (%(id)s::uuid, %(hash)s, %(student)s, %(device)s::uuid, %(version)s, %(now)s)"
)
_FIRST_SIGN_IN = Statement(
    "UPDATE students SET first_sign_in_at = LEAST(%(now)s::timestamptz, ("
    "  SELECT min(created_at) FROM tokens WHERE student_id = %(student)s::int)) "
    "WHERE student_id = %(student)s::int AND first_sign_in_at IS NULL"
)
# The earliest token counts, too: the previous release, which may run side by side with this one,
# writes only the token.
_END_MOST = Statement(f"""
UPDATE tokens SET revoked_at = %(now)s::timestamptz WHERE token_id IN (
  SELECT token_id FROM tokens WHERE token_id IN (
    SELECT token_id FROM (
      SELECT token_id, of_device, dense_rank() OVER (ORDER BY used DESC, device_id) AS device
        FROM (SELECT token_id, device_id, max(last_used) OVER of_it AS used,
                     row_number() OVER (of_it ORDER BY last_used DESC, created_at DESC)
                       AS of_device
                FROM tokens WHERE student_id = %(student)s::int AND revoked_at IS NULL
              WINDOW of_it AS (PARTITION BY device_id)) AS own) AS ranked
     WHERE device > {MOST_DEVICES} OR of_device > {MOST_OF_DEVICE}) FOR UPDATE SKIP LOCKED)
""")  # noqa: S608
_FORGET_ENDED = Statement(f"""
DELETE FROM tokens WHERE token_id IN (
  SELECT token_id FROM tokens WHERE student_id = %(student)s::int AND revoked_at IS NOT NULL
   ORDER BY revoked_at DESC OFFSET {MOST_ENDED} FOR UPDATE SKIP LOCKED)
""")  # noqa: S608
_FORGET_DEVICES = Statement(f"""
DELETE FROM devices WHERE student_id = %(student)s::int AND device_id IN (
  SELECT device_id FROM devices WHERE student_id = %(student)s::int
   ORDER BY last_contact DESC OFFSET {MOST_KNOWN_DEVICES} FOR UPDATE SKIP LOCKED)
""")  # noqa: S608
# SKIP LOCKED: concurrent sign-ins with one card never wait for each other. What one skips, the next
# one removes.

_SIGN_INS = f"""
SELECT t.device_id, t.student_id, s.nickname, c.name AS class_name,
       min(t.created_at) AS since, max(t.last_used) AS last_used
  FROM tokens t JOIN students s USING (student_id) JOIN classes c USING (class_id)
 WHERE t.revoked_at IS NULL AND t.card_version = s.card_version AND NOT {_IDLE}
   AND (%(device)s::uuid IS NULL OR t.device_id = %(device)s::uuid)
   AND (%(student)s::int IS NULL OR t.student_id = %(student)s::int)
 GROUP BY 1, 2, 3, 4 ORDER BY max(t.last_used) DESC, t.device_id, t.student_id
"""  # noqa: S608
_CLASS_OF_ID = Statement(f"SELECT {_CLASS} FROM classes WHERE class_id = %(value)s")  # noqa: S608
_TOKEN_OF_HASH = Statement(_TOKEN + "t.token_hash = %(value)s")
_TOKEN_OF_ID = Statement(_TOKEN + "t.token_id = %(value)s::uuid")


class SqlClassRepository:
    def __init__(self, db: Transaction) -> None:
        self._db = db

    def add(self, name: str, code: str, *, leaderboard_enabled: bool = True) -> SchoolClass:
        row = self._db.one(
            "INSERT INTO classes (name, code, leaderboard_enabled) VALUES (%s, %s, %s) "
            "RETURNING class_id, name, code, leaderboard_enabled, created_at",
            (name, code, leaderboard_enabled),
        )
        return SchoolClass(**row._asdict())

    def get(self, class_id: int) -> SchoolClass | None:
        row = self._db.row(_CLASS_OF_ID, {"value": class_id})
        if row is None:
            return None
        own, name, code, leaderboard_enabled, created_at = row
        return SchoolClass(
            class_id=own,
            name=name,
            code=code,
            leaderboard_enabled=leaderboard_enabled,
            created_at=created_at,
        )

    def by_code(self, code: str) -> SchoolClass | None:
        return next(iter(self._where("code = %s", code)), None)

    def all(self) -> list[tuple[SchoolClass, int]]:
        rows = self._db.rows(
            f"SELECT {_CLASS}, (SELECT count(*) FROM students s "  # noqa: S608
            "WHERE s.class_id = c.class_id) AS students FROM classes c ORDER BY name, class_id"
        )
        found = []
        for row in rows:
            columns = row._asdict()
            students = columns.pop("students")
            found.append((SchoolClass(**columns), students))
        return found

    def remove(self, class_id: int) -> None:
        self._db.run("DELETE FROM classes WHERE class_id = %s", (class_id,))

    def _where(self, condition: str, value: Any) -> list[SchoolClass]:
        rows = self._db.rows(
            f"SELECT {_CLASS} FROM classes WHERE {condition} ORDER BY class_id",  # noqa: S608
            (value,),
        )
        return [SchoolClass(**row._asdict()) for row in rows]


class SqlTokenRepository:
    def __init__(self, db: Transaction) -> None:
        self._db = db

    def add(
        self,
        *,
        token_id: UUID,
        token_hash: bytes,
        student_id: int,
        device_id: UUID,
        card_version: int,
        now: datetime,
    ) -> None:
        self._db.send_ahead(_FIRST_SIGN_IN, {"student": student_id, "now": now})
        self._db.send_ahead(
            _ADD_TOKEN,
            {
                "id": str(token_id),
                "hash": token_hash,
                "student": student_id,
                "device": str(device_id),
                "version": card_version,
                "now": now,
            },
        )
        self._db.send_ahead(_END_MOST, {"student": student_id, "now": now})
        self._db.send_ahead(_FORGET_ENDED, {"student": student_id})
        self._db.send_ahead(_FORGET_DEVICES, {"student": student_id})

    def find(self, token_hash: bytes) -> TokenRecord | None:
        return self._where(_TOKEN_OF_HASH, token_hash)

    def by_id(self, token_id: UUID) -> TokenRecord | None:
        return self._where(_TOKEN_OF_ID, str(token_id))

    def _where(self, statement: Statement, value: Any) -> TokenRecord | None:
        row = self._db.row(statement, {"value": value})
        if row is None:
            return None
        token_id, device_id, erased_at, student_id, erased_student_id, class_id, revoked, unused = (
            row
        )
        if erased_at is not None or student_id is None:
            return TokenRecord(
                status=TokenStatus.ERASED, student_id=erased_student_id, principal=None
            )
        return TokenRecord(
            status=TokenStatus.REVOKED if revoked else TokenStatus.ACTIVE,
            unused=bool(unused),
            student_id=student_id,
            principal=Principal(
                token_id=token_id,
                student_id=student_id,
                class_id=class_id,
                device_id=device_id,
            ),
        )

    def revoke(self, token_id: UUID, *, now: datetime) -> bool:
        changed = self._db.run(
            "UPDATE tokens SET revoked_at = %s WHERE token_id = %s::uuid AND revoked_at IS NULL",
            (now, str(token_id)),
        )
        return bool(changed)

    def use(self, token_id: UUID) -> None:
        self._db.run(
            "UPDATE tokens SET last_used = now() "
            "WHERE token_id = %s::uuid AND last_used < now() - interval '1 day'",
            (str(token_id),),
        )

    def sign_ins(
        self, *, device_id: UUID | None = None, student_id: int | None = None
    ) -> list[DeviceSignIn]:
        rows = self._db.rows(
            _SIGN_INS,
            {"device": None if device_id is None else str(device_id), "student": student_id},
        )
        return [DeviceSignIn(**row._asdict()) for row in rows]

    def revoke_device(
        self, device_id: UUID, *, student_id: int | None = None, now: datetime
    ) -> None:
        self._db.run(
            "UPDATE tokens SET revoked_at = %(now)s WHERE device_id = %(device)s::uuid "
            "AND revoked_at IS NULL "
            "AND (%(student)s::int IS NULL OR student_id = %(student)s::int)",
            {"now": now, "device": str(device_id), "student": student_id},
        )


class SqlDeviceRepository:
    def __init__(self, db: Transaction) -> None:
        self._db = db

    def report(self, principal: Principal, outbox: OutboxReport | None, *, now: datetime) -> None:
        self._db.send_ahead(
            _REPORT,
            {
                "device": str(principal.device_id),
                "student": principal.student_id,
                "now": now,
                "reported": outbox is not None,
                "pending": outbox.pending if outbox else 0,
                "oldest": outbox.oldest if outbox else None,
            },
        )

    def holding(self) -> list[HoldingDevice]:
        rows = self._db.rows(
            "SELECT d.device_id, d.student_id, s.nickname, c.name AS class_name, d.pending, "
            "  d.oldest, d.last_contact FROM devices d JOIN students s USING (student_id) "
            "JOIN classes c USING (class_id) WHERE d.pending > 0 "
            "ORDER BY COALESCE(d.oldest, d.last_contact)"
        )
        return [HoldingDevice(**row._asdict()) for row in rows]

    def unsent(self, *, now: datetime) -> dict[str, Any]:
        """The fields of `UnsentFigures`: devices, sessions and oldest_s."""
        row = self._db.one(
            "SELECT count(DISTINCT device_id) AS devices, COALESCE(sum(pending), 0)::bigint "
            "  AS sessions, min(COALESCE(oldest, last_contact)) AS oldest "
            "FROM devices WHERE pending > 0"
        )
        oldest_s = 0.0 if row.oldest is None else max((now - row.oldest).total_seconds(), 0.0)
        return {"devices": row.devices, "sessions": row.sessions, "oldest_s": oldest_s}

    def active_students(self, since: datetime) -> int:
        """How many students' devices have made contact since then."""
        return int(
            self._db.one(
                "SELECT count(DISTINCT student_id) FROM devices WHERE last_contact >= %s", (since,)
            )[0]
        )

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

    def decisions(self, student_id: int, inbox_id: int) -> list[Decision]:
        rows = self._db.rows(
            "SELECT at, who, what, details ->> 'reason' AS reason FROM audit WHERE target = %s "
            "AND details ->> 'inbox_id' = %s AND details ? 'reason' ORDER BY audit_id",
            (f"student {student_id}", str(inbox_id)),
        )
        return [Decision(**row._asdict()) for row in rows]
