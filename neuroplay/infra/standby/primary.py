"""The database that a standby copies."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import ProgrammingError

from neuroplay.core.errors import SettingsError
from neuroplay.infra.db import secret_mark
from neuroplay.infra.embedded import STANDBY

_FACTS = """
SELECT (SELECT system_identifier FROM pg_control_system())::text AS system,
       (SELECT timeline_id FROM pg_control_checkpoint()) AS timeline,
       current_setting('server_version_num')::int / 10000 AS major,
       current_setting('wal_level') AS wal_level,
       current_setting('max_wal_senders')::int AS senders,
       current_setting('summarize_wal', true) = 'on' AS summarizes,
       (SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user) AS may,
       (SELECT wal_status FROM pg_replication_slots WHERE slot_name = %s) AS slot
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """`slot` is the state of our replication slot, None if there is none; `summarizes` is whether
    the server can make incremental base backups."""

    system: str
    timeline: int
    major: int
    wal_level: str
    senders: int
    summarizes: bool | None
    may: bool
    slot: str | None

    @property
    def has_slot(self) -> bool:
        """Whether PostgreSQL may still have all WAL since the standby last received some."""
        return self.slot not in (None, "lost")

    def check(self) -> None:
        """Raise SettingsError if this server or this role cannot have a standby."""
        if not self.may:
            raise SettingsError(
                "this role of DATABASE_URL may not replicate",
                hint="As a superuser run: ALTER ROLE NAME REPLICATION",
            )
        if self.wal_level == "minimal" or self.senders < 3:
            raise SettingsError(
                f"the server runs with wal_level = {self.wal_level} and max_wal_senders = "
                f"{self.senders}; a standby needs replica and at least 3",
                hint="Of the embedded database: set NEUROPLAY_WAL_DIR, then run neuroplay serve",
            )


class Primary:
    """Raises StoreUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def facts(self) -> Facts:
        with self._engine.connect() as connection:
            row = connection.exec_driver_sql(_FACTS, (STANDBY,)).one()
        return Facts(**row._mapping)

    def secret_mark(self) -> str | None:
        """None if the database has none, or if the role may replicate only."""
        try:
            return secret_mark.stored(self._engine)
        except ProgrammingError:
            return None

    def renew_slot(self) -> None:
        """Have PostgreSQL keep its WAL for us from now on."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "
                "WHERE slot_name = %s",
                (STANDBY,),
            )
            connection.exec_driver_sql(
                "SELECT pg_create_physical_replication_slot(%s, true)", (STANDBY,)
            )
