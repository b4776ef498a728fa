"""How many processors this process may use, by its affinity and by the quotas of its control groups
(version 1 or 2), as containers and systemd set them; and how much of these is in use."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


def usable_processors(groups: Path = GROUPS, own: Path = OWN) -> float:
    """1.2 for a quota of 120 ms in each 100 ms."""
    quotas = (one.processors for one in _quotas(groups, own))
    return min([float(len(os.sched_getaffinity(0))), *quotas])


def busy_processors() -> list[float]:
    """The share of each processor of the machine that was in use since the last call, 0 to 1; all 0
    in the first call."""
    import psutil

    return [one / 100 for one in psutil.cpu_percent(interval=None, percpu=True)]


class ProcessorUse:
    """The share of the usable processors that is in use: of a group's quota, what all processes of
    the group use; of the processors of the affinity, what all of the machine use. Where both limit,
    the higher share counts, as it ends first."""

    def __init__(
        self,
        groups: Path = GROUPS,
        own: Path = OWN,
        *,
        clock: Callable[[], float] = time.monotonic,
        busy: Callable[[], Sequence[float]] = busy_processors,
    ) -> None:
        self._groups, self._own, self._clock, self._busy = groups, own, clock, busy
        self._at, self._used = clock(), self._used_s()
        busy()

    def ratio(self) -> float:
        """Since the last call or the start, 0 to 1."""
        before, self._at = self._at, self._clock()
        used_before, self._used = self._used, self._used_s()
        busy = self._busy()
        own = [busy[one] for one in os.sched_getaffinity(0) if one < len(busy)] or busy
        shares = [sum(own) / len(own)]
        for quota, used_s in self._used.items():
            if quota in used_before and self._at > before:
                took_s = quota.processors * (self._at - before)
                shares.append((used_s - used_before[quota]) / took_s)
        return min(max(shares), 1.0)

    def _used_s(self) -> dict[Quota, float]:
        found = ((one, one.used_s()) for one in _quotas(self._groups, self._own))
        return {one: used_s for one, used_s in found if used_s is not None}


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """Of a control group."""

    processors: float
    accounts: Path
    """The folder that says what the group has used."""

    def used_s(self) -> float | None:
        """Seconds of processor time so far; None if nothing says it."""
        for file, wanted, unit in (
            ("cpuacct.usage", r"(\d+)", 1e9),
            ("cpu.stat", r"(?s).*usage_usec (\d+)", 1e6),
        ):
            with suppress(OSError):
                if found := re.match(wanted, (self.accounts / file).read_text()):
                    return int(found[1]) / unit
        return None


def _quotas(groups: Path, own: Path) -> Iterator[Quota]:
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return
    folders: dict[str, tuple[Path, Path]] = {}
    for line in lines:
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        root = groups / controllers if controllers else groups
        names = controllers.split(",") if controllers else ["cpu", "cpuacct"] * (number == "0")
        for name in names:
            # Version 1 comes first, and limits where both are mounted.
            folders.setdefault(name, (root, root / path.lstrip("/")))
    if "cpu" not in folders:
        return
    root, folder = folders["cpu"]
    accounts_root, accounts = folders.get("cpuacct", folders["cpu"])
    # Within a container the path may be that of the host, and the folder is the root.
    for one in (folder, *folder.parents):
        same = accounts_root / one.relative_to(root)
        yield from _quota(one, same if same in (accounts, *accounts.parents) else one)
        if one == root:
            break


def _quota(folder: Path, accounts: Path) -> Iterator[Quota]:
    for quota_file, period_file in (
        ("cpu.max", "cpu.max"),
        ("cpu.cfs_quota_us", "cpu.cfs_period_us"),
    ):
        try:
            quota = (folder / quota_file).read_text().split()[0]
            period = (folder / period_file).read_text().split()[-1]
        except (OSError, IndexError):
            continue
        if quota.isdigit() and int(period):
            yield Quota(processors=int(quota) / int(period), accounts=accounts)
