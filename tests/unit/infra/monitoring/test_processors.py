from __future__ import annotations

import os
from pathlib import Path

import pytest

from neuroplay.infra.monitoring.processors import (
    ProcessorUse,
    busy_processors,
    usable_processors,
)


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own"


def test_without_a_quota_it_is_the_affinity(tmp_path: Path, own: Path) -> None:
    assert usable_processors(tmp_path / "none", own) == len(os.sched_getaffinity(0))
    write(own, "0::/\n")
    write(tmp_path / "cpu.max", "max 100000\n")
    assert usable_processors(tmp_path, own) == len(os.sched_getaffinity(0))


def test_the_smallest_quota_of_a_group_and_those_above_it_counts(tmp_path: Path, own: Path) -> None:
    write(own, "0::/system.slice/neuroplay.service\n")
    write(tmp_path / "system.slice" / "cpu.max", "30000 100000\n")
    write(tmp_path / "system.slice" / "neuroplay.service" / "cpu.max", "60000 100000\n")
    assert usable_processors(tmp_path, own) == 0.3


def test_groups_of_version_1_have_quotas_too(tmp_path: Path, own: Path) -> None:
    write(own, "4:memory:/pod\n2:cpu,cpuacct:/pod\n0::/\n")
    write(tmp_path / "cpu,cpuacct" / "cpu.cfs_quota_us", "-1\n")
    write(tmp_path / "cpu,cpuacct" / "pod" / "cpu.cfs_quota_us", "12000\n")
    write(tmp_path / "cpu,cpuacct" / "pod" / "cpu.cfs_period_us", "20000\n")
    assert usable_processors(tmp_path, own) == 0.6


def test_a_path_that_this_container_does_not_see_is_its_root(tmp_path: Path, own: Path) -> None:
    write(own, "0::/../elsewhere/of-the-host\n")
    write(tmp_path / "cpu.max", "50000 100000\n")
    assert usable_processors(tmp_path, own) == 0.5


class Time:
    """Of a group that uses some processors, on a machine whose own are busy to some share."""

    def __init__(self, usage: Path, unit: str) -> None:
        self.now, self.busy = 100.0, [0.1] * 64
        self._usage, self._unit, self._used_s = usage, unit, 50.0
        self.passes(0, using=0)

    def passes(self, seconds: float, *, using: float) -> None:
        self.now += seconds
        self._used_s += seconds * using
        write(self._usage, self._unit.format(us=int(self._used_s * 1e6)))

    def use(self, groups: Path, own: Path) -> ProcessorUse:
        return ProcessorUse(groups, own, clock=lambda: self.now, busy=lambda: self.busy)


UNIFIED = ("0::/app\n", "app/cpu.max", "60000 100000\n", "app/cpu.stat", "usage_usec {us}\nnr 1\n")
TOGETHER = ("2:cpu,cpuacct:/app\n0::/\n", "cpu,cpuacct/app/cpu.cfs_quota_us", "60000\n",
            "cpu,cpuacct/app/cpuacct.usage", "{us}000\n")  # fmt: skip
APART = ("2:cpuacct:/app\n1:cpu:/app\n0::/\n", "cpu/app/cpu.cfs_quota_us", "60000\n",
         "cpuacct/app/cpuacct.usage", "{us}000\n")  # fmt: skip


@pytest.mark.parametrize("layout", [UNIFIED, TOGETHER, APART])
def test_use_is_the_share_of_the_quota(
    tmp_path: Path, own: Path, layout: tuple[str, str, str, str, str]
) -> None:
    groups, limit, quota, usage, unit = layout
    write(own, groups)
    write(tmp_path / limit, quota)
    write(tmp_path / limit.replace("quota", "period"), quota if "max" in limit else "100000\n")
    time = Time(tmp_path / usage, unit)
    use = time.use(tmp_path, own)
    time.passes(5, using=0.3)
    assert use.ratio() == pytest.approx(0.5)
    time.passes(5, using=0.6)
    assert use.ratio() == pytest.approx(1.0)
    time.passes(5, using=0.7)  # the end of a period may lie behind that of the measurement
    assert use.ratio() == 1.0
    time.passes(5, using=0.06)
    time.busy = [0.9] * 64
    assert use.ratio() == pytest.approx(0.9)


def test_without_a_quota_use_is_that_of_the_machine(tmp_path: Path, own: Path) -> None:
    assert Time(tmp_path / "none", "").use(tmp_path, own).ratio() == pytest.approx(0.1)


def test_use_of_a_group_that_something_else_accounts_is_not_guessed(
    tmp_path: Path, own: Path
) -> None:
    write(own, "2:cpuacct:/other\n1:cpu:/app\n")
    write(tmp_path / "cpu" / "app" / "cpu.cfs_quota_us", "60000\n")
    write(tmp_path / "cpu" / "app" / "cpu.cfs_period_us", "100000\n")
    time = Time(tmp_path / "cpuacct" / "other" / "cpuacct.usage", "{us}000\n")
    use = time.use(tmp_path, own)
    time.passes(5, using=0.6)
    assert use.ratio() == pytest.approx(0.1)


def test_only_the_processors_of_the_affinity_count(tmp_path: Path, own: Path) -> None:
    time = Time(tmp_path / "none", "")
    first = min(os.sched_getaffinity(0))
    time.busy = [0.7 if one == first else 0.1 for one in range(64)]
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {first})
    try:
        assert time.use(tmp_path, own).ratio() == pytest.approx(0.7)
    finally:
        os.sched_setaffinity(0, before)


def test_each_processor_of_this_machine_is_busy_to_some_share() -> None:
    busy_processors()
    found = busy_processors()
    assert len(found) > max(os.sched_getaffinity(0))
    assert all(0 <= one <= 1 for one in found)
