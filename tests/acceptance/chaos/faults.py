"""Faults of a running system, one at a time. Each fault proves that it took place,
and repairs nothing but what it did itself from outside (a full disk, a stopped process)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psutil
import psycopg2

from neuroplay.infra.supervision.client import ProcessState, SupervisorAway, SupervisorClient
from tests.acceptance.chaos.books import Audit, Auditor
from tests.acceptance.chaos.tablets import WRONG_CLOCKS_S, Fleet
from tests.acceptance.installation import Installation, wait_until
from tests.databases import as_owner
from tests.integration.servers import hung

STANDSTILL_S = 20.0


@dataclass(frozen=True, kw_only=True)
class Storm:
    """A system on one machine under tablets, and how its disk can be filled."""

    system: Installation
    fleet: Fleet
    auditor: Auditor
    random: Random
    small_disk: bool
    folder: Path
    """For backups, outside of the home."""

    def stop(self) -> None:
        stopped = self.system.run("stop")
        assert stopped.code == 0, stopped

    def start(self) -> None:
        self.system.json("serve", "--detach", *SERVE)

    def programs(self) -> dict[str, ProcessState]:
        return {p.name: p for p in SupervisorClient(self.system.runtime).processes()}

    def pid(self, program: str) -> int:
        found = self.programs()[program].pid
        assert found is not None, f"{program} is not running"
        return found

    def children(self, program: str) -> list[psutil.Process]:
        return psutil.Process(self.pid(program)).children()

    def database_url(self, user: str = "postgres") -> str:
        return f"postgresql+psycopg2://{user}@/neuroplay?host={self.system.runtime / 'pg'}"

    def wait_well(self) -> None:
        """Everything runs, says that it is healthy, and processes what is sent from now on."""

        def runs() -> bool:
            try:
                return {p.state for p in self.programs().values()} == {"RUNNING"}
            except SupervisorAway:
                return False

        wait_until(runs, "every program runs")
        wait_until(lambda: self.system.get("/health")[0] == 200, "it is healthy")
        known = self.fleet.history.latest
        wait_until(lambda: self.fleet.history.latest != known, "games are accepted")
        newest = self.fleet.history.latest
        wait_until(lambda: self.is_processed(newest), "games are processed")

    def audit(self) -> Audit:
        return self.auditor.audit(self.system)

    def is_processed(self, session_id: str) -> bool:
        with self.connected() as cursor:
            cursor.execute("SELECT 1 FROM game_sessions WHERE session_id = %s", (session_id,))
            return cursor.fetchone() is not None

    @contextmanager
    def connected(self, user: str = "neuroplay") -> Iterator[psycopg2.extensions.cursor]:
        """A transaction of our own, committed at the end."""
        connection = psycopg2.connect(
            host=str(self.system.runtime / "pg"), user=user, dbname="neuroplay"
        )
        try:
            with connection, connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def refused(self) -> int:
        return self.fleet.history.answers["503"]


def kill(storm: Storm, program: str, *, children: bool = False) -> None:
    """SIGKILL a program, if wanted with its children; returns when another one has replaced it."""
    process = psutil.Process(storm.pid(program))
    end([process, *(process.children() if children else ())])
    wait_until(
        lambda: storm.programs()[program].pid not in (None, process.pid), f"{program} comes back"
    )


def kill_a_child(storm: Storm, program: str) -> None:
    """SIGKILL one of its processes; returns when there are as many as before."""
    children = storm.children(program)
    end([storm.random.choice(children)])
    wait_until(
        lambda: len(storm.children(program)) >= len(children), f"{program} has a new process"
    )


def end(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # it ended with its parent
            process.kill()
    wait_until(lambda: all(map(has_ended, processes)), "the killed processes end")


def has_ended(process: psutil.Process) -> bool:
    """Whether it runs no more, reaped or not."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def a_worker_process_is_killed(storm: Storm) -> None:
    kill_a_child(storm, "worker")


def all_workers_are_killed(storm: Storm) -> None:
    kill(storm, "worker", children=True)


def an_api_process_is_killed(storm: Storm) -> None:
    kill_a_child(storm, "api")


def the_api_master_is_killed(storm: Storm) -> None:
    kill(storm, "api")


def redis_is_killed(storm: Storm) -> None:
    kill(storm, "redis")


def redis_is_flushed(storm: Storm) -> None:
    from redis import Redis

    with Redis.from_url(f"unix://{storm.system.runtime / 'redis.sock'}") as client:
        assert client.flushall()


def postgres_is_killed(storm: Storm) -> None:
    refused = storm.refused()
    kill(storm, "postgres")
    wait_until(lambda: storm.refused() > refused, "tablets were told to wait")


def the_supervisor_is_killed(storm: Storm) -> None:
    """And `neuroplay serve` is run again, as systemd does."""
    end([psutil.Process(int((storm.system.home / "serve.lock").read_text()))])
    started = storm.system.run("serve", "--detach", *SERVE)
    assert started.code == 0, started


def a_worker_stands_still_in_a_transaction(storm: Storm) -> None:
    """The test holds a row that the worker needs; when the worker waits for it, the worker is
    stopped, and only then gets the row."""
    with storm.connected() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        own = cursor.fetchone()
        cursor.execute("SELECT student_id FROM students ORDER BY student_id FOR UPDATE")
        wait_until(lambda: has_waiters(storm, own), "a worker waits for the students")
        stopped = [child.pid for child in storm.children("worker")]
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(6.0)  # longer than the deadline of an answer
        assert storm.system.get("/health/live")[0] == 200
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


def has_waiters(storm: Storm, backend: tuple[int, ...] | None) -> bool:
    assert backend is not None
    with storm.connected() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))", backend
        )
        return cursor.fetchone() is not None


def postgres_stands_still(storm: Storm) -> None:
    """Every request is answered, long before a tablet gives up waiting."""
    refused, answers = storm.refused(), storm.fleet.history.answers
    in_vain = answers["TimeoutError"]
    with hung(storm.pid("postgres")):
        ends = time.monotonic() + STANDSTILL_S
        wait_until(lambda: storm.refused() > refused, "tablets are told to wait")
        assert storm.system.get("/health/live")[0] == 200
        time.sleep(max(0.0, ends - time.monotonic()))
        assert answers["TimeoutError"] == in_vain


def a_program_stands_still(storm: Storm) -> None:
    """For a moment: long enough for some to be told to wait."""
    program = storm.random.choice(sorted(storm.programs()))
    with hung(storm.pid(program)):
        time.sleep(storm.random.uniform(1.0, 6.0))


def tablets_clocks_are_set(storm: Storm) -> None:
    for tablet in storm.random.sample(storm.fleet.tablets, len(storm.fleet.tablets) // 2):
        tablet.clock_s = storm.random.choice(WRONG_CLOCKS_S)


def redis_stands_still(storm: Storm) -> None:
    """Games are accepted and processed all the same, and children sign in."""
    with hung(storm.pid("redis")):
        ends = time.monotonic() + STANDSTILL_S
        known = storm.fleet.history.latest
        wait_until(lambda: storm.fleet.history.latest != known, "games are accepted")
        newest = storm.fleet.history.latest
        card = storm.fleet.a_card()
        storm.system.sign_in(card["class_code"], card["card_code"])
        wait_until(
            lambda: storm.is_processed(newest), "games are processed", ends - time.monotonic()
        )
        status, answer = storm.system.get("/health")
        assert status == 503
        assert answer["checks"]["redis"] != "ok"
        assert answer["checks"]["database"] == "ok"
        time.sleep(max(0.0, ends - time.monotonic()))


def the_disk_is_full(storm: Storm) -> None:
    refused = storm.refused()
    with full_disk(storm.system.home) if storm.small_disk else read_only(storm):
        wait_until(lambda: storm.refused() > refused, "tablets are told to wait")
        time.sleep(3.0)
        assert storm.system.get("/health/live")[0] == 200


@contextmanager
def full_disk(home: Path) -> Iterator[None]:
    filler = home / "filler"
    try:
        with filler.open("wb", buffering=0) as file:
            size = 1 << 20
            while size:
                try:
                    file.write(bytes(size))
                except OSError:
                    size //= 2
        yield
    finally:
        filler.unlink()


@contextmanager
def read_only(storm: Storm) -> Iterator[None]:
    """A PostgreSQL that refuses to write, where no small disk can be had."""
    url = storm.database_url()
    ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'neuroplay'"
    as_owner(url, "ALTER DATABASE neuroplay SET default_transaction_read_only = on", ends)
    try:
        yield
    finally:
        as_owner(url, "ALTER DATABASE neuroplay RESET default_transaction_read_only", ends)


SERVE = ("--api-workers", "2", "--task-workers", "2", "--no-demo")

Fault = Callable[[Storm], None]

QUICK = (
    a_worker_process_is_killed,
    an_api_process_is_killed,
    the_api_master_is_killed,
    redis_is_killed,
    redis_is_flushed,
    postgres_is_killed,
    the_supervisor_is_killed,
    a_program_stands_still,
    tablets_clocks_are_set,
)
"""Those that a schedule draws from."""

FAULTS: tuple[Fault, ...] = (
    a_worker_process_is_killed,
    all_workers_are_killed,
    an_api_process_is_killed,
    the_api_master_is_killed,
    redis_is_killed,
    redis_is_flushed,
    postgres_is_killed,
    a_worker_stands_still_in_a_transaction,
    the_supervisor_is_killed,
    postgres_stands_still,
    redis_stands_still,
    the_disk_is_full,
)
