"""Processor time of the database layer: use cases in one process, without HTTP.

32 threads, as many as the API has, read a student's page, then sync five sessions per call, then
one. Then one thread drains them all. Processor time per call hardly depends on what else the
machine does, so `--baseline REV` shows what a mechanism saves. The same is measured through a real
PgBouncer in transaction mode.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

import psutil

from benchmarks.groups.sync import session
from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.harness.servers import postgres
from neuroplay.core.entities.principal import StudentPrincipal
from neuroplay.core.entities.student import OutboxReport
from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
from neuroplay.core.use_cases.accept_sync import AcceptSync
from neuroplay.core.use_cases.drain_inbox import DrainInbox
from neuroplay.core.use_cases.read_progress import ReadProgress
from neuroplay.infra.db import migrations
from neuroplay.infra.db.engine import make_engine
from neuroplay.infra.db.unit_of_work import SqlUnitOfWork
from neuroplay.infra.gathering import gather
from neuroplay.infra.payloads import hash_payload
from tests.pgbouncer import programs, server

THREADS, CONNECTIONS = 32, 8
CALLS = 60
"""Calls per thread and kind in a run."""

Values = dict[tuple[str, str], float]
"""Figures of one run, by name and unit."""


def measure(options: Options) -> list[Figure]:
    sys.setswitchinterval(0.02)  # as the API
    found: dict[tuple[str, str], list[float]] = {}
    with _ways() as ways:
        for one in ways:
            one.run()  # warm-up
        for _ in range(options.runs):
            for one in ways:
                for key, value in one.run().items():
                    found.setdefault(key, []).append(value)
    return [
        Figure(name=name, unit=unit, more_is_better=unit.endswith("/s"), values=tuple(values))
        for (name, unit), values in found.items()
    ]


@contextmanager
def _ways() -> Iterator[list[Way]]:
    """Two ways to the same PostgreSQL: directly and, if it is installed, through PgBouncer."""
    with postgres() as (own, url):
        pid = int((own.data / "postmaster.pid").read_text().split()[0])
        direct = make_engine(url, pool_size=CONNECTIONS, by_index=True)
        migrations.upgrade(direct)
        ways = [Way("", partial(SqlUnitOfWork, direct), (pid,))]
        program = programs.find()
        if program is None:
            yield ways
        else:
            with server.running(program, url, mode="transaction", sessions=CONNECTIONS) as (
                pooled_url,
                pooler,
            ):
                pooled = make_engine(pooled_url, pool_size=CONNECTIONS, pooled=True)
                ways.append(
                    Way("through PgBouncer, ", partial(SqlUnitOfWork, pooled), (pid, pooler))
                )
                yield ways
                pooled.dispose()
        direct.dispose()


@dataclass(frozen=True, kw_only=True)
class Took:
    seconds: float
    python_s: float
    servers_s: float


class Way:
    """A way to connect to the store. `name` is a prefix of its figures, `servers` are the pids of
    the processes whose CPU time counts as the servers'."""

    def __init__(self, name: str, uow: UnitOfWorkFactory, servers: tuple[int, ...]) -> None:
        self._name, self._uow, self._servers = name, uow, servers
        self._accept = AcceptSync(
            uow=uow, clock=_now, hash_payload=hash_payload, wake_up=lambda: None, gather=gather
        )
        self._page = ReadProgress(uow=uow, clock=_now)
        self._drain = DrainInbox(uow=uow, clock=_now, release="benchmark")

    def run(self) -> Values:
        children = self._children()
        found: Values = {}
        made = 0

        def read(child: StudentPrincipal, _: int) -> None:
            self._page.execute(child)

        def send(child: StudentPrincipal, number: int) -> None:
            receipts = self._accept.execute(
                child,
                sessions=batches[children.index(child)][number],
                sent_at=_now(),
                outbox=OutboxReport(pending=0, oldest=None),
                request_id="benchmark",
            )
            assert {one.status.value for one in receipts} == {"accepted"}, receipts

        for name, size in (("page", 0), ("sync of 5", 5), ("sync of 1", 1)):
            batches = [
                [[session(made + n * size + k) for k in range(size)] for n in range(CALLS)]
                for _ in children
            ]
            took = self._timed(partial(_by_threads, send if size else read, children))
            found |= self._figures(name, "calls/s", "ms", THREADS * CALLS, took)
            made += size * CALLS
        took = self._timed(self._drain_all)
        return found | self._figures("drain", "sessions/s", "ms", THREADS * made, took)

    def _children(self) -> list[StudentPrincipal]:
        with self._uow() as uow:
            class_id = uow.classes.add("Benchmark", uuid4().hex[:5].upper()).class_id
            made = [
                uow.students.add(class_id, f"Child {n}", "fox", first_sign_in_at=LONG_AGO)
                for n in range(THREADS)
            ]
            uow.commit()
        return [
            StudentPrincipal(
                token_id=uuid4(), student_id=one.student_id, class_id=class_id, device_id=uuid4()
            )
            for one in made
        ]

    def _drain_all(self) -> None:
        while self._drain.execute(500).more:
            pass

    def _timed(self, work: Callable[[], None]) -> Took:
        servers, python, begun = self._servers_s(), time.process_time(), time.perf_counter()
        work()
        return Took(
            seconds=time.perf_counter() - begun,
            python_s=time.process_time() - python,
            servers_s=self._servers_s() - servers,
        )

    def _servers_s(self) -> float:
        """Processor time of the servers with their children, finer than clock ticks."""
        pids = [*self._servers]
        for one in self._servers:
            pids += [child.pid for child in psutil.Process(one).children()]
        files = [Path(f"/proc/{pid}/schedstat") for pid in pids]
        return sum(int(file.read_text().split()[0]) for file in files if file.exists()) / 1e9

    def _figures(self, name: str, rate: str, unit: str, count: int, took: Took) -> Values:
        name = self._name + name
        return {
            (name, rate): count / took.seconds,
            (f"{name}, CPU of Python", unit): took.python_s * 1000 / count,
            (f"{name}, CPU of the servers", unit): took.servers_s * 1000 / count,
        }


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def _now() -> datetime:
    return datetime.now(UTC)


def _by_threads(
    call: Callable[[StudentPrincipal, int], None], children: list[StudentPrincipal]
) -> None:
    """Run `call` in one thread per student."""
    together = threading.Barrier(THREADS)

    def run(child: StudentPrincipal) -> None:
        together.wait()
        for number in range(CALLS):
            call(child, number)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(run, children))
