"""Cards and tokens: who can sign in, and whom a token speaks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from neuroplay.core.entities.principal import (
    CardHolder,
    NewToken,
    StudentPrincipal,
    TokenRecord,
    TokenStatus,
)
from neuroplay.core.entities.student import DeviceSignIn
from neuroplay.core.rules.sign_ins import (
    IDLE_DAYS,
    MOST_DEVICES,
    MOST_ENDED,
    MOST_KNOWN_DEVICES,
    MOST_OF_DEVICE,
)
from neuroplay.infra.db.arrays import bytes_array, plain_array, text_array, time_array
from neuroplay.infra.db.statements import Statement
from neuroplay.infra.db.transaction import Transaction

_CARDS = Statement("""
SELECT code, student_id, nickname, avatar, card_version, archived_at IS NULL
  FROM students JOIN classes USING (class_id)
 WHERE code = ANY(%(codes)s::text[]) ORDER BY student_id
""")

_IDLE = f"t.last_used < now() - interval '{IDLE_DAYS} days'"
_TOKEN = f"""
SELECT t.token_id, t.device_id, t.erased_at, t.student_id, t.erased_student_id,
       t.merged_student_id, s.class_id,
       (t.revoked_at IS NOT NULL OR t.card_version <> s.card_version OR {_IDLE}) AS revoked,
       t.last_used < now() - interval '1 day' AS unused
  FROM tokens t LEFT JOIN students s USING (student_id) WHERE """  # noqa: S608
_ADD_TOKENS = Statement(
    "INSERT INTO tokens (token_id, token_hash, student_id, device_id, card_version, created_at, "
    "secret_mark) SELECT * FROM unnest(%(ids)s::uuid[], %(hashes)s::bytea[], %(students)s::int[], "
    "%(devices)s::uuid[], %(versions)s::int[], %(times)s::timestamptz[], %(marks)s::text[])"
)
_FIRST_SIGN_INS = Statement("""
UPDATE students SET first_sign_in_at = LEAST(%(now)s::timestamptz, (
  SELECT min(created_at) FROM tokens WHERE tokens.student_id = students.student_id))
 WHERE student_id IN (
  SELECT student_id FROM students
   WHERE student_id = ANY(%(students)s::int[]) AND first_sign_in_at IS NULL
   ORDER BY student_id FOR NO KEY UPDATE)
""")
# The earliest token counts, too: the previous release, which may run side by side with this one,
# writes only the token.
_END_MOST = Statement(f"""
UPDATE tokens SET revoked_at = %(now)s::timestamptz WHERE token_id IN (
  SELECT token_id FROM tokens WHERE token_id IN (
    SELECT token_id FROM (
      SELECT token_id, of_device,
             dense_rank() OVER (PARTITION BY student_id ORDER BY used DESC, device_id) AS device
        FROM (SELECT student_id, token_id, device_id, max(last_used) OVER of_it AS used,
                     row_number() OVER (of_it ORDER BY last_used DESC, created_at DESC)
                       AS of_device
                FROM tokens WHERE student_id = ANY(%(students)s::int[]) AND revoked_at IS NULL
              WINDOW of_it AS (PARTITION BY student_id, device_id)) AS own) AS ranked
     WHERE device > {MOST_DEVICES} OR of_device > {MOST_OF_DEVICE}) FOR UPDATE SKIP LOCKED)
""")  # noqa: S608
_FORGET_ENDED = Statement(f"""
DELETE FROM tokens WHERE token_id IN (
  SELECT token_id FROM tokens WHERE token_id IN (
    SELECT token_id FROM (
      SELECT token_id, row_number() OVER (PARTITION BY student_id ORDER BY revoked_at DESC) AS place
        FROM tokens WHERE student_id = ANY(%(students)s::int[]) AND revoked_at IS NOT NULL) AS ended
     WHERE place > {MOST_ENDED}) FOR UPDATE SKIP LOCKED)
""")  # noqa: S608
_FORGET_DEVICES = Statement(f"""
DELETE FROM devices WHERE (student_id, device_id) IN (
  SELECT student_id, device_id FROM devices WHERE (student_id, device_id) IN (
    SELECT student_id, device_id FROM (
      SELECT student_id, device_id,
             row_number() OVER (PARTITION BY student_id ORDER BY last_contact DESC) AS place
        FROM devices WHERE student_id = ANY(%(students)s::int[])) AS known
     WHERE place > {MOST_KNOWN_DEVICES}) FOR UPDATE SKIP LOCKED)
""")  # noqa: S608
# SKIP LOCKED: concurrent sign-ins with one card never wait for each other. What one skips, a later
# one removes.

TIDIED_ONCE_IN = 16
"""One of so many sign-ins, chosen by its random id, reads all ended ones of its student to remove
those that are too many. Each would cost more than the sign-in itself."""

_SIGN_INS = f"""
SELECT t.device_id, t.student_id, s.nickname, c.name AS class_name,
       min(t.created_at) AS since, max(t.last_used) AS last_used
  FROM tokens t JOIN students s USING (student_id) JOIN classes c USING (class_id)
 WHERE t.revoked_at IS NULL AND t.card_version = s.card_version AND NOT {_IDLE}
   AND (%(device)s::uuid IS NULL OR t.device_id = %(device)s::uuid)
   AND (%(student)s::int IS NULL OR t.student_id = %(student)s::int)
 GROUP BY 1, 2, 3, 4 ORDER BY max(t.last_used) DESC, t.device_id, t.student_id
"""  # noqa: S608
_TOKEN_OF_HASH = Statement(_TOKEN + "t.token_hash = %(value)s")
_TOKEN_OF_ID = Statement(_TOKEN + "t.token_id = %(value)s::uuid")


class SqlTokenRepository:
    def __init__(self, db: Transaction) -> None:
        self._db = db

    def cards(self, class_codes: Sequence[str]) -> dict[str, list[CardHolder]]:
        found: dict[str, list[CardHolder]] = {}
        for code, *card in self._db.rows(_CARDS, {"codes": plain_array(class_codes)}):
            found.setdefault(code, []).append(CardHolder(StudentPrincipal, *card))
        return found

    def add(self, tokens: Sequence[NewToken]) -> None:
        """Everywhere in the order of the students' ids, so that two commits cannot deadlock."""
        new = sorted(tokens, key=lambda one: one.holder.holder_id)
        students = [one.holder.holder_id for one in new]
        times = [one.now for one in new]
        values = {"students": plain_array(students), "now": max(times)}
        self._db.send_ahead(_FIRST_SIGN_INS, values)
        self._db.send_ahead(
            _ADD_TOKENS,
            {
                "ids": plain_array([one.token_id for one in new]),
                "hashes": bytes_array([one.token_hash for one in new]),
                "students": plain_array(students),
                "devices": plain_array([one.device_id for one in new]),
                "versions": plain_array([one.holder.card_version for one in new]),
                "times": time_array(times),
                "marks": text_array([one.secret_mark for one in new]),
            },
        )
        self._db.send_ahead(_END_MOST, values)
        tidied = {one.holder.holder_id for one in new if one.token_id.int % TIDIED_ONCE_IN == 0}
        if tidied:
            for forget in (_FORGET_ENDED, _FORGET_DEVICES):
                self._db.send_ahead(forget, {"students": plain_array(tidied)})

    def find(self, token_hash: bytes) -> TokenRecord | None:
        return self._where(_TOKEN_OF_HASH, token_hash)

    def by_id(self, token_id: UUID) -> TokenRecord | None:
        return self._where(_TOKEN_OF_ID, str(token_id))

    def _where(self, statement: Statement, value: Any) -> TokenRecord | None:
        row = self._db.row(statement, {"value": value})
        if row is None:
            return None
        if row.erased_at is not None or row.student_id is None:
            return TokenRecord(
                status=TokenStatus.ERASED, student_id=row.erased_student_id, principal=None
            )
        return TokenRecord(
            status=TokenStatus.REVOKED if row.revoked else TokenStatus.ACTIVE,
            unused=bool(row.unused),
            student_id=row.student_id,
            principal=StudentPrincipal(
                token_id=row.token_id,
                student_id=row.student_id,
                class_id=row.class_id,
                device_id=row.device_id,
                merged_id=row.merged_student_id,
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
