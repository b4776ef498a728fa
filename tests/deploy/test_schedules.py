"""Random schedules, larger than those of `make test`: on one machine, and on several whose links
fail and whose clocks differ. Seeds that once failed are tried again.

NEUROPLAY_SCHEDULES   how many new seeds are tried on each ground [3]
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

import psutil
import pytest

from tests.acceptance.chaos import checker, faults
from tests.acceptance.chaos.books import Auditor, waiting
from tests.acceptance.chaos.faults import SERVE, Storm
from tests.acceptance.chaos.schedule import Run, kept
from tests.acceptance.chaos.tablets import Fleet
from tests.acceptance.installation import Installation, wait_until
from tests.deploy import faketime
from tests.deploy.conftest import said
from tests.deploy.front import HAProxy, haproxy
from tests.deploy.namespaces import Host, network, why_not
from tests.deploy.several_hosts import Part, Site, site

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(900)]

TITLE = "random schedules"
NEW = int(os.environ.get("NEUROPLAY_SCHEDULES") or 3)
LENGTH = 6
TABLETS = 30
AWAY_S = (1.0, 8.0)
"""How long a link fails."""


def courses(ground: type) -> list[tuple[int, int]]:
    """(seed, length)"""
    return [*kept(ground), *((Random().randrange(1_000_000), LENGTH) for _ in range(NEW))]


@dataclass(frozen=True, kw_only=True)
class Hosts:
    """Two with an API, two with workers, one with beat, one with the servers, and a proxy."""

    site: Site
    front: HAProxy
    fleet: Fleet
    auditor: Auditor
    random: Random
    folder: Path

    @property
    def system(self) -> Installation:
        return self.front

    def stop(self) -> None:
        for part in self.site.parts:
            part.end()

    def start(self) -> None:
        for part in self.site.parts:
            part.serve()

    def wait_well(self) -> None:
        history = self.fleet.history
        wait_until(lambda: self.system.get("/health")[0] == 200, "it is healthy")
        known = history.latest
        wait_until(lambda: history.latest != known, "games are accepted")

    def any_part(self) -> Part:
        return self.random.choice(self.site.parts)


def _while_away(hosts: Hosts, host: Host, how: Callable[[], None]) -> None:
    how()
    try:
        time.sleep(hosts.random.uniform(*AWAY_S))
    finally:
        host.restore()


def a_link_is_cut(hosts: Hosts) -> None:
    host = hosts.any_part().host
    _while_away(hosts, host, host.cut)


def a_link_drops_everything(hosts: Hosts) -> None:
    host = hosts.any_part().host
    _while_away(hosts, host, partial(host.lose, 1.0))


def a_link_loses_packets(hosts: Hosts) -> None:
    host = hosts.any_part().host
    _while_away(hosts, host, partial(host.lose, 0.3))


def the_servers_link_is_cut(hosts: Hosts) -> None:
    host = hosts.site.net.hosts["data"]
    _while_away(hosts, host, host.cut)


def the_servers_link_drops_everything(hosts: Hosts) -> None:
    host = hosts.site.net.hosts["data"]
    _while_away(hosts, host, partial(host.lose, 1.0))


def a_host_is_killed(hosts: Hosts) -> None:
    """And its part started again."""
    part = hosts.any_part()
    part.kill()
    part.serve()


def a_process_is_killed(hosts: Hosts) -> None:
    part = hosts.any_part()
    main = part.status()[part.only]["pid"]
    faults.end([psutil.Process(main)])
    wait_until(lambda: part.status()[part.only]["pid"] not in (None, main), "it comes back")


def an_apis_clock_is_set(hosts: Hosts) -> None:
    """Back: under libfaketime 0.9.10 a program whose clock is ahead waits for too long wherever a
    thread waits for another one with a deadline."""
    part = hosts.random.choice(hosts.site.of("api"))
    part.end()
    part.before = faketime.off_by(hosts.random.choice((-7, -60, -180)))
    part.serve()


FAULTS = (
    a_link_is_cut,
    a_link_drops_everything,
    a_link_loses_packets,
    the_servers_link_is_cut,
    the_servers_link_drops_everything,
    a_host_is_killed,
    a_process_is_killed,
    an_apis_clock_is_set,
)


@contextmanager
def storm(folder: Path, seed: int) -> Iterator[Storm]:
    (folder / "backups").mkdir()
    with Installation(home=folder / "home").detached(*SERVE) as system:
        fleet = Fleet(system, seed, tablets=TABLETS)
        with playing(fleet, folder):
            yield Storm(
                system=system,
                fleet=fleet,
                auditor=Auditor(fleet.history),
                random=Random(seed),
                small_disk=False,
                folder=folder / "backups",
            )


@contextmanager
def hosts(folder: Path, seed: int) -> Iterator[Hosts]:
    (folder / "backups").mkdir()
    with ExitStack() as opened:
        net = opened.enter_context(network())
        made = opened.enter_context(site(net, folder))
        for name, only in (
            *(("api1", "api"), ("api2", "api")),
            *(("worker1", "worker"), ("worker2", "worker"), ("beat", "beat")),
        ):
            made.part(name, only)
        migrated = made.parts[0].run("db", "migrate")
        assert migrated.code == 0, migrated
        for part in made.parts:
            part.serve()
        front = opened.enter_context(haproxy(made))
        fleet = Fleet(front, seed, tablets=TABLETS)
        opened.enter_context(playing(fleet, folder))
        yield Hosts(
            site=made,
            front=front,
            fleet=fleet,
            auditor=Auditor(fleet.history),
            random=Random(seed),
            folder=folder / "backups",
        )


@contextmanager
def playing(fleet: Fleet, folder: Path) -> Iterator[None]:
    fleet.start()
    try:
        yield
    finally:
        fleet.end()
        fleet.history.write(folder / "history.jsonl")


@pytest.mark.parametrize(("seed", "length"), courses(Storm))
def test_one_machine_shows_no_contradiction(tmp_path: Path, seed: int, length: int) -> None:
    with storm(tmp_path, seed) as ground:
        check(Run(ground=ground, seed=seed, faults=faults.QUICK, length=length))


@pytest.mark.parametrize(
    ("tampering", "name"),
    [
        (("DELETE FROM game_sessions WHERE session_id = %s",), checker.HALF),
        (
            (
                "DELETE FROM game_sessions WHERE session_id = %s",
                "DELETE FROM sync_inbox WHERE session_id = %s",
            ),
            checker.LOST,
        ),
        (
            (
                "UPDATE students SET xp = xp + 1 WHERE student_id = "
                "(SELECT student_id FROM game_sessions WHERE session_id = %s)",
            ),
            checker.WRONG_XP,
        ),
    ],
)
def test_a_database_that_somebody_changed_is_caught(
    tmp_path: Path, tampering: Sequence[str], name: str
) -> None:
    with storm(tmp_path, 1) as ground:
        ground.wait_well()
        assert ground.audit().holds
        ground.fleet.rest()
        wait_until(lambda: not waiting(ground.system), "all is processed")
        with ground.connected() as cursor:
            for statement in tampering:
                cursor.execute(statement, (ground.fleet.history.latest,))
        found = ground.audit().contradiction
        assert found is not None
        assert found.name == name


@pytest.mark.skipif(bool(why_not()), reason=f"hosts cannot be made here: {why_not()}")
@pytest.mark.parametrize(("seed", "length"), courses(Hosts))
def test_several_hosts_show_no_contradiction(tmp_path: Path, seed: int, length: int) -> None:
    with hosts(tmp_path, seed) as ground:
        check(Run(ground=ground, seed=seed, faults=FAULTS, length=length))


def check(run: Run) -> None:
    found = run.through()
    lines = [f"{type(run.ground).__name__}, seed {run.seed}", *(f"  {line}" for line in run.said)]
    said.setdefault(TITLE, []).extend(lines)
    assert found.holds, found
    assert found.is_complete, found
