"""What the benchmarks write at once and how they count processor time, on a real PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from benchmarks.groups.growth import sizes
from benchmarks.harness import year
from benchmarks.harness.processor import spent_s, spent_with_ended_s
from benchmarks.harness.year import Play

NOW = datetime.now(UTC)
WORK = "SELECT count(*) FROM generate_series(1, 300000) AS n WHERE md5(n::text) > 'f'"


def count(engine: Engine, table: str, where: str = "true") -> int:
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            f"SELECT count(*) FROM {table} WHERE {where}"  # noqa: S608 - constants
        )
        return int(found.scalar_one())


@pytest.mark.parametrize("children", [7, 40, 85])
def test_a_school_has_the_children_and_sessions_that_its_size_says(
    engine: Engine, children: int
) -> None:
    (size,) = sizes([], [children])
    year.played(engine, size.children, now=NOW, play=size.play)
    assert count(engine, "students") == children
    assert count(engine, "classes") == -(-children // year.CLASS_OF)
    assert count(engine, "game_sessions") == size.sessions
    assert count(engine, "students", "sessions = 30 AND cardinality(play_days) > 0") == children


def test_records_are_kept_for_90_days_and_the_ids_of_older_ones(engine: Engine) -> None:
    year.played(engine, 3, now=NOW, play=Play(days=100, every=1, games=2))
    old = f"ended_at <= '{NOW - timedelta(days=90)}'"
    assert count(engine, "game_sessions") == 600
    assert count(engine, "sync_inbox") == 600 - count(engine, "game_sessions", old)
    assert count(engine, "settled_sessions") == count(engine, "game_sessions", old) > 0


def test_the_time_of_the_server_counts(engine: Engine) -> None:
    def ask() -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql(WORK).all()

    ask()
    begun = time.process_time()
    spent = spent_s(ask, engine)
    assert spent > (time.process_time() - begun) + 0.01


def test_the_time_of_what_has_ended_counts_if_it_is_asked_for(engine: Engine) -> None:
    def work() -> None:
        script = "sum(n * n for n in range(3_000_000))"
        subprocess.run([sys.executable, "-c", script], check=True)

    assert spent_with_ended_s(work, engine) > spent_s(work, engine) + 0.03
