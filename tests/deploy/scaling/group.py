"""A control group of this machine: what the processes of one pod have used of the CPU, as a
cluster's metrics-server reads it, and how much they may use."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
PERIOD_US = 20_000
"""Short, so that a limited process stands still for moments only."""

JOIN = 'for group in $GROUPS_OF_POD; do echo $$ > "$group/cgroup.procs"; done; exec "$@"'


@dataclass(frozen=True)
class Group:
    folders: tuple[Path, ...]
    """One, or in version 1 those that account and that limit."""

    @property
    def command(self) -> list[str]:
        """Runs the words that follow it within the group."""
        names = " ".join(map(str, self.folders))
        return ["env", f"GROUPS_OF_POD={names}", "sh", "-c", JOIN, "sh"]

    def used_s(self) -> float:
        """Processor time of all its processes until now, those that have ended included."""
        first = self.folders[0]
        if (first / "cpuacct.usage").exists():
            return int((first / "cpuacct.usage").read_text()) / 1e9
        fields = dict(line.split() for line in (first / "cpu.stat").read_text().splitlines())
        return int(fields["usage_usec"]) / 1e6

    def take(self, pids: Sequence[int]) -> None:
        """Put running processes into the group."""
        for folder in self.folders:
            for pid in pids:
                (folder / "cgroup.procs").write_text(str(pid))

    def limit(self, cores: float) -> None:
        quota, last = int(cores * PERIOD_US), self.folders[-1]
        if (last / "cpu.max").exists():
            (last / "cpu.max").write_text(f"{quota} {PERIOD_US}")
        else:
            (last / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (last / "cpu.cfs_quota_us").write_text(str(quota))


def why_not() -> str:
    """Why this machine cannot make such groups; '' if it can."""
    if os.geteuid() != 0:
        return "only root can make control groups"
    return "" if _parents() else "this machine has no control groups for the CPU"


@contextmanager
def grouped(name: str) -> Iterator[Group]:
    """A new group; its processes must have ended by the end of the block."""
    made: list[Path] = []
    try:
        for parent in _parents():
            (parent / name).mkdir()
            made.append(parent / name)
        yield Group(tuple(made))
    finally:
        for folder in made:
            folder.rmdir()


def _parents() -> tuple[Path, ...]:
    controllers = ROOT / "cgroup.subtree_control"
    if controllers.exists():
        return (ROOT,) if "cpu" in controllers.read_text().split() else ()
    both = (ROOT / "cpuacct", ROOT / "cpu")
    if not all(os.access(one, os.W_OK) for one in both):
        return ()
    return both[:1] if both[0].samefile(both[1]) else both
