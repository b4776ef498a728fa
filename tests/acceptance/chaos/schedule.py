"""What happens to a system under tablets, in an order that a seed decides: parts are killed or
stand still, clocks are set, children erased, backups made and restored. At the end the whole
history must hold, and nothing that was played be missing.

The same seed gives the same order, not the same race: a seed that failed may pass. It is kept in
seeds.txt all the same, and tried whenever `make test-deploy` runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Generic, Protocol, TypeVar

from tests.acceptance.chaos.books import Audit, Auditor, waiting
from tests.acceptance.chaos.history import BackedUp, Erased, Erasing, Restored, Settled
from tests.acceptance.chaos.tablets import Fleet
from tests.acceptance.installation import Installation, wait_until

SEEDS = Path(__file__).parent / "seeds.txt"
LEASE_AND_MORE_S = 90.0


class Ground(Protocol):
    """A system with its tablets. `system` takes commands while it is stopped, too."""

    @property
    def system(self) -> Installation: ...
    @property
    def fleet(self) -> Fleet: ...
    @property
    def auditor(self) -> Auditor: ...
    @property
    def folder(self) -> Path: ...
    @property
    def random(self) -> Random: ...

    def stop(self) -> None: ...
    def start(self) -> None: ...
    def wait_well(self) -> None:
        """Games are accepted and processed."""


_G = TypeVar("_G", bound=Ground)
_Step = Callable[[_G], None]


def a_backup_is_made(ground: Ground) -> None:
    history = ground.fleet.history
    file = ground.folder / f"{round(history.now() * 1e6)}.dump"
    begun = history.now()
    ground.system.json("db", "backup", str(file))
    history.add(BackedUp, begun=begun, name=file.name)


def a_child_is_erased(ground: Ground) -> None:
    history = ground.fleet.history
    there = sorted({tablet.student for tablet in ground.fleet.tablets if tablet.is_alive()})
    student = ground.random.choice(there)
    history.add(Erasing, student=student)
    ground.system.json("student", "erase", f"id:{student}", "--yes")
    history.add(Erased, student=student)


def a_backup_is_restored(ground: Ground) -> None:
    """The newest. The tablets learn of it, and send again what it has not."""
    history = ground.fleet.history
    ground.stop()
    file = max(ground.folder.glob("*.dump"), key=lambda one: int(one.stem))
    begun = history.now()
    ground.system.json("db", "restore", str(file), "--yes")
    history.add(Restored, begun=begun, name=file.name)
    ground.start()
    ground.fleet.ask_epoch()


ALWAYS = (a_backup_is_made, a_child_is_erased, a_backup_is_restored)


def course(seed: int, faults: Sequence[_Step[_G]], length: int) -> list[_Step[_G]]:
    """So many of the faults, each at most once, and what always happens, in some order."""
    random = Random(f"course {seed}")
    steps: list[_Step[_G]] = [*random.sample(faults, min(length, len(faults))), *ALWAYS]
    while True:
        random.shuffle(steps)
        if steps.index(a_backup_is_made) < steps.index(a_backup_is_restored):
            return steps


@dataclass(kw_only=True)
class Run(Generic[_G]):
    """The course of a seed with `length` of the faults; `said` are lines for people."""

    ground: _G
    seed: int
    faults: Sequence[_Step[_G]]
    length: int
    said: list[str] = field(default_factory=list)

    def through(self) -> Audit:
        """The last audit, or the first that does not hold. A seed that fails is kept."""
        try:
            found = self._through(course(self.seed, self.faults, self.length))
        except AssertionError as error:  # something was waited for in vain
            self._keep(str(error).partition("\n")[0])
            raise
        if found.contradiction:
            self._keep(found.contradiction.name)
        return found

    def _through(self, steps: Sequence[_Step[_G]]) -> Audit:
        ground = self.ground
        for step in steps:
            began = time.monotonic()
            step(ground)
            ground.wait_well()
            found = self._audit(f"{step.__name__}, {time.monotonic() - began:.0f} s")
            if not found.holds:
                return found
        ground.fleet.rest()
        wait_until(lambda: not waiting(ground.system), "all is processed", LEASE_AND_MORE_S)
        ground.fleet.history.add(Settled)
        found = self._audit("in the end")
        ground.fleet.play_on()
        return found

    def _audit(self, after: str) -> Audit:
        found = self.ground.auditor.audit(self.ground.system)
        self.said.append(f"{after:40} {found}")
        return found

    def _keep(self, what: str) -> None:
        line = f"{type(self.ground).__name__} {self.seed} {self.length} {what}\n"
        if line not in SEEDS.read_text():
            with SEEDS.open("a") as file:
                file.write(line)


def kept(ground: type[Ground]) -> list[tuple[int, int]]:
    """The (seed, length) of the courses that once failed on such a ground."""
    rows = [line.split() for line in SEEDS.read_text().splitlines() if not line.startswith("#")]
    return [(int(seed), int(length)) for name, seed, length, *_ in rows if name == ground.__name__]
