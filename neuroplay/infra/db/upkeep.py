"""When the last good backup and drill were: entries of the audit, so that every machine knows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Engine

Kind = Literal["backup", "drill"]

WORDS: Mapping[Kind, str] = {"backup": "backed up", "drill": "restored in a drill"}

_NOTE = "INSERT INTO audit (who, what, target, details, at) VALUES (%s, %s, %s, %s::jsonb, now())"

_AGES = """
SELECT EXTRACT(EPOCH FROM now() - (SELECT max(at) FROM audit WHERE target = 'backup'))::float8,
       EXTRACT(EPOCH FROM now() - (SELECT max(at) FROM audit WHERE target = 'drill'))::float8,
       EXTRACT(EPOCH FROM now() - (SELECT since FROM installation))::float8
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ages:
    """Seconds since the last good backup and drill, None if there was none; and since the database
    was first served."""

    backup_s: float | None
    drill_s: float | None
    in_use_s: float

    def alarming_s(self, kind: Kind) -> float:
        """What an alert compares: until the first one, the age of the installation."""
        found = self.backup_s if kind == "backup" else self.drill_s
        return self.in_use_s if found is None else found

    def __str__(self) -> str:
        return f"backed up {_ago(self.backup_s)}, restored in a drill {_ago(self.drill_s)}"


def note(engine: Engine, kind: Kind, *, who: str, details: Mapping[str, object]) -> None:
    """Record that one has just succeeded. Raises StoreUnavailable."""
    with engine.begin() as connection:
        connection.exec_driver_sql(_NOTE, (who, WORDS[kind], kind, json.dumps(dict(details))))


def ages(engine: Engine) -> Ages:
    """Raises StoreUnavailable."""
    with engine.connect() as connection:
        backup_s, drill_s, in_use_s = connection.exec_driver_sql(_AGES).one()
    return Ages(backup_s=backup_s, drill_s=drill_s, in_use_s=in_use_s or 0.0)


def _ago(seconds: float | None) -> str:
    if seconds is None:
        return "never"
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f} min ago"
    return f"{seconds / 3600:.0f} h ago" if seconds < 2 * 86400 else f"{seconds / 86400:.0f} d ago"
