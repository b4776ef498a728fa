"""Backup, restore and the checks of a drill for a school of 500 children after 300 days.

1,500,000 sessions in the books; of those older than 90 days only the ids are left of what was
received. The figures include pg_restore's indexes, constraints and ANALYZE.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.groups.pipeline import store
from benchmarks.harness.figures import Figure, seconds
from benchmarks.harness.options import Options

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container

STUDENTS = 500
SESSIONS = 1_500_000
RECEIVED = 450_000
"""Of the last 90 days, whose records are kept."""

AIM_S = 300.0

FILL = f"""
SET statement_timeout = 0;
INSERT INTO classes (name, code) VALUES ('bench', 'B3NCH');
INSERT INTO students (class_id, nickname, avatar)
SELECT class_id, 'n' || n, 'fox' FROM classes, generate_series(1, {STUDENTS}) AS n;
INSERT INTO game_sessions (session_id, student_id, game_type, game_version, score, duration,
                           accuracy, completed, difficulty, started_at, ended_at,
                           utc_offset_minutes, xp_gained, rating, verdict, verify_due_at, stored_at)
SELECT gen_random_uuid(), 1 + mod(n, {STUDENTS}), 'cyber_runner', '2', 300 + mod(n, 400),
       100 + mod(n, 40), 0.7 + mod(n, 30) / 100.0, true, 2, at, at + interval '125 s', -180, 30,
       'good', 'verified', NULL, at + interval '130 s'
  FROM (SELECT n, now() - interval '17 s' * n AS at FROM generate_series(1, {SESSIONS}) AS n);
INSERT INTO sync_inbox (session_id, student_id, device_id, state, payload, payload_hash,
                        clock_shift_s, received_at, attempts, due_at, processed_at, release,
                        request_id)
SELECT session_id, student_id, md5(student_id::text)::uuid, 'processed',
       jsonb_build_object(
           'session_id', session_id, 'game_type', game_type, 'game_version', game_version,
           'score', score, 'duration', duration, 'accuracy', accuracy, 'completed', true,
           'started_at', started_at, 'ended_at', ended_at, 'utc_offset_minutes', -180,
           'metadata', jsonb_build_object(
               'difficulty', 2, 'errors', mod(score, 9),
               'reaction_times_ms', jsonb_build_array(412, 388, 455, 520, 431, 466))),
       sha256(session_id::text::bytea), 0.2, stored_at, 1, stored_at, stored_at, '2.5.0',
       left(md5(session_id::text), 24)
  FROM game_sessions ORDER BY stored_at DESC LIMIT {RECEIVED};
INSERT INTO settled_sessions (session_id, student_id, counted, payload_hash)
SELECT session_id, student_id, true, substring(sha256(session_id::text::bytea) FOR 16)
  FROM game_sessions ORDER BY stored_at DESC OFFSET {RECEIVED};
ANALYZE;
"""  # noqa: S608 - constants
# 300 days with ten games a day; ids are random, as devices make them.


def measure(options: Options) -> list[Figure]:
    with store() as container, tempfile.TemporaryDirectory(prefix="neuroplay-bench-") as folder:
        _fill(container)
        _recompute(container, correct=True)
        return _timed(container, Path(folder, "a.dump"), options.runs)


def _timed(container: Container, file: Path, runs: int) -> list[Figure]:
    from neuroplay.infra.db.backup import back_up, restore
    from neuroplay.infra.db.backup_reading import read_through
    from neuroplay.infra.db.books import unbooked

    backups, readings, restores, checks = [], [], [], []

    def check() -> None:
        assert _recompute(container, correct=False) == 0
        assert unbooked(container.engine) == 0

    for _ in range(runs):
        backups.append(seconds(lambda: back_up(container.engine, file, progress=lambda _: None)))
        readings.append(seconds(lambda: read_through(file, progress=lambda _: None)))
        restores.append(
            seconds(lambda: restore(container.engine, file, erasures=(), progress=lambda _: None))
        )
        checks.append(seconds(check))
    with container.engine.connect() as connection:
        held = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar()
    return [
        Figure(name="db backup of 1,500,000 sessions", unit="s", values=tuple(backups)),
        Figure(name="db verify", unit="s", values=tuple(readings)),
        Figure(name="db restore", unit="s", values=tuple(restores), aim=AIM_S),
        Figure(name="checking the books", unit="s", values=tuple(checks)),
        Figure(name="size of the backup", unit="MB", values=(file.stat().st_size / 1e6,)),
        Figure(
            name="size of the restored database by that of the backup",
            unit="",
            values=(float(held or 0) / file.stat().st_size,),
            note="db drill reckons with 12",
        ),
    ]


def _fill(container: Container) -> None:
    with container.engine.begin() as connection:
        connection.exec_driver_sql(FILL)


def _recompute(container: Container, *, correct: bool) -> int:
    """How many differences there are."""
    return sum(
        len(container.recompute.execute(student, correct=correct))
        for student in container.recompute.students()
    )
