"""Students as a roster sees them, and imports that can be undone."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from neuroplay.core.entities.roster import (
    ImportedChange,
    Member,
    NewMember,
    RosterImport,
    RosterKeys,
    StudentChange,
)
from neuroplay.core.entities.student import Student
from neuroplay.infra.db.arrays import bytes_array, plain_array, text_array
from neuroplay.infra.db.transaction import Row, Transaction

_HOLD = "SELECT pg_advisory_xact_lock(hashtext('neuroplay rosters'))"
_MEMBER = "student_id, class_id, nickname, roster_key, roster_name"
_MEMBERS = (
    f"SELECT {_MEMBER} FROM students WHERE class_id = ANY(%(ids)s::int[]) "  # noqa: S608
    "ORDER BY student_id"
)
_KNOWN = (
    f"SELECT {_MEMBER} FROM students WHERE roster_key = ANY(%(keys)s::bytea[]) "  # noqa: S608
    "ORDER BY student_id"
)
_HAS_PLAYED = """
SELECT s.student_id FROM students s
 WHERE s.student_id = ANY(%(ids)s::int[])
   AND (s.first_sign_in_at IS NOT NULL OR s.sessions > 0
        OR EXISTS (SELECT FROM sync_inbox i WHERE i.student_id = s.student_id)
        OR EXISTS (SELECT FROM devices d WHERE d.student_id = s.student_id)
        OR EXISTS (SELECT FROM opening_balances o WHERE o.student_id = s.student_id))
"""
_ADD = """
INSERT INTO students (class_id, nickname, avatar, roster_key, roster_name)
SELECT class_id, nickname, avatar, key, name
  FROM unnest(%(classes)s::int[], %(nicknames)s::text[], %(avatars)s::text[],
              %(keys)s::bytea[], %(names)s::bytea[]) WITH ORDINALITY
    AS n(class_id, nickname, avatar, key, name, place)
 ORDER BY place
RETURNING student_id, class_id, nickname, avatar, created_at
"""
_CHANGE = """
UPDATE students AS s
   SET class_id = n.class_id, nickname = n.nickname, roster_key = n.key, roster_name = n.name
  FROM unnest(%(ids)s::int[], %(old_classes)s::int[], %(old_nicknames)s::text[],
              %(classes)s::int[], %(nicknames)s::text[], %(keys)s::bytea[], %(names)s::bytea[])
    AS n(student_id, old_class, old_nickname, class_id, nickname, key, name)
 WHERE s.student_id = n.student_id AND s.class_id = n.old_class AND s.nickname = n.old_nickname
"""
_RECORD = """
INSERT INTO imports (at, who, class_ids, created_class_ids, counts)
VALUES (%(at)s, %(who)s, %(classes)s::int[], %(created)s::int[], %(counts)s::jsonb)
RETURNING import_id
"""
_RECORD_CHANGES = """
INSERT INTO import_changes (import_id, student_id, old_class_id, old_nickname, old_key, old_name,
                            new_class_id, new_nickname, new_key, new_name)
SELECT %(own)s, * FROM unnest(%(ids)s::int[], %(old_classes)s::int[], %(old_nicknames)s::text[],
    %(old_keys)s::bytea[], %(old_names)s::bytea[], %(classes)s::int[], %(nicknames)s::text[],
    %(keys)s::bytea[], %(names)s::bytea[])
"""
_IMPORT = "SELECT import_id, at, who, class_ids, created_class_ids, counts, undone_at FROM imports"
_CHANGES = """
SELECT student_id, old_class_id, old_nickname, old_key, old_name,
       new_class_id, new_nickname, new_key, new_name
  FROM import_changes WHERE import_id = %s ORDER BY student_id
"""


class SqlRosterRepository:
    def __init__(self, db: Transaction) -> None:
        self._db = db

    def hold(self) -> None:
        self._db.rows(_HOLD)

    def members(self, class_ids: Collection[int]) -> list[Member]:
        return [_member(*row) for row in self._db.rows(_MEMBERS, {"ids": plain_array(class_ids)})]

    def known(self, identities: Collection[bytes]) -> list[Member]:
        if not identities:
            return []
        return [_member(*row) for row in self._db.rows(_KNOWN, {"keys": bytes_array(identities)})]

    def has_played(self, student_ids: Collection[int]) -> frozenset[int]:
        return frozenset(self._db.column(_HAS_PLAYED, {"ids": plain_array(student_ids)}))

    def add(self, members: Sequence[NewMember]) -> list[Student]:
        if not members:
            return []
        rows = self._db.rows(
            _ADD,
            {
                "classes": plain_array(one.class_id for one in members),
                "nicknames": text_array(one.nickname for one in members),
                "avatars": text_array(one.avatar for one in members),
                "keys": bytes_array(one.keys.identity for one in members),
                "names": bytes_array(one.keys.name for one in members),
            },
        )
        return [Student(**row._asdict()) for row in rows]

    def change(self, changes: Sequence[StudentChange]) -> int:
        return self._db.run(_CHANGE, _values(changes)) if changes else 0

    def record(
        self,
        changes: Sequence[StudentChange],
        *,
        at: datetime,
        who: str,
        class_ids: Sequence[int],
        created: Sequence[int],
        counts: Mapping[str, int],
    ) -> RosterImport:
        import_id = self._db.one(
            _RECORD,
            {
                "at": at,
                "who": who,
                "classes": plain_array(class_ids),
                "created": plain_array(created),
                "counts": json.dumps(dict(counts)),
            },
        )[0]
        if changes:
            self._db.run(_RECORD_CHANGES, {"own": import_id, **_values(changes)})
        return RosterImport(
            import_id=import_id,
            at=at,
            who=who,
            class_ids=class_ids,
            created=created,
            counts=counts,
        )

    def undone(self, import_id: int, *, at: datetime) -> None:
        self._db.run("UPDATE imports SET undone_at = %s WHERE import_id = %s", (at, import_id))
        self._db.run("DELETE FROM import_changes WHERE import_id = %s", (import_id,))

    def imports(self, class_id: int | None = None) -> list[RosterImport]:
        rows = self._db.rows(
            f"{_IMPORT} WHERE %(one)s IS NULL OR class_ids @> ARRAY[%(one)s::int] "
            "ORDER BY import_id DESC",
            {"one": class_id},
        )
        return [_import(row) for row in rows]

    def get(self, import_id: int) -> RosterImport | None:
        row = self._db.row(f"{_IMPORT} WHERE import_id = %s", (import_id,))
        return None if row is None else _import(row)

    def changes(self, import_id: int) -> list[StudentChange]:
        return [
            StudentChange(
                before=_member(row[0], *row[1:5]) if row[1] is not None else None,
                after=_member(row[0], *row[5:]),
            )
            for row in self._db.rows(_CHANGES, (import_id,))
        ]

    def of_student(self, student_id: int) -> list[ImportedChange]:
        rows = self._db.rows(
            "SELECT import_id, at, new_nickname AS nickname, new_class_id AS class_id, "
            "old_nickname AS was, old_class_id AS was_class_id "
            "FROM import_changes JOIN imports USING (import_id) WHERE student_id = %s "
            "ORDER BY import_id",
            (student_id,),
        )
        return [ImportedChange(**row._asdict()) for row in rows]


def _member(
    student_id: int, class_id: int, nickname: str, key: memoryview | None, name: memoryview | None
) -> Member:
    keys = RosterKeys(
        identity=None if key is None else bytes(key), name=None if name is None else bytes(name)
    )
    return Member(student_id=student_id, class_id=class_id, nickname=nickname, keys=keys)


def _import(row: Row) -> RosterImport:
    return RosterImport(
        import_id=row.import_id,
        at=row.at,
        who=row.who,
        class_ids=row.class_ids,
        created=row.created_class_ids,
        counts=row.counts,
        undone_at=row.undone_at,
    )


def _values(changes: Sequence[StudentChange]) -> dict[str, Any]:
    after = [one.after for one in changes]
    before = [one.before for one in changes]
    return {
        "ids": plain_array(one.student_id for one in after),
        "old_classes": plain_array(one.class_id if one else None for one in before),
        "old_nicknames": text_array(one.nickname if one else None for one in before),
        "old_keys": bytes_array(one.keys.identity if one else None for one in before),
        "old_names": bytes_array(one.keys.name if one else None for one in before),
        "classes": plain_array(one.class_id for one in after),
        "nicknames": text_array(one.nickname for one in after),
        "keys": bytes_array(one.keys.identity for one in after),
        "names": bytes_array(one.keys.name for one in after),
    }
