"""Machines with PostgreSQL and Redis fail while fifty tablets send: every game that a tablet was
told is stored is there, once, and nobody had to help.

By the files of deploy/patroni and deploy/sentinel. PostgreSQL is reached in two ways: by hosts in
DATABASE_URL, and through HAProxy. The end of the run shows for how long nothing could be written.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from tests.acceptance.chaos.books import Auditor, differences, waiting
from tests.acceptance.chaos.tablets import TABLETS, Fleet
from tests.acceptance.installation import Installation, wait_until
from tests.deploy import cluster as patroni
from tests.deploy import sentinel
from tests.deploy.cluster import Cluster, adapted
from tests.deploy.conftest import said
from tests.deploy.haproxy import balancing
from tests.deploy.machines import ACCOUNT, Machine
from tests.deploy.namespaces import network, why_not
from tests.deploy.sentinel import Sentinels
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
ETCD_AWAY_S = 25.0


@dataclass(frozen=True, kw_only=True)
class School:
    """A NeuroPlay with its tablets, which reaches the database in one of the ways."""

    way: str
    system: Installation
    fleet: Fleet
    auditor: Auditor

    def wait_well(self) -> None:
        wait_until(lambda: self.system.get("/health")[0] == 200, f"{self.way}: it is healthy")
        known = self.fleet.history.latest
        wait_until(lambda: self.fleet.history.latest != known, f"{self.way}: games are accepted")

    def errors(self) -> list[str]:
        """What the API logged of them."""
        logged = (self.system.home / "logs" / "api.log").read_text().splitlines()
        return [line for line in logged if '"level": "error"' in line]


@dataclass(frozen=True, kw_only=True)
class Storm:
    cluster: Cluster
    sentinels: Sentinels
    schools: list[School]

    def wait_well(self) -> None:
        """Games are accepted, and every machine does its part again."""
        for school in self.schools:
            school.wait_well()
        self.cluster.wait_well()
        self.sentinels.wait_well()


@contextmanager
def machines() -> Iterator[tuple[Cluster, Sentinels]]:
    """Three, each with all servers; what Patroni said is shown if the block raises."""
    programs = have()
    with network() as net, tempfile.TemporaryDirectory(prefix="npha", dir="/tmp") as place:
        Path(place).chmod(0o755)
        made = []
        for name in ("db1", "db2", "db3"):
            folder = Path(place) / name
            folder.mkdir(mode=0o700)
            shutil.chown(folder, ACCOUNT)
            made.append(Machine(host=net.host(name), folder=folder))
        cluster, sentinels = Cluster(machines=made, programs=programs), Sentinels(machines=made)
        cluster.prepare()
        sentinels.prepare()
        try:
            for machine in made:
                machine.boot()
            cluster.wait_well()
            sentinels.wait_well()
            yield cluster, sentinels
        except BaseException:
            for machine in made:
                print(machine.host.name, machine.said("patroni")[-3000:])
            raise
        finally:
            for machine in made:
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
            found = School(way=way, system=system, fleet=fleet, auditor=Auditor(fleet.history))
            found.wait_well()
            yield found
        finally:
            fleet.end()
    finally:
        system.end()


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    folder = tmp_path_factory.mktemp("failover")
    with machines() as (cluster, sentinels), ExitStack() as opened:
        cluster.run_as_owner(
            f"CREATE ROLE neuroplay LOGIN PASSWORD '{PASSWORD}'",
            "CREATE DATABASE hosts OWNER neuroplay",
            "CREATE DATABASE haproxy OWNER neuroplay",
        )
        recipes = {
            5432: adapted(patroni.RECIPES / "haproxy.cfg", cluster.machines),
            6379: adapted(sentinel.RECIPES / "haproxy.cfg", cluster.machines),
        }
        ports = {
            written: opened.enter_context(balancing(recipe, written, folder))
            for written, recipe in recipes.items()
        }
        redis = f"redis://:{sentinel.PASSWORD}@127.0.0.1:{ports[6379]}"
        ways = {
            "hosts": cluster.url("neuroplay", PASSWORD, "hosts"),
            "haproxy": f"postgresql://neuroplay:{PASSWORD}@127.0.0.1:{ports[5432]}/haproxy",
        }
        schools = [
            opened.enter_context(
                school(way, folder / way, {"DATABASE_URL": url, "REDIS_URL": f"{redis}/{number}"})
            )
            for number, (way, url) in enumerate(ways.items())
        ]
        said[TITLE] = [f"{'':45}{'hosts':>8}{'haproxy':>9}   contradiction"]
        yield Storm(cluster=cluster, sentinels=sentinels, schools=schools)


Event = Callable[[Storm], None]


def wait_for_another(cluster: Cluster, old: Machine) -> None:
    wait_until(lambda: cluster.primary() not in (None, old), "another machine is the primary")


def the_primary_loses_power(storm: Storm) -> None:
    """And is switched on again when another machine has taken over."""
    old = storm.cluster.the_primary()
    old.lose_power()
    wait_for_another(storm.cluster, old)
    old.boot()


def the_primary_s_postgresql_is_killed(storm: Storm) -> None:
    old = storm.cluster.the_primary()
    old.kill([storm.cluster.postmaster(old)])
    wait_for_another(storm.cluster, old)


def the_primary_s_link_is_cut(storm: Storm) -> None:
    old = storm.cluster.the_primary()
    old.host.cut()
    wait_for_another(storm.cluster, old)
    old.host.restore()


def the_primary_s_link_drops_everything(storm: Storm) -> None:
    """Where nobody is told that there is no such machine."""
    old = storm.cluster.the_primary()
    old.host.lose(1.0)
    wait_for_another(storm.cluster, old)
    old.host.restore()


def the_synchronous_standby_s_link_is_cut(storm: Storm) -> None:
    """The third machine takes its part."""
    old, primary = storm.cluster.synchronous(), storm.cluster.the_primary()
    assert old is not None
    old.host.cut()
    wait_until(
        lambda: storm.cluster.synchronous() not in (None, old), "another standby is synchronous"
    )
    old.host.restore()
    assert storm.cluster.primary() is primary


def etcd_is_away(storm: Storm) -> None:
    """On all machines, for longer than the primary may do without."""
    primary = storm.cluster.the_primary()
    for machine in storm.cluster.machines:
        machine.kill_program("etcd")
    time.sleep(ETCD_AWAY_S)
    wait_until(lambda: storm.cluster.primary() is primary, "the primary goes on without etcd")
    for machine in storm.cluster.machines:
        machine.start("etcd")


def another_machine_is_made_the_primary(storm: Storm) -> None:
    """As before work on a machine."""
    old, new = storm.cluster.the_primary(), storm.cluster.synchronous()
    assert new is not None
    names = ("--leader", old.host.name, "--candidate", new.host.name)
    storm.cluster.ctl("switchover", "neuroplay", *names, "--force")
    wait_until(lambda: storm.cluster.primary() is new, "that machine is the primary")


def the_redis_primary_is_killed(storm: Storm) -> None:
    """Games are stored and processed all the same."""
    old = storm.sentinels.the_primary()
    old.kill_program("redis")
    wait_until(
        lambda: storm.sentinels.primary() not in (None, old), "another Valkey is the primary"
    )
    for school in storm.schools:
        school.wait_well()
    old.start("redis")


EVENTS: tuple[Event, ...] = (
    another_machine_is_made_the_primary,
    the_primary_s_postgresql_is_killed,
    the_primary_loses_power,
    the_primary_s_link_is_cut,
    the_primary_s_link_drops_everything,
    the_synchronous_standby_s_link_is_cut,
    etcd_is_away,
    the_redis_primary_is_killed,
)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_no_game_is_lost_or_counted_twice_when(storm: Storm, event: Event) -> None:
    histories = [one.fleet.history for one in storm.schools]
    began = [one.now() for one in histories]
    event(storm)
    storm.wait_well()
    silences = [one.longest_silence(since) for one, since in zip(histories, began, strict=True)]
    found = [one.auditor.audit(one.system) for one in storm.schools]
    first = next((one.contradiction for one in found if not one.holds), "none")
    name = event.__name__.replace("_s_", "'s ").replace("_", " ")
    said[TITLE].append(f"{name:45}{silences[0]:8.1f}{silences[1]:9.1f}   {first}")
    assert all(one.holds for one in found), found
    assert [one.errors()[:3] for one in storm.schools] == [[], []]


def test_a_backup_ends_when_the_primary_falls_silent(storm: Storm, tmp_path: Path) -> None:
    """While pg_dump waits, for which the deadlines of NeuroPlay's own connections do not hold."""
    hosts, primary = storm.schools[0], storm.cluster.the_primary()
    dumps = (
        "SELECT FROM pg_stat_activity WHERE query LIKE 'LOCK TABLE%' AND wait_event = 'relation'"
    )
    url = hosts.system.settings["DATABASE_URL"]
    with closing(psycopg2.connect(url)) as holder, ThreadPoolExecutor() as thread:
        holder.cursor().execute("LOCK TABLE sync_attempts IN ACCESS EXCLUSIVE MODE")
        backup = thread.submit(hosts.system.run, "db", "backup", str(tmp_path / "a.dump"))

        def waits() -> bool:
            with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
                cursor.execute(dumps)
                return cursor.fetchone() is not None

        wait_until(waits, "pg_dump waits for the table")
        primary.host.lose(1.0)
        began = time.monotonic()
        ended = backup.result()
        said[TITLE].append(
            f"a backup from a silent primary ended after {time.monotonic() - began:.0f} s"
        )
        primary.host.restore()
    assert ended.code == 3, ended
    assert not (tmp_path / "a.dump").exists()
    storm.wait_well()


def test_in_the_end_every_game_is_processed_once(storm: Storm) -> None:
    for one in storm.schools:
        history, system = one.fleet.history, one.system
        one.fleet.hand_in()
        wait_until(
            lambda system=system: not waiting(system),
            "everything is processed",
            LEASE_AND_MORE_S,
        )
        found = one.auditor.audit(system)
        said[TITLE].append(f"{one.way}, in the end: {found}; answers: {dict(history.answers)}")
        assert found.holds, found
        assert found.is_complete, found
        assert history.answers["TimeoutError"] == 0  # every request was answered within 10 s
        assert differences(system) is None
