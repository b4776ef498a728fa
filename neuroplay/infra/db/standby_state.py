"""What PostgreSQL knows of the standby."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from neuroplay.infra.embedded import STANDBY

SILENT_S = 4.0
"""A standby reports once a second. One that did not for this long does not answer."""

BEHIND_BYTES = 1 << 20
"""With less than this to copy, a transaction waits only a moment."""

_STATE = """
SELECT state = 'streaming' AND sync_state = 'sync' AS streams,
       extract(epoch FROM clock_timestamp() - reply_time)::float8 AS silent_s,
       pg_wal_lsn_diff(pg_current_wal_flush_lsn(), flush_lsn)::float8 AS behind_bytes,
       COALESCE(extract(epoch FROM flush_lag), 0)::float8 AS lag_s
  FROM pg_stat_replication WHERE application_name = %s
 ORDER BY backend_start DESC LIMIT 1
"""

_RELEASE = """
SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = %s AND wait_event = 'SyncRep'
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class StandbyState:
    """`silent_s` is the time since its last report, `behind_bytes` what it lacks, `lag_s` the time
    from a local write to its own when that was last measured, which may be long ago."""

    streams: bool = False
    silent_s: float = 0.0
    behind_bytes: float = 0.0
    lag_s: float = 0.0

    @property
    def problem(self) -> str:
        """Why accepted games cannot wait for it; '' if they can."""
        if not self.streams:
            return "away"
        if self.silent_s > SILENT_S:
            return f"no answer for {self.silent_s:.0f} s"
        if self.behind_bytes > BEHIND_BYTES:
            return f"catching up, {self.behind_bytes / 1e6:.0f} MB behind"
        return ""


def standby_state(engine: Engine) -> StandbyState:
    """Raises StoreUnavailable."""
    with engine.connect() as connection:
        row = connection.exec_driver_sql(_STATE, (STANDBY,)).one_or_none()
    if row is None or not row.streams:
        return StandbyState()
    return StandbyState(
        streams=True, silent_s=row.silent_s, behind_bytes=row.behind_bytes, lag_s=row.lag_s
    )


def end_wait(engine: Engine, pid: int) -> bool:
    """End the wait of the session `pid` for the standby; its transaction is committed here, and
    says so. Returns whether it was waiting for that. Raises StoreUnavailable.

    A cancel that comes too late has no effect: the session's thread sends nothing else before it
    has the answer.
    """
    with engine.connect() as connection:
        return bool(connection.exec_driver_sql(_RELEASE, (pid,)).scalar())
