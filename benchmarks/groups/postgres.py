"""pgbench's inserts compared with one worker's drain, in turns on the same embedded PostgreSQL.

pgbench does the least that a sync and a drain need: it inserts rows into tables with the columns,
indexes and checks of `game_sessions` and `sync_inbox`, and commits. It reads no payloads, applies
no rules, and PostgreSQL generates its rows. A drain also claims items and marks them as processed,
which is two more writes per session.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.groups.pipeline import drain, drain_figure, make_students, store
from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container

SECONDS = 5

TABLES = """
DROP TABLE IF EXISTS bench_inbox, bench_sessions;
CREATE TABLE bench_inbox (LIKE sync_inbox INCLUDING ALL);
CREATE TABLE bench_sessions (LIKE game_sessions INCLUDING ALL);
"""

# pgbench would read a colon before a letter as a variable.
INTO_INBOX = """
INSERT INTO bench_inbox (session_id, student_id, device_id, state, payload, payload_hash,
                         clock_shift_s, received_at, due_at, release, request_id)
SELECT gen_random_uuid(), 1 + n % 500, '6f1c2d8e-52f4-4f0e-9d6c-0a4b6d1c9e11', 'pending',
       '{{"session_id":"6f1c2d8e-52f4-4f0e-9d6c-0a4b6d1c9e11","game_type":"cyber_runner",'
       '"game_version":"1","started_at":"2026-06-01T08:00:00Z","ended_at":"2026-06-01T08:02:05Z",'
       '"utc_offset_minutes":-180,"score":420,"duration":120,"accuracy":0.82,"completed": true,'
       '"metadata":{{"difficulty":2,"seed":7,"reaction_times_ms":[412,388,455,520]}}}}'::jsonb,
       '\\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'::bytea,
       0, now(), now(), '2.5.0', '6f1c2d8e52f4'
  FROM generate_series(1, {rows}) AS n;
"""

INTO_SESSIONS = """
INSERT INTO bench_sessions (session_id, student_id, game_type, game_version, score, duration,
                            accuracy, completed, difficulty, started_at, ended_at,
                            utc_offset_minutes, xp_gained, rating, verdict)
SELECT gen_random_uuid(), 1 + n % 500, 'cyber_runner', '1', 420, 120, 0.82, true, 2,
       now() - interval '125 s', now(), -180, 30, 'good', 'plausible'
  FROM generate_series(1, {rows}) AS n;
"""


@dataclass(frozen=True, kw_only=True)
class Insert:
    """A pgbench transaction."""

    name: str
    statement: str
    rows: int
    clients: int


AS_A_SYNC = Insert(
    name="pgbench, 5 rows at once into the inbox, 8 clients",
    statement=INTO_INBOX,
    rows=5,
    clients=8,
)
AS_A_DRAIN = Insert(
    name="pgbench, 500 rows at once into game_sessions, 1 client",
    statement=INTO_SESSIONS,
    rows=500,
    clients=1,
)
INSERTS = (AS_A_SYNC, AS_A_DRAIN)


def measure(options: Options) -> list[Figure]:
    drained: list[float] = []
    inserted: dict[str, list[float]] = {insert.name: [] for insert in INSERTS}
    with store() as container:
        first = make_students(container)
        for run in range(options.runs + 1):
            for insert in INSERTS:
                inserted[insert.name].append(_rows_per_second(container, insert))
            drained.append(drain(container, first, run))
            if not run:  # warm-up
                drained.clear()
                for rates in inserted.values():
                    rates.clear()
    return [
        *(
            Figure(name=name, unit="rows/s", values=tuple(rates))
            for name, rates in inserted.items()
        ),
        drain_figure(drained),
        *(
            Figure(
                name=f"drain against pgbench's {insert.rows} rows",
                unit="",
                values=tuple(
                    ours / theirs
                    for ours, theirs in zip(drained, inserted[insert.name], strict=True)
                ),
            )
            for insert in INSERTS
        ),
    ]


def _rows_per_second(container: Container, insert: Insert) -> float:
    """Measured with new tables, so that runs do not affect each other."""
    from neuroplay.infra.embedded.binaries import postgres_bin

    with container.engine.begin() as connection:
        connection.exec_driver_sql(TABLES)
    url = container.engine.url
    with tempfile.TemporaryDirectory(prefix="neuroplay-bench-") as folder:
        script = Path(folder, "insert.sql")
        script.write_text(insert.statement.format(rows=insert.rows))
        done = subprocess.run(
            [
                postgres_bin() / "pgbench",
                "--no-vacuum",
                "--protocol=prepared",
                f"--time={SECONDS}",
                f"--client={insert.clients}",
                "--jobs=1",
                f"--file={script}",
            ],
            env={
                **os.environ,
                "PGHOST": str(url.query["host"]),
                "PGUSER": str(url.username),
                "PGDATABASE": str(url.database),
            },
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"pgbench: {done.stderr.strip()}")
    return transactions_per_second(done.stdout) * insert.rows


def transactions_per_second(said: str) -> float:
    """Parse pgbench's report. Raises ValueError."""
    found = re.search(r"^tps = ([0-9.]+)", said, re.MULTILINE)
    if found is None:
        raise ValueError(f"pgbench named no rate: {said!r}")
    return float(found[1])
