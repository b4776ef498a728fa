"""Adults, their invitations and their sign-ins."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from neuroplay.core.entities.adult import Adult, AdultLink, AdultRole, AdultSignIn
from neuroplay.core.rules.adult_sign_ins import (
    AHEAD_MINUTES,
    ENDED_DAYS,
    IDLE_HOURS,
    LINK_HOURS,
    LONGEST_DAYS,
    MOST_SIGN_INS,
    USE_NOTED_S,
)
from neuroplay.infra.db.arrays import bytes_array, plain_array
from neuroplay.infra.db.statements import Statement
from neuroplay.infra.db.transaction import Transaction

_ADULT = """
a.adult_id, a.name, a.role, a.created_at, a.passphrase, a.ended_at,
ARRAY(SELECT class_id FROM adult_classes AS o WHERE o.adult_id = a.adult_id ORDER BY class_id)
  AS class_ids"""
_VALID = (
    f"(s.last_used > now() - interval '{IDLE_HOURS} hours' "
    f"AND s.last_used < now() + interval '{AHEAD_MINUTES} minutes' "
    f"AND s.created_at > now() - interval '{LONGEST_DAYS} days')"
)
_OPEN = (
    "(l.expires_at > now() AND l.expires_at < now() "
    f"+ interval '{LINK_HOURS} hours' + interval '{AHEAD_MINUTES} minutes')"
)
_SIGN_IN = Statement(f"""
SELECT {_ADULT}, s.token_hash,
       s.last_used < now() - interval '{USE_NOTED_S} seconds' AS unused
  FROM adult_sign_ins AS s JOIN adults AS a USING (adult_id)
 WHERE s.token_hash = ANY(%(hashes)s::bytea[]) AND a.ended_at IS NULL AND {_VALID}
""")  # noqa: S608
_LINK = f"""
SELECT {_ADULT}, l.expires_at, l.used_at, NOT {_OPEN} AS is_late
  FROM adult_links AS l JOIN adults AS a USING (adult_id)
 WHERE l.token_hash = ANY(%(hashes)s::bytea[])
"""  # noqa: S608
_END_MOST = f"""
DELETE FROM adult_sign_ins WHERE token_hash IN (
  SELECT token_hash FROM adult_sign_ins WHERE adult_id = %(adult)s
   ORDER BY last_used DESC, created_at DESC OFFSET {MOST_SIGN_INS})
"""  # noqa: S608


_LOCK = "SELECT adult_id FROM adults WHERE adult_id = %s FOR NO KEY UPDATE"
_LOCK_SHARED = "SELECT adult_id FROM adults WHERE adult_id = %s FOR SHARE"
_ADD_LINK = (
    "INSERT INTO adult_links (token_hash, adult_id, expires_at) "  # noqa: S608
    f"VALUES (%s, %s, now() + interval '{LINK_HOURS} hours') RETURNING expires_at"
)
_FORGET_LINKS = (
    "DELETE FROM adult_links WHERE LEAST(used_at, expires_at) "  # noqa: S608
    f"< now() - interval '{ENDED_DAYS} days'"
)


class SqlAdultRepository:
    def __init__(self, db: Transaction) -> None:
        self._db = db

    def get(self, adult_id: int) -> Adult | None:
        return self._where("a.adult_id = %s", adult_id)

    def named(self, name_key: str) -> Adult | None:
        return self._where("a.name_key = %s", name_key)

    def all(self) -> list[Adult]:
        rows = self._db.rows(f"SELECT {_ADULT} FROM adults AS a ORDER BY name_key, adult_id")  # noqa: S608
        return [_adult(row) for row in rows]

    def sign_in(self, token_hashes: Sequence[bytes]) -> AdultSignIn | None:
        row = self._db.row(_SIGN_IN, {"hashes": bytes_array(token_hashes)})
        if row is None:
            return None
        return AdultSignIn(
            token_hash=bytes(row.token_hash), adult=_adult(row), unused=bool(row.unused)
        )

    def sign_ins(self, adult_id: int) -> list[tuple[datetime, datetime]]:
        rows = self._db.rows(
            f"SELECT created_at, last_used FROM adult_sign_ins AS s WHERE adult_id = %s "  # noqa: S608
            f"AND {_VALID} ORDER BY last_used DESC, created_at DESC",
            (adult_id,),
        )
        return [(row.created_at, row.last_used) for row in rows]

    def link(self, token_hashes: Sequence[bytes]) -> AdultLink | None:
        row = self._db.row(_LINK, {"hashes": bytes_array(token_hashes)})
        if row is None:
            return None
        return AdultLink(
            adult=_adult(row), expires_at=row.expires_at, used_at=row.used_at, is_late=row.is_late
        )

    def open_link(self, adult_id: int) -> datetime | None:
        row = self._db.row(
            "SELECT expires_at FROM adult_links AS l "  # noqa: S608
            f"WHERE adult_id = %s AND used_at IS NULL AND {_OPEN}",
            (adult_id,),
        )
        return None if row is None else row.expires_at

    def add(self, name: str, name_key: str, role: AdultRole) -> Adult | None:
        row = self._db.row(
            f"INSERT INTO adults AS a (name, name_key, role) VALUES (%s, %s, %s) "  # noqa: S608
            f"ON CONFLICT (name_key) DO NOTHING RETURNING {_ADULT}",
            (name, name_key, role.value),
        )
        return None if row is None else _adult(row)

    def lock(self, adult_id: int, *, shared: bool = False) -> Adult | None:
        self._db.rows(_LOCK_SHARED if shared else _LOCK, (adult_id,))
        # Read apart: after waiting for a lock, that statement would see older classes.
        return self.get(adult_id)

    def set_classes(self, adult_id: int, class_ids: Collection[int]) -> None:
        values = {"adult": adult_id, "classes": plain_array(sorted(class_ids))}
        self._db.run(
            "DELETE FROM adult_classes WHERE adult_id = %(adult)s "
            "AND class_id <> ALL(%(classes)s::int[])",
            values,
        )
        self._db.run(
            "INSERT INTO adult_classes (adult_id, class_id) "
            "SELECT %(adult)s, class_id FROM unnest(%(classes)s::int[]) AS c(class_id) "
            "ON CONFLICT DO NOTHING",
            values,
        )

    def add_class(self, adult_id: int, class_id: int) -> None:
        self._db.run(
            "INSERT INTO adult_classes (adult_id, class_id) "
            "SELECT adult_id, %s::int FROM adults WHERE adult_id = %s AND ended_at IS NULL "
            "ON CONFLICT DO NOTHING",
            (class_id, adult_id),
        )

    def set_passphrase(self, adult_id: int, passphrase: str) -> None:
        self._db.run(
            "UPDATE adults SET passphrase = %s WHERE adult_id = %s AND ended_at IS NULL",
            (passphrase, adult_id),
        )

    def end(self, adult_id: int) -> None:
        self._db.run(
            "UPDATE adults SET ended_at = COALESCE(ended_at, now()), passphrase = NULL "
            "WHERE adult_id = %s",
            (adult_id,),
        )
        for table in ("adult_classes", "adult_links", "adult_passkeys", "adult_sign_ins"):
            self._db.run(f"DELETE FROM {table} WHERE adult_id = %s", (adult_id,))  # noqa: S608

    def erase(self, adult_id: int) -> None:
        self._db.run("DELETE FROM adults WHERE adult_id = %s", (adult_id,))

    def add_link(self, adult_id: int, token_hash: bytes) -> datetime:
        self.end_links(adult_id)
        row = self._db.one(_ADD_LINK, (token_hash, adult_id))
        expires_at: datetime = row.expires_at
        return expires_at

    def end_links(self, adult_id: int) -> None:
        self._db.run(
            "UPDATE adult_links SET expires_at = now() "
            "WHERE adult_id = %s AND used_at IS NULL AND expires_at > now()",
            (adult_id,),
        )

    def use_link(self, token_hashes: Sequence[bytes]) -> Adult | None:
        row = self._db.row(
            "UPDATE adult_links AS l SET used_at = now() FROM adults AS a "  # noqa: S608
            "WHERE l.token_hash = ANY(%s::bytea[]) AND a.adult_id = l.adult_id "
            f"AND l.used_at IS NULL AND {_OPEN} AND a.ended_at IS NULL "
            f"RETURNING {_ADULT}",
            (bytes_array(token_hashes),),
        )
        return None if row is None else _adult(row)

    def add_sign_in(self, adult_id: int, token_hash: bytes) -> None:
        self._db.run(
            "INSERT INTO adult_sign_ins (token_hash, adult_id) VALUES (%s, %s)",
            (token_hash, adult_id),
        )
        self._db.run(_END_MOST, {"adult": adult_id})

    def note_use(self, token_hash: bytes) -> None:
        self._db.run(
            "UPDATE adult_sign_ins SET last_used = now() WHERE token_hash = %s", (token_hash,)
        )

    def end_sign_ins(self, adult_id: int) -> int:
        return self._db.run("DELETE FROM adult_sign_ins WHERE adult_id = %s", (adult_id,))

    def end_sign_in(self, token_hash: bytes) -> None:
        self._db.run("DELETE FROM adult_sign_ins WHERE token_hash = %s", (token_hash,))

    def forget_past(self) -> int:
        sign_ins = self._db.run(f"DELETE FROM adult_sign_ins AS s WHERE NOT {_VALID}")  # noqa: S608
        links = self._db.run(_FORGET_LINKS)
        return sign_ins + links

    def _where(self, condition: str, value: Any) -> Adult | None:
        row = self._db.row(f"SELECT {_ADULT} FROM adults AS a WHERE {condition}", (value,))  # noqa: S608
        return None if row is None else _adult(row)


def _adult(row: Any) -> Adult:
    return Adult(
        adult_id=row.adult_id,
        name=row.name,
        role=AdultRole(row.role),
        created_at=row.created_at,
        class_ids=tuple(row.class_ids),
        passphrase=row.passphrase,
        ended_at=row.ended_at,
    )
