"""Processor time of this process and of the PostgreSQL processes that serve it.

It hardly depends on what else the machine does. Workers of PostgreSQL that come and go by
themselves, as autovacuum's, do not count.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil
from sqlalchemy import Engine


def spent_s(action: Callable[[], object], engine: Engine) -> float:
    """Seconds of processor time that `action` takes, with that of connections to the database of
    `engine`, also of those that it opens and leaves open."""
    before = _read(_pids(engine))
    begun = time.process_time()
    action()
    python = time.process_time() - begun
    after = _read(before)  # before the next question, which takes time, too
    opened = _read(pid for pid in _pids(engine) if pid not in before)
    return python + sum(after[pid] - before[pid] for pid in after) + sum(opened.values())


def spent_with_ended_s(action: Callable[[], object], engine: Engine) -> float:
    """The same with processes and connections that `action` begins and ends, in clock ticks."""
    (backend, *_) = _pids(engine)
    server = psutil.Process(psutil.Process(backend).ppid())

    def ended_s() -> float:
        ours, theirs = os.times(), server.cpu_times()
        return (
            ours.children_user
            + ours.children_system
            + theirs.children_user
            + theirs.children_system
        )

    before = ended_s()
    open_s = spent_s(action, engine)
    return open_s + ended_s() - before


def _pids(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT pid FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND datname = current_database()"
        )
        return list(found.scalars())


def _read(pids: Iterable[int]) -> dict[int, float]:
    """Seconds so far of each that has not ended, finer than clock ticks."""
    files = {pid: Path(f"/proc/{pid}/schedstat") for pid in pids}
    return {
        pid: int(file.read_text().split()[0]) / 1e9 for pid, file in files.items() if file.exists()
    }
