"""Sums over all students and devices. To read them takes longer the more there are."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

_SUMS = """
SELECT students, devices, processed, active_students, holding_devices, unsent_sessions,
       COALESCE(GREATEST(EXTRACT(EPOCH FROM now() - oldest), 0), 0)::float8 AS oldest_unsent_s
  FROM (SELECT count(*) AS students, COALESCE(sum(sessions), 0)::bigint AS processed
          FROM students) AS of_students,
       (SELECT count(*) AS devices,
               count(DISTINCT student_id)
                 FILTER (WHERE last_contact >= now() - make_interval(secs => %(active_s)s))
                 AS active_students,
               count(DISTINCT device_id) FILTER (WHERE pending > 0) AS holding_devices,
               COALESCE(sum(pending), 0)::bigint AS unsent_sessions,
               min(COALESCE(oldest, last_contact)) FILTER (WHERE pending > 0) AS oldest
          FROM devices) AS of_devices
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    """`students` and `devices` are how many rows were read.

    `processed` counts sessions: an item becomes `processed` in the transaction that counts its
    session for its student, and both are erased together. `active_students` have a device that made
    contact in the last seconds. The last three are of devices that reported unsent sessions: how
    many there are, their sessions, and the age of the oldest in seconds, 0 if there is none.
    """

    students: int
    devices: int
    processed: int
    active_students: int
    holding_devices: int
    unsent_sessions: int
    oldest_unsent_s: float

    @property
    def rows(self) -> int:
        return self.students + self.devices


def sums(engine: Engine, *, active_s: float) -> Sums:
    """A student is active for `active_s` seconds. One statement. Raises StoreUnavailable."""
    with engine.connect() as connection:
        return Sums(**connection.exec_driver_sql(_SUMS, {"active_s": active_s}).one()._mapping)
