"""How many processors this process may use: by its affinity, and by the quotas of its control
groups (version 1 or 2), as containers and systemd set them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


def usable_processors(groups: Path = GROUPS, own: Path = OWN) -> float:
    """1.2 for a quota of 120 ms in each 100 ms."""
    return min([float(len(os.sched_getaffinity(0))), *_quotas(groups, own)])


def _quotas(groups: Path, own: Path) -> Iterator[float]:
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if "cpu" in controllers.split(",") or (number == "0" and not controllers):
            root = groups / controllers if controllers else groups
            folder = root / path.lstrip("/")
            # Within a container the path may be that of the host, and the folder is the root.
            for one in (folder, *folder.parents):
                yield from _quota(one)
                if one == root:
                    break


def _quota(folder: Path) -> Iterator[float]:
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
            yield int(quota) / int(period)
