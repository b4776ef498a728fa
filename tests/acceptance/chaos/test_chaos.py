"""Whatever happens to a part of the system while fifty tablets send: every game that a tablet was
told is stored is there, once, and nobody had to help."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.acceptance.chaos.conftest import ROUNDS, SEED, said
from tests.acceptance.chaos.faults import FAULTS, SERVE, Fault, Storm
from tests.acceptance.chaos.ledger import balance, differences, read_store
from tests.acceptance.chaos.tablets import Fleet
from tests.acceptance.installation import Installation, wait_until
from tests.acceptance.small_disk import small_disk

pytestmark = pytest.mark.slow

DISK = "400m"
LEASE_AND_MORE_S = 90.0
GAMES_AFTER_BACKUP = 200


def faults() -> list[Fault]:
    """Every fault, in the order of the list and then in others; the standstills come when the
    games of killed workers wait for their leases to end."""
    found = list(FAULTS)
    for number in range(1, ROUNDS):
        found += Random(f"{SEED} {number}").sample(FAULTS, len(FAULTS))
    return found


@dataclass(frozen=True, kw_only=True)
class Backup:
    """Its file, and the games that were acknowledged before it began."""

    file: Path
    before: set[str]


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Backup:
    return Backup(file=tmp_path_factory.mktemp("backup") / "a.dump", before=set())


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    home = tmp_path_factory.mktemp("chaos") / "home"
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
                storm = Storm(system=system, fleet=fleet, random=Random(SEED), small_disk=small)
                storm.wait_well()
                yield storm
            finally:
                fleet.end()
        finally:
            system.end()


@pytest.mark.parametrize("fault", faults(), ids=lambda fault: fault.__name__)
def test_no_game_is_lost_or_counted_twice_when(storm: Storm, fault: Fault) -> None:
    began = time.monotonic()
    fault(storm)
    storm.wait_well()
    took = time.monotonic() - began
    found = balance(storm.system, storm.fleet.ledger)
    said.append(f"{fault.__name__:40} {found}, well after {took:.0f} s")
    assert found.holds, found
    assert storm.fleet.ledger.complaints == []


def test_a_backup_is_made_while_tablets_send(storm: Storm, backup: Backup) -> None:
    acknowledged = storm.fleet.ledger.acknowledged
    backup.before.update(storm.fleet.ledger.all_acknowledged())
    written = storm.system.json("db", "backup", str(backup.file))
    assert written["secret"] == str(storm.system.home / "secret")
    known = len(acknowledged)
    wait_until(lambda: len(acknowledged) > known + GAMES_AFTER_BACKUP, "games go on")
    refused = storm.system.run("db", "restore", str(backup.file), "--yes")
    assert refused.code == 3
    assert "neuroplay stop" in refused.err


def test_in_the_end_every_game_is_processed_once(storm: Storm) -> None:
    storm.fleet.hand_in()
    ledger = storm.fleet.ledger
    wait_until(
        lambda: balance(storm.system, ledger).waiting == 0,
        "everything is processed",
        LEASE_AND_MORE_S,
    )
    found = balance(storm.system, ledger)
    said.append(f"{'in the end':40} {found}; answers: {dict(ledger.answers)}")
    assert found.holds, found
    assert found.acknowledged == found.stored == len(ledger.played)
    assert ledger.complaints == []
    assert all(tablet.fault is None for tablet in storm.fleet.tablets)
    assert differences(storm.system) is None


def test_the_backup_and_what_tablets_send_again_give_the_same_xp(
    storm: Storm, backup: Backup, tmp_path: Path
) -> None:
    """On a new machine, where nothing is left but the backup and the secret."""
    ledger = storm.fleet.ledger
    wanted = read_store(storm.system)[2]
    secret = (storm.system.home / "secret").read_text()
    storm.system.end()
    system = Installation(home=tmp_path / "new")
    try:
        restored = system.json("db", "restore", str(backup.file))
        (system.home / "secret").write_text(secret)
        system.json("serve", "--detach", *SERVE)
        assert read_store(system)[2] != wanted
        known_too = storm.random.sample(sorted(backup.before), GAMES_AFTER_BACKUP)
        storm.fleet.send_again(system, {*known_too, *(ledger.acknowledged - backup.before)})
        wait_until(lambda: balance(system, ledger).waiting == 0, "everything is processed")
        found = balance(system, ledger)
        said.append(f"{'a backup and what was sent again':40} {found}")
        assert found.holds, found
        assert found.stored == found.acknowledged > restored["sessions"] > 0
        assert read_store(system)[2] == wanted
        assert differences(system) is None
    finally:
        system.end()
