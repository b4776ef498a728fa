"""How far this machine's clock is from PostgreSQL's, which all hosts share."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import cast

from sqlalchemy import Engine

APART_S = 5.0
"""Hosts that set their clocks by NTP are apart by milliseconds. The alert has the same limit."""


def clock_ahead_s(engine: Engine, *, clock: Callable[[], float] = time.time) -> float:
    """Seconds by which `clock` (seconds since 1970) is ahead of PostgreSQL's; negative if behind.

    Wrong by half the round trip at most. Raises StoreUnavailable.
    """
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")  # the first statement also opens the transaction
        sent = clock()
        theirs = connection.exec_driver_sql(
            "SELECT extract(epoch FROM clock_timestamp())::float8"
        ).scalar_one()
        return (sent + clock()) / 2 - cast("float", theirs)
