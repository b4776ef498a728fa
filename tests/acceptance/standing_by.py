"""An installation with a standby, and tablets that notice whatever fails."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psutil

from tests.acceptance.chaos.books import Audit, Auditor, differences, waiting
from tests.acceptance.chaos.tablets import Fleet
from tests.acceptance.installation import Installation, wait_until

LONGEST_ANSWER_S = 4.0
"""After this the API would answer 503."""


@dataclass(frozen=True, kw_only=True)
class Restored:
    """A system that came back elsewhere. `seconds` is from the first command to the first answer
    of the API, `audit` what its books had then. The history knows of no restore: everything that
    was acknowledged must be there."""

    system: Installation
    auditor: Auditor
    audit: Audit
    seconds: float
    restore_seconds: float


def with_standby(folder: Path, standby: Path) -> Installation:
    folder.chmod(0o755)  # the service's user enters it
    return Installation(home=folder / "home", settings={"NEUROPLAY_WAL_DIR": str(standby)})


def health(system: Installation) -> str:
    """What /health says of the standby."""
    _, document = system.get("/health")
    return str((document or {"checks": {}})["checks"].get("standby", ""))


def wait_copied(system: Installation) -> None:
    """Until a restore would have everything."""
    wait_until(lambda: health(system) == "ok", "the standby has everything")


def standby_pids(system: Installation) -> list[int]:
    """The program that keeps the standby, and the programs that it runs."""
    pid = system.status()["standby"]["pid"]
    children = psutil.Process(pid).children(recursive=True)
    return [pid, *(child.pid for child in children)]


def receiver(system: Installation) -> psutil.Process:
    """The running pg_receivewal."""

    def found() -> list[psutil.Process]:
        pid = system.status()["standby"]["pid"]
        every = psutil.Process(pid).children(recursive=True) if pid else []
        return [one for one in every if one.name() == "pg_receivewal"]

    wait_until(found, "pg_receivewal runs")
    return found()[0]


def set_back(standby: Path, by: timedelta) -> None:
    """Make all base backups older, for which nobody waits here. Who keeps the standby looks when it
    begins to receive."""
    for file in standby.glob("series-*/base/*.json"):
        base = json.loads(file.read_text())
        for name in ("began", "ended"):
            base[name] = (datetime.fromisoformat(base[name]) - by).isoformat()
        file.write_text(json.dumps(base))


@contextmanager
def nobody_notices(fleet: Fleet) -> Iterator[None]:
    """Meanwhile every request is answered, and games are acknowledged without a longer pause."""
    before, began = fleet.history.answers.copy(), fleet.history.now()
    yield
    failed = fleet.history.answers - before
    for well in ("200", "202", "broken off"):
        failed.pop(well, None)
    assert not failed, failed
    assert fleet.history.longest_silence(began) < LONGEST_ANSWER_S


def wait_acknowledged(fleet: Fleet, more: int) -> None:
    wanted = len(fleet.history.acknowledged) + more
    wait_until(lambda: len(fleet.history.acknowledged) >= wanted, f"{wanted} games acknowledged")


def burn_and_restore(fleet: Fleet, standby: Path, folder: Path) -> Restored:
    """Kill everything under load, remove the home, and restore into another one. What is left of
    the first one is the standby and the secret."""
    burnt = fleet.system
    secret = folder / "secret"
    shutil.copy(burnt.home / "secret", secret)
    burnt.kill()
    fleet.end()
    shutil.rmtree(burnt.home)
    began = time.monotonic()
    home = folder / "restored"
    home.mkdir(mode=0o711)
    shutil.copy(secret, home / "secret")
    system = Installation(home=home)
    done = system.run("db", "restore", str(standby), "--json", timeout_s=600)
    assert done.code == 0, done
    found = json.loads(done.out)
    assert found["complete"]
    assert system.run("serve", "--detach", "--no-demo").code == 0
    seconds = time.monotonic() - began
    auditor = Auditor(fleet.history)
    return Restored(
        system=system,
        auditor=auditor,
        audit=auditor.audit(system),
        seconds=seconds,
        restore_seconds=found["seconds"],
    )


def settled(restored: Restored) -> Audit:
    """What the books have when the workers have caught up."""
    wait_until(lambda: waiting(restored.system) == 0, "everything is processed", patience_s=90)
    assert differences(restored.system) is None
    return restored.auditor.audit(restored.system)
