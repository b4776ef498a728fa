"""Whatever happens to a part of the system while fifty tablets send: what they were told, what the
API said and what the books hold never contradict each other, and nobody had to help."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.acceptance.chaos.books import Auditor, differences, waiting
from tests.acceptance.chaos.conftest import ROUNDS, SEED, said
from tests.acceptance.chaos.faults import FAULTS, QUICK, SERVE, Fault, Storm
from tests.acceptance.chaos.history import BackedUp, Restored, Settled
from tests.acceptance.chaos.schedule import Run
from tests.acceptance.chaos.tablets import Fleet
from tests.acceptance.installation import Installation, wait_until
from tests.acceptance.small_disk import small_disk

pytestmark = pytest.mark.slow

DISK = "400m"
LEASE_AND_MORE_S = 90.0
GAMES_AFTER_BACKUP = 200
STEPS = 2
"""Faults of the random schedule, beside what every schedule has."""


def faults() -> list[Fault]:
    """Every fault, in the order of the list and then in others; the standstills come when the
    games of killed workers wait for their leases to end."""
    found = list(FAULTS)
    for number in range(1, ROUNDS):
        found += Random(f"{SEED} {number}").sample(FAULTS, len(FAULTS))
    return found


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backup") / "a.dump"


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    folder = tmp_path_factory.mktemp("chaos")
    home = folder / "home"
    home.mkdir(mode=0o755)
    system = Installation(home=home)
    with small_disk(home, DISK) as small:
        way = f"a file system of {DISK}" if small else "read-only transactions (no mount here)"
        said.append(f"the full disk: {way}")
        try:
            system.json("serve", "--detach", *SERVE)
            fleet = Fleet(system, SEED)
            fleet.start()
            try:
                storm = Storm(
                    system=system,
                    fleet=fleet,
                    auditor=Auditor(fleet.history),
                    random=Random(SEED),
                    small_disk=small,
                    folder=tmp_path_factory.mktemp("backups"),
                )
                storm.wait_well()
                yield storm
            finally:
                fleet.end()
                fleet.history.write(folder / "history.jsonl")
                said.append(f"the history: {folder / 'history.jsonl'}")
        finally:
            system.end()


def test_a_random_schedule_shows_no_contradiction(storm: Storm) -> None:
    """First, while there are few games to restore and to offer."""
    run = Run(ground=storm, seed=SEED, faults=QUICK, length=STEPS)
    found = run.through()
    said.extend(run.said)
    assert found.holds, found
    assert found.is_complete, found


@pytest.mark.parametrize("fault", faults(), ids=lambda fault: fault.__name__)
def test_nothing_contradicts_when(storm: Storm, fault: Fault) -> None:
    began = time.monotonic()
    fault(storm)
    storm.wait_well()
    took = time.monotonic() - began
    found = storm.audit()
    said.append(f"{fault.__name__:40} {found}, well after {took:.0f} s")
    assert found.holds, found


def test_a_backup_is_made_while_tablets_send(storm: Storm, backup: Path) -> None:
    history = storm.fleet.history
    begun = history.now()
    written = storm.system.json("db", "backup", str(backup))
    history.add(BackedUp, begun=begun, name=backup.name)
    assert written["secret"] == str(storm.system.home / "secret")
    known = len(history.acknowledged)
    wait_until(lambda: len(history.acknowledged) > known + GAMES_AFTER_BACKUP, "games go on")
    refused = storm.system.run("db", "restore", str(backup), "--yes")
    assert refused.code == 3
    assert "neuroplay stop" in refused.err


def test_in_the_end_every_game_is_processed_once(storm: Storm) -> None:
    storm.fleet.rest()
    history = storm.fleet.history
    wait_until(lambda: waiting(storm.system) == 0, "everything is processed", LEASE_AND_MORE_S)
    history.add(Settled)
    found = storm.audit()
    said.append(f"{'in the end':40} {found}; answers: {dict(history.answers)}")
    assert found.holds, found
    assert found.is_complete, found
    assert differences(storm.system) is None


def test_the_backup_and_what_tablets_send_again_are_all_that_was(
    storm: Storm, backup: Path, tmp_path: Path
) -> None:
    """On a new machine, where nothing is left but the backup, what is beside it, and the secret."""
    fleet = storm.fleet
    secret = (storm.system.home / "secret").read_text()
    storm.system.end()
    system = Installation(home=tmp_path / "new")
    try:
        begun = fleet.history.now()
        restored = system.json("db", "restore", str(backup))
        (system.home / "secret").write_text(secret)
        fleet.history.add(Restored, begun=begun, name=backup.name)
        system.json("serve", "--detach", *SERVE)
        at_first = storm.auditor.audit(system)
        assert at_first.holds, at_first
        assert 0 < restored["sessions"] <= at_first.stored < at_first.acknowledged
        fleet.move_to(system)
        fleet.ask_epoch()
        fleet.rest()
        wait_until(lambda: waiting(system) == 0, "everything is processed", LEASE_AND_MORE_S)
        fleet.history.add(Settled)
        found = storm.auditor.audit(system)
        said.append(f"{'a backup and what was sent again':40} {found}")
        assert found.holds, found
        assert found.is_complete, found
        assert differences(system) is None
    finally:
        system.end()
