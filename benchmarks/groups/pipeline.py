"""Speed of the pipeline: one worker's drain, replays, and support queries on a large inbox.

NEUROPLAY_BENCH_ROWS sets the number of rows of the large inbox (default 1,000,000).
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from benchmarks.harness.figures import Figure, seconds
from benchmarks.harness.options import Options
from benchmarks.harness.servers import folder, postgres

if TYPE_CHECKING:
    from neuroplay.bootstrap import Container

ROWS = int(os.environ.get("NEUROPLAY_BENCH_ROWS", "1000000"))
FAILED = min(100_000, ROWS)
STUDENTS = 500
DRAINED = 20_000
A_DAY = timedelta(days=1)

FILL = """
INSERT INTO sync_inbox (session_id, student_id, device_id, state, payload, payload_hash,
                        clock_shift_s, received_at, due_at, processed_at, release, request_id,
                        last_error_code, last_error, attempts)
SELECT id, student, md5('device' || student)::uuid, %(state)s,
       jsonb_build_object(
         'session_id', id, 'game_type', 'cyber_runner', 'game_version', '1',
         'started_at', to_char(ended - interval '125 s', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
         'ended_at', to_char(ended, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
         'utc_offset_minutes', -180, 'score', 300 + n %% 200, 'duration', 120,
         'accuracy', 0.8, 'completed', true, 'metadata', jsonb_build_object('difficulty', 2)),
       decode(md5(n::text || %(state)s), 'hex'), 0, ended, ended,
       CASE WHEN %(state)s = 'processed' THEN ended END, '2.5.0', 'r-' || n,
       CASE WHEN %(state)s = 'failed' THEN 'internal' END,
       CASE WHEN %(state)s = 'failed' THEN 'ZeroDivisionError: division by zero' END, 5
  FROM (SELECT n, md5(n::text || %(state)s)::uuid AS id, %(first)s + n %% %(students)s AS student,
               timestamptz '2026-01-01' + (n / %(students)s) * interval '200 s' AS ended
          FROM generate_series(1, %(rows)s) AS n) AS made
"""


def measure(options: Options) -> list[Figure]:
    with store() as container:
        first = make_students(container)
        drained = [drain(container, first, run) for run in range(options.runs)]
        filled_s = seconds(lambda: _fill(container, first, "processed", ROWS))
        _fill(container, first, "failed", FAILED)
        _settle(container)
        made = f"{ROWS:,} rows and {FAILED:,} failed ones were made in {filled_s:.0f} s"
        print(made, file=sys.stderr)
        asked = {
            name: tuple(seconds(partial(ask, container)) for _ in range(options.runs))
            for name, ask in _questions(container, first).items()
        }
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        replayed_s = seconds(lambda: _replay(container))
        grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return [
        drain_figure(drained),
        *(
            Figure(name=f"{name}, {ROWS / 1e6:g} M rows", unit="s", aim=0.5, values=values)
            for name, values in asked.items()
        ),
        Figure(name=f"replay of {FAILED:,} failed", unit="s", aim=30, values=(replayed_s,)),
        Figure(name="memory that the replay took", unit="MB", aim=50, values=(grown_mb,)),
    ]


def drain_figure(rates: Sequence[float]) -> Figure:
    return Figure(
        name="one worker drains",
        unit="sessions/s",
        aim=10_000,
        more_is_better=True,
        values=tuple(rates),
    )


SECRET = "benchmarks" * 4
"""Of a database that lives for some minutes."""


@contextmanager
def store() -> Iterator[Container]:
    """The use cases on a private PostgreSQL with `synchronous_commit` on."""
    from neuroplay.bootstrap import build
    from neuroplay.config import load_settings
    from neuroplay.infra.db import migrations

    with folder() as home, postgres() as (_, url):
        settings = load_settings(home=home, database_url=url, secret=SECRET)
        container = build(settings, patient=True)
        migrations.upgrade(container.engine)
        yield container
        container.close()


def _run(container: Container, statement: str, values: dict[str, Any] | None = None) -> None:
    with container.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql(statement, values or {})


def make_students(container: Container) -> int:
    """Create the students; returns the first of their consecutive ids."""
    with container.uow() as uow:
        class_id = uow.classes.add("bench", "B3NCH").class_id
        made = [uow.students.add(class_id, f"n{n}", "fox") for n in range(STUDENTS)]
        uow.commit()
    return made[0].student_id


def drain(container: Container, first: int, run: int) -> float:
    """Sessions per second of one process that drains a backlog in batches of 500."""
    _accept(container, first, run)
    _settle(container)
    done = 0
    begun = time.perf_counter()
    while True:
        report = container.drain_inbox.execute(500)
        done += report.processed
        if not report.more:
            break
    assert done == DRAINED, (done, report)
    return done / (time.perf_counter() - begun)


def _accept(container: Container, first: int, run: int) -> None:
    from neuroplay.core.entities.principal import StudentPrincipal

    each = DRAINED // STUDENTS
    for number in range(STUDENTS):
        principal = StudentPrincipal(
            token_id=uuid4(), student_id=first + number, class_id=1, device_id=uuid4()
        )
        ended = datetime(2026, 6, 1, tzinfo=UTC) + run * A_DAY
        container.accept_sync.execute(
            principal,
            sessions=[_session(ended + n * timedelta(seconds=200)) for n in range(each)],
            sent_at=None,
            outbox=None,
            request_id="bench",
            contact=False,  # does not use the budget
        )


def _session(ended: datetime) -> dict[str, Any]:
    return {
        "session_id": str(uuid4()),
        "game_type": "cyber_runner",
        "game_version": "1",
        "started_at": (ended - timedelta(seconds=125)).isoformat(),
        "ended_at": ended.isoformat(),
        "utc_offset_minutes": -180,
        "score": 420,
        "duration": 120,
        "accuracy": 0.82,
        "completed": True,
        "metadata": {"difficulty": 2, "seed": 7, "reaction_times_ms": [400 + n for n in range(60)]},
    }


def _fill(container: Container, first: int, state: str, rows: int) -> None:
    step = 500_000
    for start in range(0, rows, step):
        # A transaction per step, as in real use.
        statement = FILL.replace("(1, %(rows)s)", "(%(low)s, %(high)s)")
        _run(
            container,
            statement,
            {
                "state": state,
                "first": first,
                "students": STUDENTS,
                "low": start + 1,
                "high": min(start + step, rows),
            },
        )


def _settle(container: Container) -> None:
    """Vacuum and analyse, as autovacuum does in real use."""
    with container.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE sync_inbox")
        connection.exec_driver_sql("VACUUM ANALYZE game_sessions")


def _questions(container: Container, first: int) -> dict[str, Any]:
    """The support queries; each is everything that one command does with the store."""
    from neuroplay.core.entities.inbox_filter import InboxFilter
    from neuroplay.core.entities.sync_item import InboxState

    with container.uow() as uow:
        (latest,) = uow.inbox.list(limit=1)

    def ask(**which: Any) -> Callable[[Any], Any]:
        return lambda _: container.list_sync.execute(InboxFilter(**which), limit=51)

    def of_class(_: Any) -> Any:
        class_id = container.find_class.one("B3NCH").class_id
        return container.list_sync.execute(InboxFilter(class_id=class_id), limit=51)

    return {
        "sync status": lambda _: json.dumps(asdict(container.sync_status.execute())),
        "sync list": ask(),
        "sync list --state failed": ask(states=(InboxState.FAILED,)),
        "sync list --state held": ask(states=(InboxState.HELD,)),
        "sync list --student": ask(student_id=first + 7),
        "sync list --class": of_class,
        "sync list --error": ask(error="internal"),
        "sync list --error, none such": ask(error="nothing"),
        "sync list --since, nothing since": ask(since=datetime(2030, 1, 1, tzinfo=UTC)),
        "sync list --until, the oldest day": ask(until=datetime(2026, 1, 2, tzinfo=UTC)),
        "sync list --device": ask(device_id=latest.device_id),
        "sync show": lambda _: container.show_sync.execute(str(latest.session_id)),
    }


def _replay(container: Container) -> None:
    from neuroplay.core.entities.actor import Operator
    from neuroplay.core.entities.replayed import Fate

    applied = 0
    for done in container.replay_sync.replay(by=Operator("bench")):
        applied += sum(one.fate is Fate.APPLIED for one in done)
    assert applied == FAILED, applied
