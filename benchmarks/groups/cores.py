"""What a request of `mix` costs by program, what more cores and hosts would then answer, and how
far that is true where it can be tried: on one core, on two, and on two hosts of one core each.

The hosts are network namespaces, the cores are chosen with `taskset`. The client shares the second
core, with its own time counted. Needs root and two processors; docs/scaling.md has the model.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Protocol

import psutil
import psycopg2

from benchmarks.groups import mix
from benchmarks.harness.capacity import Costs, Tier, predicted
from benchmarks.harness.figures import Figure
from benchmarks.harness.options import Options
from benchmarks.harness.system import System, cards_of, program_name

if TYPE_CHECKING:
    from tests.deploy.several_hosts import Part, Site

DATA = ("postgres", "redis")
WORK = ("worker", "beat")
CLIENT = "client"

LAYOUTS = (
    ("one host, 2 cores", 1, 2, 0),
    ("one host, 4 cores", 1, 4, 0),
    ("one host, 16 cores", 1, 16, 0),
    ("one host, 64 cores", 1, 64, 0),
    ("database of 4 cores, 2 hosts of 4", 2, 4, 4),
    ("database of 16 cores, 4 hosts of 8", 4, 8, 16),
    ("database of 64 cores, 16 hosts of 16", 16, 16, 64),
)
"""Name, number of hosts, cores of each, and cores of the database's own host (0: it has none)."""

Run = tuple[float, Costs]
"""Requests a second, and what one cost; the client's own time included."""


def measure(options: Options) -> list[Figure]:
    from tests.deploy.namespaces import why_not

    if reason := why_not():
        raise SystemExit(f"Error: hosts cannot be made here: {reason}")
    if len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("Error: this needs two processors")
    first, second = sorted(os.sched_getaffinity(0))[:2]
    with _one_host([first, second]) as system:
        two_cores = _runs(system, options.runs, [first, second])
    with _one_host([first]) as system:
        one_core = _runs(system, options.runs, [second])
    with _two_hosts(first, second) as hosts:
        two_hosts = _runs(hosts, options.runs, [second])
    return figures_of(two_cores=two_cores, one_core=one_core, two_hosts=two_hosts)


def figures_of(
    *, two_cores: Sequence[Run], one_core: Sequence[Run], two_hosts: Sequence[Run]
) -> list[Figure]:
    """What the runs on two cores cost, the model's rates beside all that was measured, and those
    of LAYOUTS."""
    costs = _typical([cost for _, cost in two_cores])
    servers = Costs(
        cpu_s={name: cost for name, cost in costs.cpu_s.items() if name != CLIENT},
        log_bytes=costs.log_bytes,
    )
    return [
        *_costs(servers),
        *_checked("one host, 2 cores (which the model is made from)", two_cores, costs, [_all(2)]),
        *_checked("one host, 1 core", one_core, servers, [_all(1)]),
        *_checked(
            "two hosts of 1 core: API; database, worker",
            two_hosts,
            costs,
            [
                Tier(name="api", programs=("api", "supervisor"), cores=1),
                Tier(name="data", programs=(*DATA, *WORK, CLIENT), cores=1),
            ],
        ),
        *(_predicted(*layout, costs=servers) for layout in LAYOUTS),
    ]


def _all(cores: int) -> Tier:
    programs = ("api", "supervisor", *DATA, *WORK, CLIENT)
    return Tier(name="host", programs=programs, cores=cores)


def _costs(costs: Costs) -> Iterator[Figure]:
    for program, seconds in costs.cpu_s.items():
        yield Figure(name=f"a request, CPU of {program}", unit="ms", values=(seconds * 1000,))
    yield Figure(
        name="a request, all servers", unit="ms", values=(sum(costs.cpu_s.values()) * 1000,)
    )
    yield Figure(name="a request, PostgreSQL's log", unit="kB", values=(costs.log_bytes / 1000,))


def _checked(
    name: str, runs: Sequence[Run], costs: Costs, tiers: Sequence[Tier]
) -> Iterator[Figure]:
    """What was measured, and what the model says for a machine that is used to the full."""
    said = predicted(costs, tiers, use=1.0)
    yield Figure(
        name=f"{name}: measured",
        unit="req/s",
        more_is_better=True,
        values=tuple(rate for rate, _ in runs),
    )
    yield Figure(
        name=f"{name}: measured to predicted",
        unit="",
        values=tuple(rate / said.per_second for rate, _ in runs),
        note=f"predicted {said.per_second:.0f} req/s",
    )


def _predicted(name: str, hosts: int, cores: int, database_cores: int, *, costs: Costs) -> Figure:
    tiers = [Tier(name="hosts", programs=("api", "supervisor", *WORK), cores=cores, hosts=hosts)]
    if database_cores:
        tiers.append(Tier(name="database", programs=DATA, cores=database_cores))
    else:
        tiers = [_all(cores)]
    said = predicted(costs, tiers)
    return Figure(
        name=f"predicted: {name}",
        unit="req/s",
        more_is_better=True,
        values=(said.per_second,),
        note=f"limited by the {said.limit}; {said.api_processes} API processes; "
        f"{said.per_second * costs.log_bytes / 1e6:.0f} MB/s of log",
    )


def _typical(costs: Sequence[Costs]) -> Costs:
    """The median of each cost."""
    programs = dict.fromkeys(name for one in costs for name in one.cpu_s)
    return Costs(
        cpu_s={
            name: median(max(one.cpu_s.get(name, 0.0), 0.0) for one in costs) for name in programs
        },
        log_bytes=median(one.log_bytes for one in costs),
    )


class _Measured(mix.Asked, Protocol):
    """An installation whose database can be asked too."""

    @property
    def database(self) -> str:
        """For psycopg2."""


def _runs(system: _Measured, count: int, client: Sequence[int]) -> list[Run]:
    """Runs with the client on these processors."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, client)
    try:
        begun = _log_position(system.database)
        found = mix.runs(system, count)
        log = _log_position(system.database) - begun
    finally:
        os.sched_setaffinity(0, before)
    asked = sum(len(one.answers.times_ms) for one in found) * (1 + mix.WARM_UP / count)
    return [_run(one, log / asked) for one in found]


def _run(run: mix.Run, log_bytes: float) -> Run:
    """A rate that can last: the workers have kept up at its end."""
    answers = run.answers
    asked = len(answers.times_ms)
    spent = {CLIENT: answers.client_cpu_s, **run.cpu_s}
    return asked / (answers.seconds + run.drained_s), Costs(
        cpu_s={name: seconds / asked for name, seconds in spent.items()}, log_bytes=log_bytes
    )


def _log_position(database: str) -> int:
    """Bytes that PostgreSQL has written to its log since it was made."""
    with closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'")
        [(position,)] = cursor.fetchall()
        return int(position)


@contextmanager
def _one_host(cores: Sequence[int]) -> Iterator[System]:
    """An installation on these processors, with an API process for each."""
    with System.temporary() as system:
        system.under = ("taskset", "-c", ",".join(map(str, cores)))
        system.environment["NEUROPLAY_API_WORKERS"] = str(len(cores))
        system.start()
        system.wait_until_complete()
        yield system


class _TwoHosts:
    """An API on a host of its own; database, Redis and worker on the other processor."""

    def __init__(self, site: Site, api: Part) -> None:
        self.address, self.port = api.address, api.port
        self.database = str(site.settings["DATABASE_URL"])
        self._site, self._api = site, api

    def cards(self, students: int) -> list[tuple[str, str]]:
        file = self._site.folder / "roster.json"
        self.command("loadtest", "roster", str(file), "--students", str(students))
        return cards_of(json.loads(file.read_text()))

    def command(self, *arguments: str) -> Any:
        return self._api.json(*arguments)

    def cpu_s_by_program(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for host in self._site.net.hosts.values():
            for process in host.processes():
                with suppress(psutil.NoSuchProcess):
                    name = program_name(process.cmdline()).replace("other", "supervisor")
                    found[name] = found.get(name, 0.0) + sum(process.cpu_times()[:4])
        return found


@contextmanager
def _two_hosts(first: int, second: int) -> Iterator[_TwoHosts]:
    from tests.deploy.namespaces import network
    from tests.deploy.several_hosts import site

    with tempfile.TemporaryDirectory(prefix="npcores", dir="/tmp") as name, network() as net:
        folder = Path(name)
        folder.chmod(0o755)
        with site(net, folder) as made:
            for process in net.hosts["data"].processes():
                process.cpu_affinity([second])
            api = made.part("api", "api", before=("taskset", "-c", str(first)))
            worker = made.part("worker", "worker", before=("taskset", "-c", str(second)))
            api.json("db", "migrate")
            api.serve()
            worker.serve()
            yield _TwoHosts(made, api)
