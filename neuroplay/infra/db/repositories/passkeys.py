"""Adults' passkeys, and the challenges that were answered."""

from __future__ import annotations

from typing import Any

from neuroplay.core.entities.passkey import Passkey, PublicKey
from neuroplay.core.rules.passkeys import MOST_PASSKEYS, USED_CHALLENGE_HOURS
from neuroplay.infra.db.transaction import Transaction

_PASSKEY = (
    "passkey_id, adult_id, name, credential_id, public_key, sign_count, created_at, last_used"
)
_ADD = f"""
INSERT INTO adult_passkeys (adult_id, name, credential_id, public_key, sign_count)
SELECT adult_id, %(name)s::text, %(credential)s::bytea, %(key)s::bytea, %(count)s::bigint
  FROM adults AS a
 WHERE adult_id = %(adult)s AND ended_at IS NULL
   AND (SELECT count(*) FROM adult_passkeys AS p WHERE p.adult_id = a.adult_id) < {MOST_PASSKEYS}
ON CONFLICT (credential_id) DO NOTHING
RETURNING {_PASSKEY}
"""  # noqa: S608
_FORGET = (
    "DELETE FROM adult_challenges "  # noqa: S608
    f"WHERE used_at < now() - interval '{USED_CHALLENGE_HOURS} hours'"
)


class SqlPasskeyRepository:
    def __init__(self, db: Transaction) -> None:
        self._db = db

    def of(self, adult_id: int) -> list[Passkey]:
        rows = self._db.rows(
            f"SELECT {_PASSKEY} FROM adult_passkeys WHERE adult_id = %s ORDER BY passkey_id",  # noqa: S608
            (adult_id,),
        )
        return [_passkey(row) for row in rows]

    def with_credential(self, credential_id: bytes) -> Passkey | None:
        row = self._db.row(
            f"SELECT {_PASSKEY} FROM adult_passkeys WHERE credential_id = %s",  # noqa: S608
            (credential_id,),
        )
        return None if row is None else _passkey(row)

    def add(self, adult_id: int, name: str, key: PublicKey) -> Passkey | None:
        row = self._db.row(
            _ADD,
            {
                "adult": adult_id,
                "name": name,
                "credential": key.credential_id,
                "key": key.public_key,
                "count": key.sign_count,
            },
        )
        return None if row is None else _passkey(row)

    def note_use(self, passkey_id: int, sign_count: int) -> bool:
        return bool(
            self._db.run(
                "UPDATE adult_passkeys SET sign_count = %(count)s, last_used = now() "
                "WHERE passkey_id = %(id)s "
                "AND (sign_count < %(count)s OR (sign_count = 0 AND %(count)s = 0))",
                {"id": passkey_id, "count": sign_count},
            )
        )

    def remove(self, adult_id: int, passkey_id: int) -> Passkey | None:
        row = self._db.row(
            "DELETE FROM adult_passkeys WHERE adult_id = %s AND passkey_id = %s "  # noqa: S608
            f"RETURNING {_PASSKEY}",
            (adult_id, passkey_id),
        )
        return None if row is None else _passkey(row)

    def remove_all(self, adult_id: int) -> list[Passkey]:
        rows = self._db.rows(
            f"DELETE FROM adult_passkeys WHERE adult_id = %s RETURNING {_PASSKEY}",  # noqa: S608
            (adult_id,),
        )
        return sorted(map(_passkey, rows), key=lambda one: one.passkey_id)

    def use_up(self, challenge: bytes) -> bool:
        return bool(
            self._db.run(
                "INSERT INTO adult_challenges (challenge) VALUES (%s) ON CONFLICT DO NOTHING",
                (challenge,),
            )
        )

    def forget_challenges(self) -> int:
        return self._db.run(_FORGET)


def _passkey(row: Any) -> Passkey:
    return Passkey(
        passkey_id=row.passkey_id,
        adult_id=row.adult_id,
        name=row.name,
        key=PublicKey(
            credential_id=bytes(row.credential_id),
            public_key=bytes(row.public_key),
            sign_count=row.sign_count,
        ),
        created_at=row.created_at,
        last_used=row.last_used,
    )
