"""Celery workers and beat as separate processes, on a real PostgreSQL and a real Valkey."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from neuroplay.bootstrap import Container, build
from neuroplay.config import Settings, load_settings
from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.entities.sync_item import InboxCounts
from neuroplay.infra.queue import QUEUE, RETAIN_TASK
from neuroplay.infra.redis.heartbeat import count_workers
from neuroplay.worker.app import make_celery
from tests.builders import a_class
from tests.integration.servers import hung, postgres_pid, wait_until
from tests.unit.core.samples import record


@dataclass(frozen=True, kw_only=True)
class System:
    """A database and a queue of this test's own, and the processes that work on them."""

    container: Container
    environment: dict[str, str]
    folder: Path
    ana: StudentPrincipal
    numbers: Iterator[int] = field(default_factory=count)

    @contextmanager
    def running(self, *programs: str) -> Iterator[subprocess.Popen[bytes]]:
        """A worker, beat or both, killed at the end if it did not stop by itself."""
        log = self.folder / f"{programs[0]}.log"
        with (
            log.open("ab") as output,
            subprocess.Popen(
                [sys.executable, "-m", "neuroplay.worker.run", *programs],
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            ) as process,
        ):
            try:
                yield process
            except BaseException:
                print(log.read_text(errors="replace"))
                raise
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)

    @contextmanager
    def worker(self, *others: str) -> Iterator[subprocess.Popen[bytes]]:
        with self.running("worker", *others) as process:
            wait_until(lambda: count_workers(self.container.redis) == 1, "the worker beats")
            yield process

    def send(self, games: int = 1, *, wake_up: bool = True) -> None:
        """Have so many games of the last months accepted, each played after the one before it."""
        container = self.container if wake_up else build(self.container.settings)
        played = [game(next(self.numbers)) for _ in range(games)]
        for first in range(0, games, 50):
            container.accept_sync.execute(
                self.ana,
                sessions=played[first : first + 50],
                sent_at=None,
                outbox=None,
                request_id=None,
            )
        if not wake_up:
            container.close()

    def counts(self) -> InboxCounts:
        with self.container.uow() as uow:
            return uow.inbox.counts_of(self.ana.student_id)

    def log(self, program: str = "worker") -> str:
        return (self.folder / f"{program}.log").read_text(errors="replace")


def game(number: int) -> dict[str, Any]:
    begun = datetime.now(UTC).replace(microsecond=0) - timedelta(days=60)
    return record(number, session_id=str(uuid4()), ended=begun + timedelta(minutes=5 * number))


@pytest.fixture
def system(database_url, redis_url, redis, tmp_path) -> Iterator[System]:
    changes = {
        "DATABASE_URL": database_url.replace("postgresql+psycopg2:", "postgresql:"),
        "REDIS_URL": redis_url,
        "NEUROPLAY_SECRET": "s" * 32,
        "NEUROPLAY_SYNC_BURST": "0",
        "NEUROPLAY_HOME": str(tmp_path / "home"),
    }
    variables = {one.variable: name for name, one in Settings.table().items()}
    values = {variables[name]: value for name, value in changes.items()}
    container = build(load_settings(**values), wakes_workers=True)
    ana = a_class(container.uow).principal()
    yield System(
        container=container, environment={**os.environ, **changes}, folder=tmp_path, ana=ana
    )
    container.close()


def test_accepted_sessions_are_processed_by_a_worker_that_is_woken(system):
    with system.worker() as worker:
        system.send(3)
        wait_until(lambda: system.counts() == InboxCounts(processed=3), "all processed")
        system.send(1)
        wait_until(lambda: system.counts() == InboxCounts(processed=4), "the next one too")
        assert worker.poll() is None


def test_a_worker_removes_what_is_not_kept(system):
    def left() -> int:
        with system.container.uow() as uow:
            return len(uow.inbox.list())

    with system.worker():
        system.send(3)
        wait_until(lambda: system.counts() == InboxCounts(processed=3), "all processed")
        with system.container.engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE sync_inbox SET received_at = '2026-01-01', processed_at = '2026-01-01'"
            )
            connection.exec_driver_sql("UPDATE retention_pass SET whole_since = '-infinity'")
        make_celery(system.container.settings).send_task(RETAIN_TASK)
        wait_until(lambda: left() == 0, "the records are gone")
        # Logged after the commit: the worker is killed when this block ends.
        wait_until(lambda: '"raw": 3' in system.log(), "the worker said so")
    assert system.counts() == InboxCounts(processed=3)


def test_the_sweep_finds_what_no_wake_up_told_of(system, redis):
    with system.worker():
        system.send(2, wake_up=False)
        assert system.counts() == InboxCounts(pending=2)
        with system.running("beat") as beat:
            wait_until(lambda: system.counts() == InboxCounts(processed=2), "the sweep")
            beat.terminate()
            assert beat.wait(20) == 0


def test_a_worker_with_beat_sweeps_and_stops_soon(system):
    with system.worker("beat") as worker:
        for number in (1, 2):  # the second time its own sweep has no reason: tasks arrive
            system.send(1, wake_up=False)
            done = InboxCounts(processed=number)
            wait_until(lambda done=done: system.counts() == done, "the sweep")
        worker.terminate()
        assert worker.wait(20) == 0
    assert "the worker drains the inbox by itself" not in system.log()


def test_a_worker_whose_beat_fails_begins_again_with_it(system, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import celery.beat\n"
        "whole, errors = celery.beat.Scheduler.tick, [SystemExit(), RuntimeError('no schedule')]\n"
        "def tick(self):\n"
        "    if errors: raise errors.pop()\n"
        "    return whole(self)\n"
        "celery.beat.Scheduler.tick = tick\n"
        "import neuroplay.worker.beat_thread\n"
        "neuroplay.worker.beat_thread.AGAIN_S = 0.1\n"
    )
    system.environment["PYTHONPATH"] = str(broken)
    with system.worker("beat") as worker:
        system.send(1, wake_up=False)
        wait_until(lambda: system.counts() == InboxCounts(processed=1), "the sweep")
        worker.terminate()
        assert worker.wait(20) == 0
    assert '"beat ended"' in system.log()
    assert "the worker drains the inbox by itself" not in system.log()


def test_a_lost_queue_loses_no_session(system, redis):
    system.send(2)
    wait_until(lambda: redis.llen(QUEUE), "the wake-up was sent")
    redis.flushall()
    with system.worker(), system.running("beat"):
        wait_until(lambda: system.counts() == InboxCounts(processed=2), "the sweep")


def test_a_worker_stops_soon_with_a_backlog_and_leaves_whole_rows(system):
    system.send(6000, wake_up=False)
    with system.worker() as worker:
        system.container.wake_up()
        wait_until(lambda: system.counts().processed > 0, "the drain began")
        worker.terminate()
        # Celery by itself would wait for half a minute; a busy machine takes some seconds.
        assert worker.wait(20) == 0
    counts = system.counts()
    assert counts.processed + counts.pending == 6000
    assert count_workers(system.container.redis) == 0
    # Nothing was left behind a lease: the rest can be claimed at once.
    while system.container.drain_inbox.execute().more:
        pass
    assert system.counts() == InboxCounts(processed=6000)


def test_a_database_that_hangs_does_not_end_the_worker(system, postgres_server):
    with system.worker() as worker:
        with hung(postgres_pid(postgres_server.data)):
            system.container.wake_up()
            wait_until(lambda: "inbox not drained" in system.log(), "the task gave up")
        assert worker.poll() is None
        system.send(2)
        wait_until(lambda: system.counts() == InboxCounts(processed=2), "it works again")


def test_a_worker_that_is_killed_leaves_its_rows_to_another(system):
    system.send(1)
    with system.worker() as worker:
        wait_until(lambda: system.counts().processed == 1, "the first")
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        system.container.redis.flushall()
        system.send(2)
    with system.worker():
        wait_until(lambda: system.counts() == InboxCounts(processed=3), "the next worker")
