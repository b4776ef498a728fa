"""Machines with PostgreSQL fail while fifty tablets send: every game that a tablet was told is
stored is there, once, and nobody had to help. By the files of deploy/patroni, in two ways: hosts in
DATABASE_URL, and HAProxy. The end of the run shows for how long nothing could be written."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.chaos.ledger import balance, differences
from tests.acceptance.chaos.tablets import TABLETS, Fleet
from tests.acceptance.installation import Installation, free_port, wait_until
from tests.deploy.cluster import RECIPES, Cluster, adapted
from tests.deploy.conftest import said
from tests.deploy.haproxy import balancing
from tests.deploy.machines import ACCOUNT, Machine
from tests.deploy.namespaces import network, why_not
from tests.patroni.programs import have

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.skipif(bool(why_not()), reason=f"machines cannot be made here: {why_not()}"),
]

SEED = 41
TITLE = f"failover, {TABLETS} tablets in two halves: seconds without a stored game"
SERVE = ("--api-workers", "1", "--task-workers", "1", "--no-demo")
PASSWORD = "of-neuroplay"
LEASE_AND_MORE_S = 90.0


@dataclass(frozen=True, kw_only=True)
class School:
    """A NeuroPlay with its tablets, which reaches the database in one of the ways."""

    way: str
    system: Installation
    fleet: Fleet

    def wait_well(self) -> None:
        wait_until(lambda: self.system.get("/health")[0] == 200, f"{self.way}: it is healthy")
        known = self.fleet.ledger.latest
        wait_until(lambda: self.fleet.ledger.latest != known, f"{self.way}: games are accepted")


@dataclass(frozen=True, kw_only=True)
class Storm:
    cluster: Cluster
    schools: list[School]


@contextmanager
def cluster() -> Iterator[Cluster]:
    programs = have()
    with network() as net, tempfile.TemporaryDirectory(prefix="npha", dir="/tmp") as place:
        Path(place).chmod(0o755)
        machines = []
        for name in ("db1", "db2", "db3"):
            folder = Path(place) / name
            folder.mkdir(mode=0o700)
            shutil.chown(folder, ACCOUNT)
            machines.append(Machine(host=net.host(name), folder=folder))
        made = Cluster(machines=machines, programs=programs)
        made.prepare()
        for machine in machines:
            machine.boot()
        try:
            made.wait_well()
            yield made
        except BaseException:
            for machine in machines:
                print(machine.host.name, machine.said("patroni")[-3000:])
            raise
        finally:
            for machine in machines:
                machine.lose_power()


@contextmanager
def school(way: str, home: Path, settings: Mapping[str, str]) -> Iterator[School]:
    system = Installation(home=home, settings={"NEUROPLAY_SECRET": "s" * 32, **settings})
    migrated = system.run("db", "migrate")
    assert migrated.code == 0, migrated
    system.json("serve", "--detach", *SERVE)
    try:
        fleet = Fleet(system, SEED, tablets=TABLETS // 2)
        fleet.start()
        try:
            found = School(way=way, system=system, fleet=fleet)
            found.wait_well()
            yield found
        finally:
            fleet.end()
    finally:
        system.end()


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    folder = tmp_path_factory.mktemp("failover")
    with cluster() as made, ExitStack() as opened:
        made.run_as_owner(
            f"CREATE ROLE neuroplay LOGIN PASSWORD '{PASSWORD}'",
            "CREATE DATABASE hosts OWNER neuroplay",
            "CREATE DATABASE haproxy OWNER neuroplay",
        )
        port = free_port()
        recipe = adapted(RECIPES / "haproxy.cfg", made.machines)
        recipe = recipe.replace("bind 127.0.0.1:5432", f"bind 127.0.0.1:{port}")
        opened.enter_context(balancing(recipe, folder, port))
        ways = {
            "hosts": made.url("neuroplay", PASSWORD, "hosts"),
            "haproxy": f"postgresql://neuroplay:{PASSWORD}@127.0.0.1:{port}/haproxy",
        }
        schools = [
            opened.enter_context(school(way, folder / way, {"DATABASE_URL": url}))
            for way, url in ways.items()
        ]
        said[TITLE] = [f"{'':45}{'hosts':>8}{'haproxy':>9}   lost   twice"]
        yield Storm(cluster=made, schools=schools)


Event = Callable[[Cluster], None]


def wait_for_another(cluster: Cluster, old: Machine) -> None:
    wait_until(lambda: cluster.primary() not in (None, old), "another machine is the primary")


def the_primary_loses_power(cluster: Cluster) -> None:
    """And is switched on again when another one has taken over."""
    old = cluster.the_primary()
    old.lose_power()
    wait_for_another(cluster, old)
    old.boot()


EVENTS: tuple[Event, ...] = (the_primary_loses_power,)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_no_game_is_lost_or_counted_twice_when(storm: Storm, event: Event) -> None:
    began = time.monotonic()
    event(storm.cluster)
    for one in storm.schools:
        one.wait_well()
    silences = [one.fleet.ledger.longest_silence(began) for one in storm.schools]
    storm.cluster.wait_well()
    found = [balance(one.system, one.fleet.ledger) for one in storm.schools]
    lost, twice = sum(len(one.lost) for one in found), sum(len(one.twice) for one in found)
    times = f"{silences[0]:8.1f}{silences[1]:9.1f}"
    said[TITLE].append(f"{event.__name__.replace('_', ' '):45}{times}{lost:7}{twice:8}")
    assert all(one.holds for one in found), found
    assert [one.fleet.ledger.complaints for one in storm.schools] == [[], []]


def test_in_the_end_every_game_is_processed_once(storm: Storm) -> None:
    for one in storm.schools:
        ledger, system = one.fleet.ledger, one.system
        one.fleet.hand_in()
        wait_until(
            lambda system=system, ledger=ledger: balance(system, ledger).waiting == 0,
            "everything is processed",
            LEASE_AND_MORE_S,
        )
        found = balance(system, ledger)
        said[TITLE].append(f"{one.way}, in the end: {found}; answers: {dict(ledger.answers)}")
        assert found.holds, found
        assert found.acknowledged == found.stored == len(ledger.played)
        assert all(tablet.fault is None for tablet in one.fleet.tablets)
        assert differences(system) is None
